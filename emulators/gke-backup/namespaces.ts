import type { Hono } from "hono";
import { addContentRoutes, type Content } from "../kit/content-routes.ts";
import { googleError } from "../kit/google-error.ts";
import { type GkeBackup, isMeant, type Scope } from "./state.ts";

/** The data of namespaces: the text of each. */
export type Contents = Readonly<Record<string, string>>;

const PATH =
  "/emulator/v1/projects/:project/locations/:location/clusters/:cluster/namespaces/:namespace/content";

/** Adds what runs in a cluster and the data of its volumes: what a namespace holds is one text. */
export function addContent(app: Hono, gke: GkeBackup): void {
  addContentRoutes(app, PATH, {
    read: (params) => {
      const name = nameIn(params);
      const held = gke.contents.get(name);
      if (held === undefined) {
        throw googleError("NOT_FOUND", `Resource '${name}' was not found`);
      }
      return held;
    },
    write: (params, text) => write(gke, nameIn(params), text),
  });
}

function nameIn(params: Readonly<Record<string, string>>): string {
  return ["project", "location", "cluster", "namespace"]
    .map((kind) => `${kind}s/${params[kind] ?? ""}`)
    .join("/");
}

/** Puts data into a namespace. */
function write({ contents }: GkeBackup, name: string, text: string): Content {
  const content = { version: (contents.get(name)?.version ?? 0) + 1, text };
  contents.set(name, content);
  return content;
}

/** What a backup contains at this moment; without its volumes a namespace holds nothing. */
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
    found.map(([name, text]) => [name, backup.containsVolumeData ? text : ""]),
  );
}

/** Brings contents into a cluster, in the place of what is there. */
export function bringBack(
  gke: GkeBackup,
  { cluster, scope }: { readonly cluster: string; readonly scope: Scope },
  contents: Contents,
): void {
  for (const [namespace, text] of Object.entries(contents)) {
    if (isMeant(scope, namespace)) {
      write(gke, `${cluster}/namespaces/${namespace}`, text);
    }
  }
}
