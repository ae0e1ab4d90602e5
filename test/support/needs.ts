import { spawnSync } from "node:child_process";

/** Set by `.ci/run`: what it installs is there, so that a test which misses it has failed. */
const ALL = "SLIPWAY_TEST_ALL";

/** The programs that `.ci/run` installs. All others are tested with where they happen to be. */
const INSTALLED_BY_CI: ReadonlySet<string> = new Set(["chromium", "skopeo"]);

/**
 * Whether tests that need a program must be skipped, because it is not installed. Says so on standard
 * error. `probe` is a call that the program answers with success when it is there.
 * @throws Error when the program is missing though `.ci/run` has installed it.
 */
export function isMissing(what: string, probe: readonly [string, ...string[]]): boolean {
  const [program, ...args] = probe;
  if (spawnSync(program, args, { stdio: "ignore" }).status === 0) {
    return false;
  }
  if ((process.env[ALL] ?? "") !== "" && INSTALLED_BY_CI.has(program)) {
    throw new Error(`${what} is not installed, and with ${ALL} its tests may not be skipped`);
  }
  return mustSkip(what);
}

/** The same for something that nobody installs for the tests, and whose absence the caller has found out. */
export function mustSkip(what: string): true {
  process.stderr.write(
    `SKIPPED: ${what} is not installed, so what is tested with it is not tested\n`,
  );
  return true;
}
