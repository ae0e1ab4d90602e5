import type { Context, Hono } from "hono";
import { z } from "zod";
import { parseJson, readBody } from "../kit/body.ts";
import { type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { type Monitoring, nextNumber, type StoredDashboard } from "./state.ts";

/** What the fault plan calls the service that the routes stand for. */
const SERVICE = "google.monitoring.dashboard.v1.DashboardsService";
const PAGES = { defaultSize: 1000, maxSize: 1000 };

const LAYOUTS = ["gridLayout", "mosaicLayout", "rowLayout", "columnLayout"] as const;

const Dashboard = z.looseObject({
  displayName: z.string().min(1),
  etag: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

const METHODS = [
  "ListDashboards",
  "CreateDashboard",
  "GetDashboard",
  "UpdateDashboard",
  "DeleteDashboard",
] as const;
type Method = (typeof METHODS)[number];

/**
 * Serves `projects.dashboards`, which are another package's, over REST only. A layout is kept as it is given.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards
 */
export function addDashboardRoutes(app: Hono, monitoring: Monitoring, faults: FaultPlan): void {
  faults.declare(METHODS.map((method) => `${SERVICE}/${method}`));
  const { state } = monitoring;
  const keep = (dashboard: StoredDashboard): StoredDashboard => {
    state.dashboards.set(dashboard.name, dashboard);
    return dashboard;
  };
  const on = async (c: Context, method: Method, run: () => unknown): Promise<Response> => {
    const call = { faults, clock: monitoring.clock, method: `${SERVICE}/${method}` };
    return runWithFaults(call, async () => c.json(await run()));
  };
  const parent = "/v1/projects/:project/dashboards";
  app.get(parent, async (c) => on(c, "ListDashboards", () => list(monitoring, c)));
  app.post(parent, async (c) =>
    on(c, "CreateDashboard", async () => {
      const given = check(parseJson(await readBody(c.req.raw)));
      const name = `projects/${c.req.param("project")}/dashboards/${nextNumber(state)}`;
      return keep({ ...given, name, etag: "1" });
    }),
  );
  app.get(`${parent}/:id`, async (c) => on(c, "GetDashboard", () => find(monitoring, c)));
  app.patch(`${parent}/:id`, async (c) =>
    on(c, "UpdateDashboard", async () => {
      const { name, etag } = find(monitoring, c);
      const given = check(parseJson(await readBody(c.req.raw)));
      if (given.etag !== etag) {
        throw googleError("ABORTED", "The etag is not that of the dashboard as it is now.");
      }
      return keep({ ...given, name, etag: String(Number(etag) + 1) });
    }),
  );
  app.delete(`${parent}/:id`, async (c) =>
    on(c, "DeleteDashboard", () => {
      state.dashboards.delete(find(monitoring, c).name);
      return {};
    }),
  );
}

function list({ state }: Monitoring, c: Context): unknown {
  const prefix = `projects/${c.req.param("project") ?? ""}/`;
  const own = [...state.dashboards.values()].filter(({ name }) => name.startsWith(prefix));
  const { pageSize = "0", pageToken = "" } = c.req.query();
  const page = paginate(own, { pageSize: Number(pageSize), pageToken }, PAGES);
  const { items, nextPageToken } = page;
  return { dashboards: items, ...(nextPageToken !== "" && { nextPageToken }) };
}

function find({ state }: Monitoring, c: Context): StoredDashboard {
  const name = `projects/${c.req.param("project") ?? ""}/dashboards/${c.req.param("id") ?? ""}`;
  const found = state.dashboards.get(name);
  if (found === undefined) {
    throw googleError("NOT_FOUND", `The dashboard '${name}' does not exist.`);
  }
  return found;
}

function check(body: unknown): z.output<typeof Dashboard> {
  const parsed = Dashboard.safeParse(body);
  if (!parsed.success) {
    throw badRequest("dashboard.display_name", "A display name is required");
  }
  if (LAYOUTS.filter((layout) => layout in parsed.data).length > 1) {
    throw badRequest("dashboard", "A dashboard has one layout");
  }
  return parsed.data;
}
