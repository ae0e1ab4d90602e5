import { execFileSync } from "node:child_process";
import { readSettings } from "../cli/settings.ts";

/** How often it is looked whether the parent is still there. */
const LOOK_EVERY_MS = 500;

/** How long an orderly end may take once nobody is there any more. */
const END_WITHIN_MS = 10_000;

/** The process that started this one, as it was at first: whoever is orphaned gets another. */
const PARENT = process.ppid;

/** `npm` or `npx`, where it started this process: by a shell, which goes on when npm is killed. */
const NPM = readSettings().isRunByNpm ? parentOf(PARENT) : null;

/**
 * Resolves when this process is to end: it was interrupted, its terminal is gone, or the process that started it. `npm`
 * that is killed tells nobody, so its children have to look.
 */
export async function untilToldToEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
    function endAlone(): void {
      clearInterval(looking);
      setTimeout(() => process.exit(1), END_WITHIN_MS).unref();
      resolve();
    }
    const looking = setInterval(() => {
      if (process.ppid !== PARENT || (NPM !== null && !isThere(NPM))) {
        endAlone();
      }
    }, LOOK_EVERY_MS);
    looking.unref();
    process.once("SIGHUP", endAlone);
  });
}

/** The process that started another one; null where nobody can say. */
function parentOf(pid: number): number | null {
  try {
    return Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }));
  } catch {
    return null;
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
