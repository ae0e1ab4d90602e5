import type { Context, Hono } from "hono";
import { z } from "zod";
import { parseJson, readBody } from "../kit/body.ts";
import { checked } from "../kit/checked.ts";
import { googleError } from "../kit/google-error.ts";
import type { Incidents } from "./incident-control.ts";
import { toAlert } from "./operations-alerts.ts";

const Labels = z.record(z.string(), z.string());

const Opening = z.strictObject({
  condition: z.string().optional(),
  resource: z.strictObject({ type: z.string().optional(), labels: Labels.optional() }).optional(),
  metric: z.strictObject({ labels: Labels.optional() }).optional(),
  logLabels: Labels.optional(),
  severity: z.enum(["CRITICAL", "ERROR", "WARNING"]).optional(),
  summary: z.string().optional(),
  observedValue: z.string().optional(),
});

const Closing = z.strictObject({
  alert: z.string().optional(),
  observedValue: z.string().optional(),
});

const BASE = "/emulator/v1";

/**
 * Routes that the service does not have: what it would measure is said here instead.
 * `POST /emulator/v1/projects/P/alertPolicies/ID:open` and `:close`,
 * `POST /emulator/v1/projects/P/notificationChannels/ID:test`.
 */
export function addAdminRoutes(app: Hono, incidents: Incidents): void {
  app.post(`${BASE}/projects/:project/alertPolicies/:target`, async (c) => {
    const { name, verb } = readTarget(c, "alertPolicies");
    switch (verb) {
      case "open":
        return c.json(toAlert(incidents.open(name, await readAs(c, Opening))));
      case "close": {
        const closed = incidents.close(name, await readAs(c, Closing));
        return c.json({ alerts: closed.map(toAlert) });
      }
      default:
        throw googleError(
          "NOT_FOUND",
          `There is no ":${verb}" for a policy; only :open and :close.`,
        );
    }
  });
  app.post(`${BASE}/projects/:project/notificationChannels/:target`, (c) => {
    const { name, verb } = readTarget(c, "notificationChannels");
    if (verb !== "test") {
      throw googleError("NOT_FOUND", `There is no ":${verb}" for a channel; only :test.`);
    }
    incidents.test(name);
    return c.json({});
  });
}

/** `projects/P/alertPolicies/ID` and the verb after its colon. */
function readTarget(
  c: Context,
  collection: string,
): { readonly name: string; readonly verb: string } {
  const { project = "", target = "" } = c.req.param();
  const [id = "", verb = ""] = decodeURIComponent(target).split(":");
  return { name: `projects/${project}/${collection}/${id}`, verb };
}

async function readAs<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  const text = await readBody(c.req.raw);
  return checked(schema, text.trim() === "" ? {} : parseJson(text));
}
