import type { Need } from "../kit/access/rules.ts";

const METHOD = /^(Get|List|Create|Update|Delete|Cancel)([A-Z][A-Za-z]*?)s?$/;

/**
 * The permission of a method: of its verb, on its kind of resource.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/concepts/access-control
 */
export function needsOf(method: string, resource: string): readonly Need[] {
  const [, verb = "", noun = ""] = METHOD.exec(method) ?? [];
  const kind = noun.charAt(0).toLowerCase() + noun.slice(1);
  return [{ permission: `gkebackup.${kind}s.${verb.toLowerCase()}`, resource }];
}
