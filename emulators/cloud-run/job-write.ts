import { isDeepStrictEqual } from "node:util";
import type { Operation } from "../kit/operation.ts";
import { uidFor } from "../kit/collection-names.ts";
import { resolveImages } from "./images.ts";
import { checkJobSpec, jobWithDefaults } from "./job-spec.ts";
import { jobView } from "./job-views.ts";
import type { Write } from "./kinds.ts";
import { beginOperation, finishedOperation } from "./long-running.ts";
import type { CloudRun, JobRecord } from "./state.ts";
import type { JobSpec } from "./wire.ts";

/**
 * Creates a job or gives an existing one a new specification.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function writeJob(run: CloudRun, write: Write, now: number): Operation {
  const { name } = write;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by the descriptors; every field may lack
  const given = write.spec as JobSpec;
  checkJobSpec(given);
  const spec = jobWithDefaults(given);
  const current = run.state.jobs.get(name) ?? firstRecord(name, now);
  const isChanged = !isDeepStrictEqual(current.spec, spec);
  const next: JobRecord = {
    ...current,
    ...(isChanged && {
      spec,
      generation: current.generation + 1,
      version: current.version + 1,
      updateTime: now,
      readyTime: now + run.times.jobMs,
    }),
    failure: resolveImages(run.images, spec.template?.template?.containers).failure,
  };
  if (write.validateOnly === true) {
    const response = jobView(run.state, next, now);
    return finishedOperation(run, { type: "Job", response, isKept: false }, now);
  }
  run.state.jobs.set(name, next);
  return beginOperation(run, name, now);
}

function firstRecord(name: string, now: number): JobRecord {
  return {
    name,
    uid: uidFor(`${name}@${now}`),
    createTime: now,
    updateTime: now,
    readyTime: now,
    version: 0,
    generation: 0,
    spec: {},
    failure: null,
    executionCount: 0,
    latestExecution: null,
  };
}
