import { entryOf } from "../domain/entry-of.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { Promotion } from "../domain/promotion.ts";
import type { Release } from "../domain/release.ts";
import { namesRelease } from "../domain/reported-version.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import { outsideReason } from "./running.ts";

type Proof = { readonly promotion: Promotion; readonly proof: readonly ServiceEvent[] };

/**
 * What a release's service showed, after the tags that its image has, if the service is well and reports a version
 * that is none of those we know: the message of another tag may be late or lost. While the registry does not answer,
 * such a version says nothing.
 */
export async function withReportedTags(
  ports: Ports,
  state: ServiceState,
  { promotion, proof }: Proof,
): Promise<readonly ServiceEvent[]> {
  const release = entryOf(state.releases, promotion.release);
  const versions = proof.flatMap((event) =>
    event.kind === "probe-observed" && event.probe.isHealthy ? (event.probe.version ?? []) : [],
  );
  if (release === undefined || versions.every((version) => namesRelease(version, release))) {
    return proof;
  }
  const tags = await readTags(ports, release);
  return tags === null
    ? proof
    : [
        { kind: "tags-observed", release: release.id, tags },
        ...proof.map((event) =>
          event.kind === "probe-observed" ? { ...event, areTagsRead: true } : event,
        ),
      ];
}

/** The tags of a release's image; none when it is gone, and null when they cannot be read. */
async function readTags(
  ports: Ports,
  { repository, digest }: Release,
): Promise<readonly string[] | null> {
  try {
    return (await ports.registry.getImage(repository, digest))?.tags ?? [];
  } catch (error) {
    ports.log.warn("the tags of an image cannot be read", { cause: outsideReason(error) });
    return null;
  }
}
