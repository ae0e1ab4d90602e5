import { execFile } from "node:child_process";
import { dirname } from "node:path";

/** A step of a build that failed, in the words of the log. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

/** How much of a step's output is told. */
const TOLD_LENGTH = 2000;
const STEP_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs a program in the build's folder, with the Node that will run the function before all others. */
export async function runStep(
  folder: string,
  environment: Readonly<Record<string, string>>,
  [program, ...words]: readonly [string, ...string[]],
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      words,
      { cwd: folder, env: environment, timeout: STEP_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error === null) {
          resolve(stdout);
          return;
        }
        const said = `${stdout}${stderr}`.trim().slice(-TOLD_LENGTH);
        reject(new StepFailed(`failed to run ${[program, ...words].join(" ")}: ${said}`));
      },
    );
  });
}

/** What a build and an instance see of this process's environment: where programs are, and nothing else. */
export function plainEnvironment({
  folder,
  path,
}: {
  readonly folder: string;
  readonly path: string;
}): Readonly<Record<string, string>> {
  return { PATH: `${dirname(process.execPath)}:${path}`, HOME: folder };
}
