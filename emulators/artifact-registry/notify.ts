import { imageUri } from "./names.ts";
import type { ImageId } from "./names.ts";
import type { Registry } from "./state.ts";

/** What happened to an image; at least one of digest and tag is there. */
export type ImageChange = {
  readonly action: "INSERT" | "DELETE";
  readonly digest?: string;
  readonly tag?: string;
};

/**
 * Publishes a change to the topic `gcr` of the project that owns the repository. The message has no
 * attributes; its references are complete, with the host.
 * Source: https://cloud.google.com/artifact-registry/docs/configure-notifications
 */
export function notify(registry: Registry, id: ImageId, change: ImageChange): void {
  const uri = imageUri(id);
  const body = {
    action: change.action,
    ...(change.digest === undefined ? {} : { digest: `${uri}@${change.digest}` }),
    ...(change.tag === undefined ? {} : { tag: `${uri}:${change.tag}` }),
  };
  registry.publisher.publish(`projects/${id.project}/topics/gcr`, {
    data: Buffer.from(JSON.stringify(body)),
  });
}
