import type { Context, Hono } from "hono";
import { readBody } from "../kit/body.ts";
import { toTimestamp } from "../kit/clock.ts";
import { googleError } from "../kit/google-error.ts";
import { keepsLogs } from "./settings.ts";
import { invalid } from "./sql-error.ts";
import {
  changeInstance,
  type CloudSql,
  findInstance,
  type Instance,
  type InstanceRequest,
} from "./state.ts";

const PATH = "/emulator/v1/projects/:project/instances/:instance/content";

/** How large the marker may be, in characters. */
const CONTENT_LENGTH_MAX = 65_536;

const DAY_MS = 86_400_000;

/**
 * Adds the data plane: an instance's data is one text, read and written here. The service has nothing
 * like it; it stands for what a client of the database would see.
 */
export function addContentRoutes(app: Hono, sql: CloudSql): void {
  app.get(PATH, (c) => answer(c, findInstance(sql, c.req.param())));
  app.put(PATH, async (c) => {
    const text = await readBody(c.req.raw);
    const instance = findInstance(sql, c.req.param());
    const { name, state } = instance;
    if (state !== "RUNNABLE") {
      throw googleError("FAILED_PRECONDITION", `${name} cannot be written: ${state}.`);
    }
    if (text.length > CONTENT_LENGTH_MAX) {
      throw googleError("INVALID_ARGUMENT", `More than ${CONTENT_LENGTH_MAX} characters`);
    }
    return answer(c, changeInstance(sql, instance, { hidden: holding(instance, text) }));
  });
}

function answer(c: Context, { hidden }: Instance): Response {
  const { text, version } = hidden.content;
  return c.text(text, 200, { "x-content-version": String(version) });
}

/** What an instance hides when it holds another text. */
export function holding({ hidden }: Instance, text: string): Instance["hidden"] {
  return { ...hidden, content: { version: hidden.content.version + 1, text } };
}

/** An instance whose settings or data changed, with since when its transaction logs are kept. */
export function keepLogs(instance: Instance, nowMs: number): Instance {
  const isKept = keepsLogs(instance.settings.backupConfiguration ?? {});
  const logsSinceMs = isKept ? (instance.hidden.logsSinceMs ?? nowMs) : null;
  return { ...instance, hidden: { ...instance.hidden, logsSinceMs } };
}

/** SqlInstancesService.GetLatestRecoveryTime */
export function getLatestRecoveryTime(
  sql: CloudSql,
  request: InstanceRequest,
  nowMs: number,
): object {
  const { hidden, settings } = findInstance(sql, request);
  if (hidden.logsSinceMs === null) {
    throw invalid("point in time recovery is not enabled for this instance.");
  }
  const { transactionLogRetentionDays: days = 0 } = settings.backupConfiguration ?? {};
  return {
    kind: "sql#getLatestRecoveryTime",
    earliestRecoveryTime: toTimestamp(Math.max(hidden.logsSinceMs, nowMs - days * DAY_MS)),
    latestRecoveryTime: toTimestamp(nowMs),
  };
}
