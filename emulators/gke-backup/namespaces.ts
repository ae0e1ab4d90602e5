import type { BackupConfig, RestoreConfig } from "./schema.ts";
import type { Contents, Restore, State } from "./state.ts";

/** Under what a namespace's data is kept. */
export function namespaceName(cluster: string, namespace: string): string {
  return `${cluster}/namespaces/${namespace}`;
}

/** Puts data into a namespace and returns its new version. */
export function writeNamespace(
  { contents }: State,
  place: { readonly cluster: string; readonly namespace: string },
  text: string,
): number {
  const name = namespaceName(place.cluster, place.namespace);
  const version = (contents.get(name)?.version ?? 0) + 1;
  contents.set(name, { version, text });
  return version;
}

/** What a backup of a cluster contains at this moment. */
export function capture(state: State, cluster: string, config: BackupConfig): Contents {
  const prefix = namespaceName(cluster, "");
  const found = [...state.contents]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, { text }]) => [name.slice(prefix.length), text] as const)
    .filter(([namespace]) => isInBackup(config, namespace));
  const withVolumes = config.includeVolumeData === true;
  return Object.fromEntries(found.map(([name, text]) => [name, withVolumes ? text : null]));
}

/** What a restore did: how it ended, and with which namespaces. */
type Restored = Pick<Restore, "state" | "stateReason" | "restored" | "excluded" | "volumes">;

/**
 * Brings the contents of a backup into the target cluster, as the restore's configuration says.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans
 */
export function bringBack(state: State, restore: Restore): Restored {
  const { cluster, config, contents } = restore;
  const all = Object.keys(contents);
  const wanted = all.filter((namespace) => isInScope(config, namespace));
  const existing = wanted.filter((one) => state.contents.has(namespaceName(cluster, one)));
  const excluded = all.filter((namespace) => !wanted.includes(namespace));
  if (config.namespacedResourceRestoreMode === "FAIL_ON_CONFLICT" && existing.length > 0) {
    const stateReason = `Namespaces exist in the target cluster already: ${existing.join(", ")}`;
    return { state: "FAILED", stateReason, restored: [], excluded, volumes: [] };
  }
  const isSkipping = config.namespacedResourceRestoreMode === "MERGE_SKIP_ON_CONFLICT";
  const restored = isSkipping ? wanted.filter((one) => !existing.includes(one)) : wanted;
  const withVolumes = bringsVolumes(config);
  for (const namespace of restored) {
    const text = withVolumes ? (contents[namespace] ?? "") : "";
    writeNamespace(state, { cluster, namespace }, text);
  }
  const volumes = withVolumes ? restored.filter((one) => contents[one] !== null) : [];
  return { state: "SUCCEEDED", stateReason: "", restored, excluded, volumes };
}

function isInBackup(config: BackupConfig, namespace: string): boolean {
  const { allNamespaces, selectedNamespaces, selectedApplications } = config;
  return (
    allNamespaces === true ||
    (selectedNamespaces?.namespaces ?? []).includes(namespace) ||
    (selectedApplications?.namespacedNames ?? []).some((one) => one.namespace === namespace)
  );
}

function isInScope(config: RestoreConfig, namespace: string): boolean {
  const { allNamespaces, selectedNamespaces, excludedNamespaces, selectedApplications } = config;
  return (
    allNamespaces === true ||
    (selectedNamespaces?.namespaces ?? []).includes(namespace) ||
    (selectedApplications?.namespacedNames ?? []).some((one) => one.namespace === namespace) ||
    (excludedNamespaces !== undefined && !(excludedNamespaces.namespaces ?? []).includes(namespace))
  );
}

function bringsVolumes({ volumeDataRestorePolicy: policy }: RestoreConfig): boolean {
  return (
    policy === "RESTORE_VOLUME_DATA_FROM_BACKUP" || policy === "REUSE_VOLUME_HANDLE_FROM_BACKUP"
  );
}
