import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { ExecutionView, JobRef } from "../../../shared/domain/job.ts";
import type { Jobs } from "../../../shared/ports/jobs.ts";
import { aDigest, aService } from "../builders.ts";
import { present } from "../present.ts";

/** What an execution ran, and what it was told. */
export type RanExecution = {
  readonly mark: string;
  readonly image: string;
  /** The image of the release for which it ran. */
  readonly release: string;
};

/** Cloud Run's jobs to be tried out: `migrate` and `broken`, which run `OLD_IMAGE`, and `tool`. */
export type OpenJobs = {
  readonly jobs: Jobs;
  /** Lets every execution end: those of the job `broken` badly. */
  readonly finish: () => Promise<void>;
  /** What ran of a job so far, in order. */
  readonly ran: (job: JobRef) => Promise<readonly RanExecution[]>;
  readonly close: () => Promise<void>;
};

const PLACE = { project: "web-prod-0a1b", region: "us-central1" };

/** A job that runs the service's own image. */
export const MIGRATE: JobRef = { ...PLACE, job: "migrate" };
/** Another one, which fails. */
export const BROKEN: JobRef = { ...PLACE, job: "broken" };
/** A job with an image of its own. */
export const TOOL: JobRef = { ...PLACE, job: "tool" };

/** The image that the service's own jobs have at first, and that of the other. */
export const OLD_IMAGE = `${aService().image}@${aDigest(1)}`;
export const TOOL_IMAGE = `us-central1-docker.pkg.dev/slipway/tools/migrate@${aDigest(9)}`;

const RELEASE = `${aService().image}@${aDigest(2)}`;
const FIRST = "r-0123456789abcdef-0a1b2c-to-prod-0001-migrate";
const SECOND = "r-0123456789abcdef-0a1b2c-to-prod-0002-migrate";

/** What all jobs must do. */
export function jobsContract(name: string, open: () => Promise<OpenJobs>): void {
  describe(`jobs ${name}`, () => {
    let opened: OpenJobs;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    async function observe({ name: execution }: ExecutionView): Promise<ExecutionView> {
      return present(await opened.jobs.observe(execution), execution);
    }

    test("an execution runs first, and has succeeded in the end", async () => {
      const begun = await opened.jobs.run(MIGRATE, FIRST, RELEASE);
      expect(begun).toMatchObject({ state: "RUNNING", message: null });
      expect(await observe(begun)).toEqual(begun);
      await opened.finish();
      expect(await observe(begun)).toEqual({ ...begun, state: "SUCCEEDED" });
    });

    test("running it again with the same mark finds it, under way or finished", async () => {
      const begun = await opened.jobs.run(MIGRATE, FIRST, RELEASE);
      expect(await opened.jobs.run(MIGRATE, FIRST, RELEASE)).toEqual(begun);
      await opened.finish();
      const later = await opened.jobs.run(MIGRATE, FIRST, RELEASE);
      expect(later).toEqual({ ...begun, state: "SUCCEEDED" });
      expect(await opened.ran(MIGRATE)).toHaveLength(1);
    });

    test("another mark is another execution", async () => {
      await opened.jobs.run(MIGRATE, FIRST, RELEASE);
      await opened.finish();
      await opened.jobs.run(MIGRATE, SECOND, RELEASE);
      const ran = await opened.ran(MIGRATE);
      expect(ran.map(({ mark }) => mark)).toEqual([FIRST, SECOND]);
    });

    test("a job with the service's image runs the release's", async () => {
      await opened.jobs.run(MIGRATE, FIRST, RELEASE);
      expect(await opened.ran(MIGRATE)).toEqual([
        { mark: FIRST, image: RELEASE, release: RELEASE },
      ]);
    });

    test("a job with an image of its own keeps it, and is told of the release", async () => {
      await opened.jobs.run(TOOL, FIRST, RELEASE);
      expect(await opened.ran(TOOL)).toEqual([
        { mark: FIRST, image: TOOL_IMAGE, release: RELEASE },
      ]);
    });

    test("an execution that fails says why, and stays what its mark finds", async () => {
      const begun = await opened.jobs.run(BROKEN, FIRST, RELEASE);
      await opened.finish();
      const failed = await observe(begun);
      expect(failed.state).toBe("FAILED");
      expect(failed.message).toContain("exited with an error");
      expect(await opened.jobs.run(BROKEN, FIRST, RELEASE)).toEqual(failed);
    });

    test("a job that is not there is refused", async () => {
      const attempt = opened.jobs.run({ ...PLACE, job: "nobody" }, FIRST, RELEASE);
      await expect(attempt).rejects.toMatchObject({ name: "PermanentError", status: "NOT_FOUND" });
    });

    test("an execution that nobody began is null", async () => {
      const { name: known } = await opened.jobs.run(MIGRATE, FIRST, RELEASE);
      expect(await opened.jobs.observe(known.replace(/[^/]+$/, "migrate-4711"))).toBeNull();
    });
  });
}
