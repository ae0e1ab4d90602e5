import { clearRecords } from "../kit/kept-maps.ts";
import type { CustomTargetType, DeliveryPipeline, Release, Target } from "./configuration.ts";
import type { Project } from "./names.ts";
import type { JobRun, Rollout } from "./rollout.ts";

/** Something that is due: the end of a render, of a job run, of a cancellation or a termination. */
export type Work = {
  readonly kind: "render" | "job-run" | "cancel" | "terminate";
  /** The release, rollout or job run that it is about. */
  readonly name: string;
  readonly atMs: number;
};

/** A job that is to fail the next time it ends. */
export type JobFailure = {
  /** The target's id. */
  readonly target: string;
  /** `predeploy`, `deploy`, `verify` or `postdeploy`. */
  readonly job: string;
  readonly message: string;
};

/**
 * All that the emulator knows. Everything is a map, in the order of creation, so that it can be kept
 * and restored without knowing what is in it.
 */
export type State = {
  /** Project id by project number. */
  readonly projects: Map<string, string>;
  readonly pipelines: Map<string, DeliveryPipeline>;
  readonly targets: Map<string, Target>;
  readonly customTargetTypes: Map<string, CustomTargetType>;
  readonly releases: Map<string, Release>;
  readonly rollouts: Map<string, Rollout>;
  readonly jobRuns: Map<string, JobRun>;
  /** Rendered manifests by `<release name>/<target id>/<phase id>`, and scripts of custom targets' deploy actions. */
  readonly manifests: Map<string, string>;
  /** What was answered to a method and request id, and when, in milliseconds. */
  readonly requests: Map<string, { readonly operation: string; readonly timeMs: number }>;
  readonly work: Map<string, Work>;
  readonly failures: Map<string, JobFailure>;
  readonly counters: Map<"sequence", number>;
};

/** A state in which nothing exists but the projects. */
export function emptyState(projects: readonly Project[]): State {
  return {
    projects: new Map(projects.map(({ id, number }) => [number, id])),
    pipelines: new Map(),
    targets: new Map(),
    customTargetTypes: new Map(),
    releases: new Map(),
    rollouts: new Map(),
    jobRuns: new Map(),
    manifests: new Map(),
    requests: new Map(),
    work: new Map(),
    failures: new Map(),
    counters: new Map(),
  };
}

/** Empties a state but for the projects it knows. */
export function clear(state: State): void {
  const { projects: _kept, ...others } = state;
  clearRecords(others);
}

/** A number that was not given out before. */
export function nextSequence(state: State): number {
  const next = (state.counters.get("sequence") ?? 0) + 1;
  state.counters.set("sequence", next);
  return next;
}
