import { onTick } from "../../shared/app/tick.ts";
import type { TickKind } from "../../shared/domain/control.ts";
import { asReleaseId, serviceId, specRevision } from "../../shared/domain/ids.ts";
import type { Digest } from "../../shared/domain/ids.ts";
import { PermanentError, UnreadableError } from "../../shared/ports/errors.ts";
import type { ServiceAggregate } from "../../shared/ports/store.ts";
import { describeImage } from "../../shared/wire/image-manifest.ts";
import { aDigest, anEnvironment, aService } from "./builders.ts";
import type { MemoryPorts, World } from "./memory-ports.ts";
import { present } from "./present.ts";

/** What somebody does who means harm: with the registry, or with another service. */
export type HostileHappening =
  /** An image is pushed whose labels are not what they should be. */
  | { readonly kind: "label"; readonly image: number; readonly label: HostileLabel }
  /** An image is deleted from the registry; null: that of what is open in prod. */
  | { readonly kind: "vanish"; readonly image: number | null }
  /** The document of another service of the same image and pipeline goes wrong, or is well again. */
  | { readonly kind: "neighbour"; readonly does: "damage" | "spoil" | "heal" };

const AUTHORS = "org.opencontainers.image.authors";
const REVISION = "org.opencontainers.image.revision";

/** Labels as a hostile builder writes them. */
const LABELS = {
  "half a character": { [REVISION]: "\ud800" },
  "authors of 120 KB": { [AUTHORS]: "a@".repeat(60_000) },
  "authors that nearly are": { [AUTHORS]: "a@b.".repeat(30_000) },
  "authors and halves": { [AUTHORS]: `${"\ud800@".repeat(500)}x` },
  "more authors than anybody has": {
    [AUTHORS]: Array.from({ length: 100 }, (_, index) => `a${index}@example.com`).join(","),
  },
  "a commit of 400 KB": { [REVISION]: "c".repeat(400_000) },
  "what turns a line": { [AUTHORS]: "\u2028\u202e@x", [REVISION]: "\u2028\u202e" },
  "the longest commit": { [REVISION]: "c".repeat(128) },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One of them. */
export type HostileLabel = keyof typeof LABELS;

/** The names of all hostile labels. */
export const HOSTILE_LABELS: readonly HostileLabel[] = Object.keys(LABELS).filter(isLabel);

function isLabel(name: string): name is HostileLabel {
  return Object.hasOwn(LABELS, name);
}

const IMAGE = aService().image;

/** The service that stands beside the one that the storms are about. */
export const NEIGHBOUR = aService({
  id: serviceId("neighbour"),
  revision: specRevision("9f9f9f"),
  sourceUri: "gs://slipway-sources/neighbour/9f9f9f.tar.gz",
  environments: [
    anEnvironment("yard", {
      target: "neighbour-yard-us-central1",
      runService: "neighbour-yard-us-central1",
    }),
  ],
});

const GONE = asReleaseId("r-gone");
const UNREADABLE = "it has schema version 9";

/** Labels an image, as the registry's inspection would read it; what is known of an image stays. */
export function label({ world }: MemoryPorts, image: number, name: HostileLabel): void {
  const key = `${IMAGE}@${aDigest(image)}`;
  if (!world.descriptions.has(key) && !isPushed(world, image)) {
    const json: unknown = JSON.parse(
      JSON.stringify({ os: "linux", architecture: "amd64", config: { Labels: LABELS[name] } }),
    );
    world.descriptions.set(key, describeImage(json));
  }
}

function isPushed({ images }: World, image: number): boolean {
  return images.get(IMAGE)?.some(({ digest }) => digest === aDigest(image)) === true;
}

/** Deletes an image from the registry, with all of its tags. */
export function vanish({ world }: MemoryPorts, image: number | null): void {
  const gone = image === null ? openInProd(world) : aDigest(image);
  const images = world.images.get(IMAGE) ?? [];
  world.images.set(
    IMAGE,
    images.filter(({ digest }) => digest !== gone),
  );
}

function openInProd({ store }: World): Digest | null {
  const state = store.services.get(aService().id)?.state;
  const prod = state?.environments["prod"];
  const open = prod?.active ?? prod?.waiting[0];
  return open === undefined ? null : (state?.releases[open.release]?.digest ?? null);
}

/** What a spoiled neighbour was before. */
const sound = new WeakMap<World, ServiceAggregate>();

/** Damages the neighbour's document, makes it senseless, or heals it. Where there is no neighbour nothing happens. */
export function changeNeighbour({ world }: MemoryPorts, does: "damage" | "spoil" | "heal"): void {
  const stored = world.store.services.get(NEIGHBOUR.id);
  if (stored === undefined) {
    return;
  }
  healNeighbour(world);
  if (does === "damage") {
    world.store.damaged.set(NEIGHBOUR.id, UNREADABLE);
  }
  if (does === "spoil") {
    const whole = present(world.store.services.get(NEIGHBOUR.id), "the neighbour");
    sound.set(world, whole);
    const state = { ...whole.state, newest: GONE };
    world.store.services.set(NEIGHBOUR.id, { ...whole, state });
  }
}

/** The neighbour's document is as it was before somebody touched it. */
export function healNeighbour(world: World): void {
  world.store.damaged.delete(NEIGHBOUR.id);
  const before = sound.get(world);
  if (before !== undefined) {
    // What was taken into the sums meanwhile is not due again.
    const { due = [] } = world.store.services.get(NEIGHBOUR.id) ?? {};
    world.store.services.set(NEIGHBOUR.id, { ...before, due });
    sound.delete(world);
  }
}

/** Whether there is a neighbour that cannot be read or decided on. */
export function isNeighbourBad(world: World): boolean {
  return world.store.damaged.size > 0 || sound.has(world);
}

/** Whether a service's state is meant to make no sense. */
export function isSpoiled(world: World, service: string): boolean {
  return service === NEIGHBOUR.id && sound.has(world);
}

/** Lets something happen; that a bad neighbour's error comes of it is as it should be. */
export async function tolerant({ world }: MemoryPorts, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isNeighbours(world, error)) {
      throw error;
    }
  }
}

/** Whether an error is the bad neighbour's own, with which a message that concerns it too has to end. */
function isNeighbours(world: World, error: unknown): boolean {
  return (
    isNeighbourBad(world) &&
    (error instanceof UnreadableError ||
      isSweeps(error) ||
      (error instanceof Error && error.message.includes(GONE)))
  );
}

/** Whether an error is that of a sweep over all services which could not visit the neighbour. */
function isSweeps(error: unknown): boolean {
  return error instanceof PermanentError && error.message.includes(`: ${NEIGHBOUR.id} `);
}

/**
 * Lets the clock strike. While a neighbour is bad, a sweep over all services must end with its error, and no other.
 * @throws Error when it ends otherwise.
 */
export async function strike({ ports, world }: MemoryPorts, hand: TickKind): Promise<void> {
  const isBad = isNeighbourBad(world);
  try {
    await onTick(ports, hand);
  } catch (error) {
    if (!isBad || !isSweeps(error)) {
      throw error;
    }
    return;
  }
  if (isBad && hand !== "minute") {
    throw new Error(`the ${hand}'s sweep passed over the bad neighbour without a word`);
  }
}

/** The longest text that may be kept of what somebody outside wrote. */
const KEPT_LENGTH_MAX = 2048;

/** What is stored and should not be: texts that are too long, or that are no texts. */
export function brokenTexts({ store }: World): readonly string[] {
  const { services, releases, images, promotions, records } = store;
  const kept: readonly ReadonlyMap<string, unknown>[] = [
    services,
    releases,
    images,
    promotions,
    records,
  ];
  return kept.flatMap((map) => badTexts("", Object.fromEntries(map)));
}

function badTexts(path: string, value: unknown): readonly string[] {
  if (typeof value === "string") {
    const isGood = value.isWellFormed() && value.length <= KEPT_LENGTH_MAX;
    return isGood ? [] : [`${path} holds ${value.length} characters: ${value.slice(0, 20)}`];
  }
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, part]) => badTexts(`${path}.${name}`, part))
    : [];
}
