import { LOCAL_DATABASE, LOCAL_PROJECT } from "../../infra/local/settings.ts";

/** The database with the indexes over all services, as an installation makes them: other queries need none. */
export const DATABASE = {
  name: `projects/${LOCAL_PROJECT}/databases/${LOCAL_DATABASE}`,
  groupFields: [
    { collection: "promotions", field: "id", order: "ASCENDING" },
    { collection: "timeline", field: "since", order: "DESCENDING" },
    { collection: "audit", field: "happenedAt", order: "DESCENDING" },
  ],
} as const;
