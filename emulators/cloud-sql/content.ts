import { googleError } from "../kit/google-error.ts";
import { keepsLogs, logDays } from "./settings.ts";
import {
  type CloudSql,
  type ContentVersion,
  type InstanceRecord,
  type State,
  toKey,
} from "./state.ts";

/** How large the marker may be, in characters. */
const CONTENT_LENGTH_MAX = 65_536;

const DAY_MS = 86_400_000;

/** The times to which an instance can be recovered, in milliseconds since the epoch. */
type RecoveryWindow = { readonly earliestMs: number; readonly latestMs: number };

/** What an instance holds; a read replica holds what its primary holds. */
export function currentContent(state: State, instance: InstanceRecord): ContentVersion {
  const { masterInstanceName } = instance.resource;
  const { project } = instance;
  const primary =
    masterInstanceName === undefined
      ? undefined
      : state.instances.get(toKey({ project, name: masterInstanceName }));
  return (primary ?? instance).content;
}

/**
 * Puts other data into a running instance.
 * @throws GoogleError FAILED_PRECONDITION when it does not run or is a read replica, INVALID_ARGUMENT
 * when the text is too long.
 */
export function writeContent(state: State, instance: InstanceRecord, text: string): ContentVersion {
  if (instance.state !== "RUNNABLE" || instance.resource.masterInstanceName !== undefined) {
    throw googleError(
      "FAILED_PRECONDITION",
      `${instance.name} cannot be written: ${instance.state}.`,
    );
  }
  if (text.length > CONTENT_LENGTH_MAX) {
    throw googleError("INVALID_ARGUMENT", `More than ${CONTENT_LENGTH_MAX} characters`);
  }
  const content = { version: currentContent(state, instance).version + 1, text };
  state.instances.set(toKey(instance), { ...instance, content });
  return content;
}

/** The times to which an instance can be recovered at a moment; null without transaction logs. */
export function recoveryWindow(
  { logDelayMs }: Pick<CloudSql, "logDelayMs">,
  { logsSinceMs, resource }: InstanceRecord,
  now: number,
): RecoveryWindow | null {
  if (logsSinceMs === null) {
    return null;
  }
  const earliestMs = Math.max(logsSinceMs, now - logDays(resource.settings) * DAY_MS);
  return { earliestMs, latestMs: Math.max(earliestMs, now - logDelayMs) };
}

/** An instance whose settings or data changed, with since when its transaction logs are kept. */
export function keepLogs(instance: InstanceRecord, now: number): InstanceRecord {
  const isKept = keepsLogs(instance.resource.settings);
  return { ...instance, logsSinceMs: isKept ? (instance.logsSinceMs ?? now) : null };
}
