import { z } from "zod";
import { needs } from "../kit/access/rules.ts";
import { googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { type RestMethod, type Taking, taking } from "../kit/rest-table.ts";
import { type Dashboard, type Monitoring, nextNumber, recordsIn } from "./state.ts";

/** What the fault plan calls the service. */
const SERVICE = "google.monitoring.dashboard.v1.DashboardsService";
const PAGES = { defaultSize: 1000, maxSize: 1000 };

const Layout = z.record(z.string(), z.unknown()).optional();
const LAYOUTS = ["gridLayout", "mosaicLayout", "rowLayout", "columnLayout"] as const;

/** A layout is kept as it is given. */
const Content = z
  .strictObject({
    name: z.string().optional(),
    displayName: z.string().min(1, "A display name is required"),
    etag: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    dashboardFilters: z.array(z.unknown()).optional(),
    annotations: Layout,
    gridLayout: Layout,
    mosaicLayout: Layout,
    rowLayout: Layout,
    columnLayout: Layout,
  })
  .refine(
    (given) => LAYOUTS.filter((layout) => layout in given).length <= 1,
    "A dashboard has one layout",
  );

const ByName = z.strictObject({ name: z.string() });
const List = z.strictObject({
  parent: z.string(),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
});
const Create = z.strictObject({ parent: z.string(), dashboard: Content });
const Update = z.strictObject({ name: z.string(), dashboard: Content });

/**
 * `projects.dashboards`, which are another package's, over REST only.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards
 */
export function dashboardMethods({ state }: Monitoring): readonly RestMethod[] {
  const { dashboards } = state;
  const keep = (dashboard: Dashboard): Dashboard => {
    dashboards.set(dashboard.name, dashboard);
    return dashboard;
  };
  const find = (name: string): Dashboard => {
    const found = dashboards.get(name);
    if (found === undefined) {
      throw googleError("NOT_FOUND", `The dashboard '${name}' does not exist.`);
    }
    return found;
  };
  const takings: Readonly<Record<Verb, Taking>> = {
    List: taking(List, ({ parent, ...page }) => {
      const { items, nextPageToken } = paginate(recordsIn(dashboards, parent), page, PAGES);
      return { dashboards: items, ...(nextPageToken !== "" && { nextPageToken }) };
    }),
    Create: taking(Create, ({ parent, dashboard }) => {
      const name = `${parent}/dashboards/${nextNumber(state)}`;
      return keep({ ...dashboard, name, etag: "1" });
    }),
    Get: taking(ByName, ({ name }) => find(name)),
    Update: taking(Update, ({ name, dashboard }) => {
      const { etag } = find(name);
      if (dashboard.etag !== etag) {
        throw googleError("ABORTED", "The etag is not that of the dashboard as it is now.");
      }
      return keep({ ...dashboard, name, etag: String(Number(etag) + 1) });
    }),
    Delete: taking(ByName, ({ name }) => {
      dashboards.delete(find(name).name);
      return {};
    }),
  };
  return VERBS.map((verb) => method(verb, takings[verb]));
}

const VERBS = ["List", "Create", "Get", "Update", "Delete"] as const;
type Verb = (typeof VERBS)[number];

const HTTP_VERBS = {
  List: "GET",
  Create: "POST",
  Get: "GET",
  Update: "PATCH",
  Delete: "DELETE",
} as const;

function method(verb: Verb, takes: Taking): RestMethod {
  const isOnAll = verb === "List" || verb === "Create";
  const path = isOnAll ? "{parent=projects/*}/dashboards" : "{name=projects/*/dashboards/*}";
  return {
    name: `${SERVICE}/${verb}Dashboard${verb === "List" ? "s" : ""}`,
    at: [HTTP_VERBS[verb], `/v1/${path}`],
    needs: needs(`monitoring.dashboards.${verb.toLowerCase()}`, isOnAll ? "parent" : "name"),
    ...((verb === "Create" || verb === "Update") && { body: "dashboard" }),
    takes,
  };
}
