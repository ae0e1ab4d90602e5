import { z } from "zod";
import { type Collection, collection } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import { badRequest } from "../kit/google-error.ts";
import { type Monitoring, nextNumber, notFound } from "./state.ts";

const Layout = z.record(z.string(), z.unknown()).optional();
const LAYOUTS = ["gridLayout", "mosaicLayout", "rowLayout", "columnLayout"] as const;

const FIELDS = saidFields(
  {
    displayName: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    dashboardFilters: z.array(z.unknown()).optional(),
    annotations: Layout,
    ...Object.fromEntries(LAYOUTS.map((layout) => [layout, Layout])),
  },
  { outputOnly: [], required: ["displayName"] },
);

/**
 * `projects.dashboards`, which are another package's; a layout is kept as it is given.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards
 */
export function dashboardCollection(monitoring: () => Monitoring): Collection<object, object> {
  return collection<object, object>({
    type: "Dashboard",
    pattern: "projects/*/dashboards/*",
    permission: "monitoring.dashboards",
    verbs: ["create", "get", "list", "update", "delete"],
    fields: { ...FIELDS, stamps: new Set(["etag"]) },
    ids: { pattern: /^\d+$/, rule: "left out", make: () => String(nextNumber(monitoring())) },
    pages: { defaultSize: 1_000, maxSize: 1_000 },
    refusals: { notFound: (name) => notFound("Dashboard", name) },
    create: checkLayout,
    update: checkLayout,
  });
}

function checkLayout(dashboard: object): object {
  if (LAYOUTS.filter((layout) => layout in dashboard).length > 1) {
    throw badRequest("dashboard", "A dashboard has one layout");
  }
  return {};
}
