import type { Context, Hono } from "hono";
import { readBody } from "../kit/body.ts";
import { googleError } from "../kit/google-error.ts";
import { namespaceName, writeNamespace } from "./namespaces.ts";
import { notFound } from "./refusal.ts";
import type { GkeBackup } from "./state.ts";

const PATH =
  "/emulator/v1/projects/:project/locations/:location/clusters/:cluster/namespaces/:namespace/content";

/** How large the marker may be, in characters. */
const CONTENT_LENGTH_MAX = 65_536;

/**
 * Adds the data plane: what a namespace of a cluster holds is one text, read, written and deleted here.
 * The service has nothing like it; it stands for what runs in the cluster and the data of its volumes.
 */
export function addContentRoutes(app: Hono, gke: GkeBackup): void {
  const { contents } = gke.state;
  app.get(PATH, (c) => {
    const place = placeOf(c);
    const held = contents.get(namespaceName(place.cluster, place.namespace));
    if (held === undefined) {
      throw notFound(namespaceName(place.cluster, place.namespace));
    }
    return c.text(held.text, 200, { "x-content-version": String(held.version) });
  });
  app.put(PATH, async (c) => {
    const text = await readBody(c.req.raw);
    if (text.length > CONTENT_LENGTH_MAX) {
      throw googleError("INVALID_ARGUMENT", `More than ${CONTENT_LENGTH_MAX} characters`);
    }
    const version = writeNamespace(gke.state, placeOf(c), text);
    return c.text(text, 200, { "x-content-version": String(version) });
  });
  app.delete(PATH, (c) => {
    const place = placeOf(c);
    contents.delete(namespaceName(place.cluster, place.namespace));
    return c.text("");
  });
}

function placeOf(c: Context): { readonly cluster: string; readonly namespace: string } {
  const { project = "", location = "", cluster = "", namespace = "" } = c.req.param();
  return {
    cluster: `projects/${project}/locations/${location}/clusters/${cluster}`,
    namespace,
  };
}
