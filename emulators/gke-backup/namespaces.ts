import type { Context, Hono } from "hono";
import { readBody } from "../kit/body.ts";
import { googleError } from "../kit/google-error.ts";
import type { RestoreConfig } from "./restore-plans.ts";
import { type Contents, type GkeBackup, isMeant, type Scope } from "./state.ts";

const PATH =
  "/emulator/v1/projects/:project/locations/:location/clusters/:cluster/namespaces/:namespace/content";

/** How large the marker may be, in characters. */
const CONTENT_LENGTH_MAX = 65_536;

/**
 * Adds the data plane: what a namespace of a cluster holds is one text, read and written here.
 * The service has nothing like it; it stands for what runs in the cluster and the data of its volumes.
 */
export function addContentRoutes(app: Hono, gke: GkeBackup): void {
  app.get(PATH, (c) => {
    const name = nameIn(c);
    const held = gke.contents.get(name);
    if (held === undefined) {
      throw googleError("NOT_FOUND", `Resource '${name}' was not found`);
    }
    return c.text(held.text, 200, { "x-content-version": String(held.version) });
  });
  app.put(PATH, async (c) => {
    const text = await readBody(c.req.raw);
    if (text.length > CONTENT_LENGTH_MAX) {
      throw googleError("INVALID_ARGUMENT", `More than ${CONTENT_LENGTH_MAX} characters`);
    }
    const version = write(gke, nameIn(c), text);
    return c.text(text, 200, { "x-content-version": String(version) });
  });
}

function nameIn(c: Context): string {
  const { project = "", location = "", cluster = "", namespace = "" } = c.req.param();
  return `projects/${project}/locations/${location}/clusters/${cluster}/namespaces/${namespace}`;
}

/** Puts data into a namespace and returns its new version. */
function write({ contents }: GkeBackup, name: string, text: string): number {
  const version = (contents.get(name)?.version ?? 0) + 1;
  contents.set(name, { version, text });
  return version;
}

/** What a backup contains at this moment. */
export function capture(
  { contents }: GkeBackup,
  backup: Scope & {
    readonly clusterMetadata: { readonly cluster: string };
    readonly containsVolumeData: boolean;
  },
): Contents {
  const prefix = `${backup.clusterMetadata.cluster}/namespaces/`;
  const found = [...contents]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { text }]) => [name.slice(prefix.length), text] as const)
    .filter(([namespace]) => isMeant(backup, namespace));
  return Object.fromEntries(
    found.map(([name, text]) => [name, backup.containsVolumeData ? text : null]),
  );
}

/**
 * Brings the contents of a backup into the target cluster, as the restore's configuration says. Gives why that failed.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans
 */
export function bringBack(
  gke: GkeBackup,
  restore: {
    readonly cluster: string;
    readonly restoreConfig: RestoreConfig;
    readonly hidden: { readonly contents: Contents };
  },
): string | null {
  const { cluster, restoreConfig: config, hidden } = restore;
  const { namespacedResourceRestoreMode: mode, volumeDataRestorePolicy: policy } = config;
  const wanted = Object.keys(hidden.contents).filter((one) => isMeant(config, one));
  const existing = wanted.filter((one) => gke.contents.has(`${cluster}/namespaces/${one}`));
  if (mode === "FAIL_ON_CONFLICT" && existing.length > 0) {
    return `Namespaces exist in the target cluster already: ${existing.join(", ")}`;
  }
  const isWithVolumes =
    policy === "RESTORE_VOLUME_DATA_FROM_BACKUP" || policy === "REUSE_VOLUME_HANDLE_FROM_BACKUP";
  for (const one of wanted) {
    if (mode !== "MERGE_SKIP_ON_CONFLICT" || !existing.includes(one)) {
      const text = isWithVolumes ? (hidden.contents[one] ?? "") : "";
      write(gke, `${cluster}/namespaces/${one}`, text);
    }
  }
  return null;
}
