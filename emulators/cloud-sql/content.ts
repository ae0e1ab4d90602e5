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

/** How many older versions are kept for point-in-time recovery. */
const VERSIONS_MAX = 1_000;

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
  const held = (primary ?? instance).contents.at(-1);
  return held ?? { version: 0, atMs: instance.createMs, text: "" };
}

/**
 * Puts other data into a running instance.
 * @throws GoogleError FAILED_PRECONDITION when it does not run or is a read replica, INVALID_ARGUMENT
 * when the text is too long.
 */
export function writeContent(
  state: State,
  instance: InstanceRecord,
  write: { readonly text: string; readonly atMs: number },
): ContentVersion {
  if (instance.state !== "RUNNABLE" || instance.resource.masterInstanceName !== undefined) {
    throw googleError(
      "FAILED_PRECONDITION",
      `${instance.name} cannot be written: ${instance.state}.`,
    );
  }
  if (write.text.length > CONTENT_LENGTH_MAX) {
    throw googleError("INVALID_ARGUMENT", `More than ${CONTENT_LENGTH_MAX} characters`);
  }
  const next = { version: currentContent(state, instance).version + 1, ...write };
  const versions = [...instance.contents, next];
  state.instances.set(
    toKey(instance),
    keepVersions({ ...instance, contents: versions }, write.atMs),
  );
  return next;
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

/** What an instance held at a time within its recovery window. */
export function contentAt({ contents }: InstanceRecord, atMs: number): string {
  return contents.findLast((one) => one.atMs <= atMs)?.text ?? "";
}

/** An instance whose settings or data changed, without the versions that no recovery can reach. */
export function keepVersions(instance: InstanceRecord, now: number): InstanceRecord {
  const { contents } = instance;
  const { settings } = instance.resource;
  if (!keepsLogs(settings)) {
    return { ...instance, contents: contents.slice(-1), logsSinceMs: null };
  }
  const sinceMs = instance.logsSinceMs ?? now;
  const earliestMs = Math.max(sinceMs, now - logDays(settings) * DAY_MS);
  const first = Math.max(
    contents.findLastIndex(({ atMs }) => atMs <= earliestMs),
    contents.length - VERSIONS_MAX,
    0,
  );
  const kept = contents.slice(first);
  const isCut = first > 0 && contents.length - first === VERSIONS_MAX;
  const logsSinceMs = isCut ? Math.max(sinceMs, kept[0]?.atMs ?? sinceMs) : sinceMs;
  return { ...instance, contents: kept, logsSinceMs };
}
