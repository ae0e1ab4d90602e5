import type { ExecutionState, ExecutionView, JobRef } from "../../shared/domain/job.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import type { Jobs } from "../../shared/ports/jobs.ts";
import type { MemoryCalls } from "./memory-calls.ts";

/** An execution as the memory Cloud Run keeps it. */
export type MemoryExecution = {
  readonly name: string;
  readonly job: string;
  readonly mark: string;
  /** The image that its containers run. */
  readonly image: string;
  /** The release's image that its containers are told of. */
  readonly release: string;
  state: ExecutionState;
  message: string | null;
};

/** The jobs of a Cloud Run in memory. */
export type JobsWorld = {
  /** The image of each job, by its full name, `projects/P/locations/R/jobs/J`. */
  readonly images: Map<string, string>;
  /** Every execution there ever was, in order. */
  readonly executions: MemoryExecution[];
};

/** Moves executions on, which Cloud Run does by itself. */
export type JobsHand = {
  /** Ends every execution under way, well. Gives how many there were. */
  readonly finishAll: () => number;
  /** Fails the execution under way with that mark. */
  readonly fail: (mark: string, reason: string) => void;
};

/** A Cloud Run without jobs. */
export function newJobsWorld(): JobsWorld {
  return { images: new Map(), executions: [] };
}

/** A job's full name. */
export function memoryJobName({ project, region, job }: JobRef): string {
  return `projects/${project}/locations/${region}/jobs/${job}`;
}

/** The jobs port on a Cloud Run in memory: only the look for the mark keeps a job from running twice. */
export function memoryJobs(world: JobsWorld, calls: MemoryCalls): Jobs {
  return {
    run: (ref, mark, image) =>
      calls.make("jobs.run", async () => {
        const job = memoryJobName(ref);
        const own = world.images.get(job);
        if (own === undefined) {
          throw new PermanentError("NOT_FOUND", `there is no job ${job}`);
        }
        const there = world.executions.find((one) => one.job === job && one.mark === mark);
        if (there !== undefined) {
          return viewOf(there);
        }
        await calls.turn("jobs.run start");
        const runs = repositoryOf(own) === repositoryOf(image) ? image : own;
        world.images.set(job, runs);
        const execution: MemoryExecution = {
          name: `${job}/executions/${ref.job}-${world.executions.length + 1}`,
          job,
          mark,
          image: runs,
          release: image,
          state: "RUNNING",
          message: null,
        };
        world.executions.push(execution);
        return viewOf(execution);
      }),
    observe: (name) =>
      calls.make("jobs.observe", () => {
        const found = world.executions.find((execution) => execution.name === name);
        return found === undefined ? null : viewOf(found);
      }),
  };
}

/** What moves the executions of a Cloud Run in memory. */
export function jobsHand(world: JobsWorld): JobsHand {
  return {
    finishAll: () => {
      const running = world.executions.filter(({ state }) => state === "RUNNING");
      for (const execution of running) {
        execution.state = "SUCCEEDED";
      }
      return running.length;
    },
    fail: (mark, reason) => {
      for (const execution of world.executions) {
        if (execution.mark === mark && execution.state === "RUNNING") {
          execution.state = "FAILED";
          execution.message = reason;
        }
      }
    },
  };
}

/** An image's reference without tag and digest. */
function repositoryOf(image: string): string {
  return image.replace(/(?::[^/:@]+)?(?:@.*)?$/, "");
}

function viewOf({ name, state, message }: MemoryExecution): ExecutionView {
  return { name, state, message };
}
