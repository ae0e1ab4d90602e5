import { uuidFor } from "./identity.ts";
import { currentContent } from "./content.ts";
import { type BackupRecord, countUp, type InstanceRecord, type State, toKey } from "./state.ts";

/** What a new backup is to be. */
type NewBackup = {
  readonly type: BackupRecord["type"];
  readonly nowMs: number;
  readonly description?: string | undefined;
  readonly location?: string | undefined;
};

/** The multi-region in which backups of a region are kept when nothing else is said. */
const MULTI_REGIONS: Readonly<Record<string, string>> = {
  us: "us",
  northamerica: "us",
  europe: "eu",
  asia: "asia",
};

/** A backup of an instance that nobody takes yet; its instance has used up one more run id. */
export function newRun(state: State, instance: InstanceRecord, wanted: NewBackup): BackupRecord {
  const key = toKey(instance);
  const runId = Math.max(instance.lastRunId + 1, wanted.nowMs);
  state.instances.set(key, { ...(state.instances.get(key) ?? instance), lastRunId: runId });
  const { project, name, resource } = instance;
  const { type, nowMs, description = "" } = wanted;
  const location = wanted.location ?? resource.settings.backupConfiguration?.location ?? "";
  return {
    uid: uuidFor(`backup ${countUp(state, "backups")} of ${key}`),
    project,
    instance: name,
    runId,
    type,
    status: "ENQUEUED",
    description,
    location: location === "" ? multiRegion(resource.region) : location,
    enqueuedMs: nowMs,
    startMs: null,
    endMs: null,
    windowStartMs: null,
    failure: null,
    begun: false,
    resource,
    content: currentContent(state, instance).text,
  };
}

function multiRegion(region: string): string {
  return MULTI_REGIONS[region.split("-")[0] ?? ""] ?? region;
}
