import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { runs } from "./test/support/runs.ts";

/** Stories wait for one another's processes as often as they compute: two at once even on two cores. Three are no faster. */
const WORKERS_MIN = 2;

const USUAL_RUNS = 300;

/** A test may take as long as a busy machine needs, and a storm of more runs longer. */
const TEST_MAX_MS = 120_000 * Math.max(1, runs(USUAL_RUNS) / USUAL_RUNS);

const folders = ["unit", "property", "contract", "fault", "emulators", "e2e", "official"];

/** The functions of the local cloud run from what is deployed. */
const LOCAL_CLOUDS: ReadonlySet<string> = new Set(["e2e", "official"]);

export default defineConfig({
  test: {
    // Files share what they import, which was a third of all the time: no test may keep anything in a module.
    isolate: false,
    maxWorkers: Math.max(WORKERS_MIN, availableParallelism() - 1),
    projects: [
      ...folders.map((folder) => ({
        test: {
          name: folder,
          include: [`test/${folder}/**/*.test.ts`],
          testTimeout: TEST_MAX_MS,
          hookTimeout: 120_000,
          globalSetup: LOCAL_CLOUDS.has(folder) ? ["test/support/build-deployable.ts"] : [],
        },
      })),
      { test: { name: "tidy", include: ["test/tidy.test.ts"] } },
    ],
  },
});
