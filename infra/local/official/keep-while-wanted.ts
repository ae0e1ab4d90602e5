import { spawn } from "node:child_process";

/**
 * Runs a program with its children in a group of their own, and ends the whole group when standard input ends: whoever
 * wanted it may be killed without a word, and gcloud's Java would outlive it.
 */
const [program = "", ...args] = process.argv.slice(2);
const child = spawn(program, args, { detached: true, stdio: "ignore" });

child.once("error", () => process.exit(1));
child.once("exit", () => process.exit(1));
process.stdin.once("end", endAll).once("error", endAll).resume();

function endAll(): void {
  child.removeAllListeners("exit");
  if (child.pid !== undefined && isAlive(-child.pid)) {
    process.kill(-child.pid, "SIGKILL");
  }
  process.exit(0);
}

function isAlive(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch {
    return false;
  }
}
