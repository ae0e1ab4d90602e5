import { createHash } from "node:crypto";

import type { CloudAccess } from "../kit/access/cloud-access.ts";
import { toTimestamp } from "../kit/clock.ts";
import { googleError } from "../kit/google-error.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import type { Operations } from "../kit/operation.ts";
import type { Runtime } from "../kit/runtime.ts";
import type { Resource } from "./configuration.ts";
import { uuidOf } from "./names.ts";
import { nextSequence, type State, type Work } from "./state.ts";

/** How long things take, in milliseconds on the clock. */
export type Timings = {
  /** From the answer of a create, update or delete to the end of its operation. */
  readonly operationMs: number;
  /** The render of a release, all targets together. */
  readonly renderMs: number;
  /** One job; also a cancellation and a termination. */
  readonly jobMs: number;
};

/** One of the four topics. */
export type Topic =
  | "clouddeploy-resources"
  | "clouddeploy-operations"
  | "clouddeploy-approvals"
  | "clouddeploy-advances";

/** What the operations of this emulator work with. */
export type World = {
  readonly state: State;
  readonly operations: Operations;
  readonly timings: Timings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Publishes to the topic in the project of a number, unless the notification is to be lost. */
  readonly publish: (topic: Topic, attributes: Readonly<Record<string, string>>) => void;
  /** Puts work on the clock. */
  readonly schedule: (work: Work) => void;
  readonly objects: ObjectReader;
  readonly runtime: Runtime | null;
  /** For a resource that is gone: its policy goes with it. */
  readonly forgetPolicy: (name: string) => void;
  /** Who may do what; null lets everybody. */
  readonly access: CloudAccess | null;
};

/** The present as RFC 3339. */
export function timestamp(world: World): string {
  return toTimestamp(world.now());
}

/** The parts of a new resource that the server makes. */
export function newResource(
  world: World,
  name: string,
): Pick<Resource, "name" | "uid" | "createTime"> {
  return {
    name,
    uid: uuidOf(`${name}#${nextSequence(world.state)}`).replaceAll("-", ""),
    createTime: timestamp(world),
  };
}

/** Stores a resource under its name with the etag of its content, and returns it. */
export function put<T extends Resource>(collection: Map<string, T>, resource: T): T {
  const stored = { ...resource, etag: etagOf(resource) };
  collection.set(stored.name, stored);
  return stored;
}

/** @throws GoogleError NOT_FOUND */
export function find<T extends Resource>(collection: ReadonlyMap<string, T>, name: string): T {
  const found = collection.get(name);
  if (found === undefined) {
    throw googleError("NOT_FOUND", `Resource '${name}' was not found`);
  }
  return found;
}

/** Puts work on the clock that many milliseconds from now. */
export function scheduleIn(world: World, afterMs: number, work: Omit<Work, "atMs">): void {
  world.schedule({ ...work, atMs: world.now() + afterMs });
}

/** Takes work off the clock again. */
export function unschedule(world: World, work: Pick<Work, "kind" | "name">): void {
  world.state.work.delete(workKey(work));
}

/** The key of some work; the same work is due once. */
export function workKey({ kind, name }: Pick<Work, "kind" | "name">): string {
  return `${kind} ${name}`;
}

function etagOf(resource: Resource): string {
  const { etag: _previous, ...content } = resource;
  return createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 16);
}
