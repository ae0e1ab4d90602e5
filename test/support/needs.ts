import { spawnSync } from "node:child_process";

/** Set by `.ci/run`: a program that is missing there is a failure, not a reason to skip. */
const ALL = "SLIPWAY_TEST_ALL";

/**
 * Whether tests that need a program must be skipped, because it is not installed. Says so on standard
 * error. `probe` is a call that the program answers with success when it is there.
 * @throws Error when it is missing and nothing may be skipped.
 */
export function isMissing(what: string, probe: readonly [string, ...string[]]): boolean {
  const [program, ...args] = probe;
  const isThere = spawnSync(program, args, { stdio: "ignore" }).status === 0;
  if (isThere) {
    return false;
  }
  return mustSkip(what);
}

/**
 * The same for something whose absence the caller has found out.
 * @throws Error when nothing may be skipped.
 */
export function mustSkip(what: string): boolean {
  if ((process.env[ALL] ?? "") !== "") {
    throw new Error(`${what} is not installed, and with ${ALL} no test may be skipped`);
  }
  process.stderr.write(
    `SKIPPED: ${what} is not installed, so what is tested with it is not tested\n`,
  );
  return true;
}
