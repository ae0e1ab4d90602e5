import type { CloudAccess } from "../kit/access/cloud-access.ts";
import { toTimestamp } from "../kit/clock.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import type { Operations } from "../kit/operation.ts";
import type { Runtime } from "../kit/runtime.ts";
import type { Kinds } from "./resources.ts";

/** How long things take, in milliseconds on the clock. */
export type Timings = {
  /** From the answer of a create, update or delete to the end of its operation. */
  readonly operationMs: number;
  /** The render of a release, all targets together. */
  readonly renderMs: number;
  /** One job; also a cancellation. */
  readonly jobMs: number;
};

/** One of the four topics. */
export type Topic =
  | "clouddeploy-resources"
  | "clouddeploy-operations"
  | "clouddeploy-approvals"
  | "clouddeploy-advances";

/** Something that is due: the end of a render, of a job run or of a cancellation. */
export type Work = {
  readonly kind: "render" | "job-run" | "cancel";
  /** The release, job run or rollout that it is about. */
  readonly name: string;
  readonly atMs: number;
};

/** What the operations of this emulator work with. */
export type World = Kinds & {
  /** Project id by project number. */
  readonly projects: Map<string, string>;
  /** What was answered to a method and request id, and when, in milliseconds. */
  readonly requests: Map<string, { readonly operation: string; readonly timeMs: number }>;
  readonly work: Map<string, Work>;
  readonly operations: Operations;
  readonly timings: Timings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Publishes to the topic in the project of the attribute `ProjectNumber`. */
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

/** The kinds of a world, as the kit takes them. */
export function kindsIn(world: Kinds): readonly Kinds[keyof Kinds][] {
  const { pipelines, targets, customTargetTypes, releases, rollouts, jobRuns } = world;
  const { automations, automationRuns } = world;
  const delivered = [releases, rollouts, jobRuns, automations, automationRuns];
  return [pipelines, targets, customTargetTypes, ...delivered];
}

/** The present as RFC 3339. */
export function timestamp({ now }: Pick<World, "now">): string {
  return toTimestamp(now());
}

/** Puts work on the clock that many milliseconds from now. */
export function scheduleIn(world: World, afterMs: number, work: Omit<Work, "atMs">): void {
  world.schedule({ ...work, atMs: world.now() + afterMs });
}

/** The key of some work; the same work is due once. */
export function workKey({ kind, name }: Pick<Work, "kind" | "name">): string {
  return `${kind} ${name}`;
}
