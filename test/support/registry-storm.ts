import { onImagePush } from "../../shared/app/image-push.ts";
import { releaseId, serviceId, specRevision } from "../../shared/domain/ids.ts";
import type { ImageView } from "../../shared/ports/registry.ts";
import { aDigest, anImage } from "./builders.ts";
import type { MemoryPorts } from "./memory-ports.ts";
import { wish } from "./work-storm.ts";

/** Something that happens to images, and to what is made of them. */
export type RegistryHappening =
  /** A tag is put on an image, which may have it already, or take it from another one. */
  | { readonly kind: "retag"; readonly image: number; readonly tag: string }
  /** Somebody marks an image bad or good. */
  | { readonly kind: "mark"; readonly image: number; readonly isBad: boolean }
  /** A changed specification is applied, or the one of before again. */
  | { readonly kind: "revise"; readonly revision: string };

const WEB = serviceId("web");
const ANN = "user:ann@example.com";
const IMAGE = "us-central1-docker.pkg.dev/slipway/apps/web";

/** Numbers the puts of a world, so that no two of one moment have the same time. */
const puts = new WeakMap<object, number>();
const COUNTER_DIGITS = 6;

/** Lets it happen, once. */
export async function happenInRegistry(
  memory: MemoryPorts,
  happening: RegistryHappening,
): Promise<void> {
  switch (happening.kind) {
    case "retag":
      return retag(memory, happening);
    case "mark":
      return mark(memory, happening);
    case "revise":
      return revise(memory, happening.revision);
  }
}

async function retag(
  memory: MemoryPorts,
  { image: number, tag }: Extract<RegistryHappening, { kind: "retag" }>,
): Promise<void> {
  const { ports, world, clock } = memory;
  const count = (puts.get(world) ?? 0) + 1;
  puts.set(world, count);
  const moment = new Date(clock.now()).toISOString().slice(0, -1);
  const publishedAt = `${moment}${String(count).padStart(COUNTER_DIGITS, "0")}Z`;
  const before = (world.images.get(IMAGE) ?? []).map((image) =>
    Object.assign({}, image, { tags: image.tags.filter((other) => other !== tag) }),
  );
  const fresh: ImageView = { ...anImage(number), tags: [], uploadedAt: publishedAt };
  const mine = before.find(({ digest }) => digest === fresh.digest) ?? fresh;
  const others = before.filter(({ digest }) => digest !== fresh.digest);
  const put = { ...mine, tags: [...mine.tags, tag], updatedAt: publishedAt };
  world.images.set(IMAGE, [...others, put]);
  const { digest } = put;
  await onImagePush(ports, { action: "INSERT", repository: IMAGE, digest, tag, publishedAt });
}

async function mark(
  memory: MemoryPorts,
  { image, isBad }: Extract<RegistryHappening, { kind: "mark" }>,
): Promise<void> {
  const service = memory.world.store.services.get(WEB)?.state.service;
  if (service !== undefined) {
    const release = releaseId(aDigest(image), service.revision);
    const event = { kind: "release-marked" as const, release, isBad, by: ANN, asOncall: false };
    await wish(memory, { ...event, reason: "it leaks" });
  }
}

async function revise(memory: MemoryPorts, revision: string): Promise<void> {
  const known = memory.world.store.services.get(WEB)?.state.service;
  if (known !== undefined) {
    const sourceUri = `gs://slipway-sources/web/${revision}.tar.gz`;
    const changed = { revision: specRevision(revision), fingerprint: revision, sourceUri };
    const service = { ...known, ...changed };
    await wish(memory, { kind: "service-applied", service, by: ANN });
  }
}
