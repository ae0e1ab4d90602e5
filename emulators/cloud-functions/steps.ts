import { execFile } from "node:child_process";
import { dirname } from "node:path";
import type { z } from "zod";
import { googleError, type GoogleError } from "../kit/google-error.ts";
import type { CloudFunctions } from "./functions.ts";

/** A build that failed, in the words of its log. */
export function buildFailed(message: string): GoogleError {
  const text = `Build failed with status: FAILURE and message: ${message}`;
  return googleError("INVALID_ARGUMENT", text);
}

/** How much of a step's output is told: its end. */
const TOLD_LENGTH = 1500;
const STEP_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs a program in the build's folder, with the Node that will run the function before all others. */
export async function runStep(
  folder: string,
  environment: Readonly<Record<string, string>>,
  [program, ...words]: readonly [string, ...string[]],
): Promise<void> {
  const options = {
    cwd: folder,
    env: environment,
    timeout: STEP_TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES,
  };
  await new Promise<void>((resolve, reject) => {
    execFile(program, words, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve();
        return;
      }
      const said = `${stdout}${stderr}`.trim().slice(-TOLD_LENGTH);
      reject(buildFailed(`failed to run ${[program, ...words].join(" ")}: ${said}`));
    });
  });
}

/** What a build and an instance see of this process's environment: where programs are, and nothing else. */
export function plainEnvironment({
  folder,
  path = "/usr/local/bin:/usr/bin:/bin",
}: Pick<CloudFunctions, "folder" | "path">): Readonly<Record<string, string>> {
  return { PATH: `${dirname(process.execPath)}:${path}`, HOME: folder };
}

/** Reads one of npm's files. @throws GoogleError when it is not there or no such file */
export function readJson<Schema extends z.ZodType>(
  schema: Schema,
  name: string,
  bytes: Uint8Array | undefined,
): z.infer<Schema> {
  if (bytes === undefined) {
    throw buildFailed(`${name} does not exist`);
  }
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    throw buildFailed(`${name} is not JSON`);
  }
}
