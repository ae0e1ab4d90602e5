import { z } from "zod";
import { needs } from "../kit/access/rules.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { type RestMethod, type Taking, taking } from "../kit/rest-table.ts";
import { type Monitoring, nextNumber, type StoredDashboard } from "./state.ts";

/** What the fault plan calls the service. */
const SERVICE = "google.monitoring.dashboard.v1.DashboardsService";
const PAGES = { defaultSize: 1000, maxSize: 1000 };

const Layout = z.record(z.string(), z.unknown()).optional();
const LAYOUTS = ["gridLayout", "mosaicLayout", "rowLayout", "columnLayout"] as const;

/** A layout is kept as it is given. */
const Dashboard = z.strictObject({
  name: z.string().optional(),
  displayName: z.string().default(""),
  etag: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  dashboardFilters: z.array(z.unknown()).optional(),
  annotations: Layout,
  gridLayout: Layout,
  mosaicLayout: Layout,
  rowLayout: Layout,
  columnLayout: Layout,
});

const ByName = z.strictObject({ name: z.string() });
const List = z.strictObject({
  parent: z.string(),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
});
const validateOnly = z.boolean().optional();
const Create = z.strictObject({ parent: z.string(), dashboard: Dashboard, validateOnly });
const Update = z.strictObject({ name: z.string(), dashboard: Dashboard, validateOnly });

/**
 * `projects.dashboards`, which are another package's, over REST only.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards
 */
export function dashboardMethods(monitoring: Monitoring): readonly RestMethod[] {
  const { state } = monitoring;
  const collection = "/v1/{parent=projects/*}/dashboards";
  const one = "/v1/{name=projects/*/dashboards/*}";
  const keep = (dashboard: StoredDashboard): StoredDashboard => {
    state.dashboards.set(dashboard.name, dashboard);
    return dashboard;
  };
  return [
    method(
      "List",
      ["GET", collection],
      taking(List, (request) => list(monitoring, request)),
    ),
    method(
      "Create",
      ["POST", collection],
      taking(Create, ({ parent, dashboard }) => {
        const name = `${parent}/dashboards/${nextNumber(state)}`;
        return keep({ ...check(dashboard), name, etag: "1" });
      }),
    ),
    method(
      "Get",
      ["GET", one],
      taking(ByName, ({ name }) => find(monitoring, name)),
    ),
    method(
      "Update",
      ["PATCH", one],
      taking(Update, ({ name, dashboard }) => {
        const { etag } = find(monitoring, name);
        const given = check(dashboard);
        if (given.etag !== etag) {
          throw googleError("ABORTED", "The etag is not that of the dashboard as it is now.");
        }
        return keep({ ...given, name, etag: String(Number(etag) + 1) });
      }),
    ),
    method(
      "Delete",
      ["DELETE", one],
      taking(ByName, ({ name }) => {
        state.dashboards.delete(find(monitoring, name).name);
        return {};
      }),
    ),
  ];
}

function method(verb: string, at: RestMethod["at"], taken: Taking): RestMethod {
  const name = `${SERVICE}/${verb}Dashboard${verb === "List" ? "s" : ""}`;
  const field = /^(?:List|Create)$/.test(verb) ? "parent" : "name";
  const rule = needs(`monitoring.dashboards.${verb.toLowerCase()}`, field);
  const isWrite = verb === "Create" || verb === "Update";
  return { name, at, needs: rule, ...(isWrite && { body: "dashboard" }), takes: taken };
}

function list({ state }: Monitoring, { parent, ...page }: z.infer<typeof List>): unknown {
  const own = [...state.dashboards.values()].filter(({ name }) => name.startsWith(`${parent}/`));
  const { items, nextPageToken } = paginate(own, page, PAGES);
  return { dashboards: items, ...(nextPageToken !== "" && { nextPageToken }) };
}

function find({ state }: Monitoring, name: string): StoredDashboard {
  const found = state.dashboards.get(name);
  if (found === undefined) {
    throw googleError("NOT_FOUND", `The dashboard '${name}' does not exist.`);
  }
  return found;
}

function check(dashboard: z.infer<typeof Dashboard>): z.infer<typeof Dashboard> {
  if (dashboard.displayName === "") {
    throw badRequest("dashboard.display_name", "A display name is required");
  }
  if (LAYOUTS.filter((layout) => layout in dashboard).length > 1) {
    throw badRequest("dashboard", "A dashboard has one layout");
  }
  return dashboard;
}
