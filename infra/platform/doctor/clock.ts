import { failure, warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** A token is good from the moment it was made on; clocks that differ more are refused. */
const WARNING_MS = 30_000;
const FAILURE_MS = 5 * 60_000;

/** Whether this machine's clock is that of the cloud, whose answers say their time to the second. */
export function clockFinding(here: number, there: number): Finding {
  const differenceMs = Math.abs(here - there);
  const message = `this machine's clock differs from the cloud's by ${Math.round(differenceMs / 1000)} s`;
  const mend = "set it by a time server: timedatectl set-ntp true";
  if (differenceMs > FAILURE_MS) {
    return failure("clock", message, mend);
  }
  return differenceMs > WARNING_MS
    ? warning("clock", message, mend)
    : well("clock", "this machine's clock is right");
}

/** What time an address says it is; null when it does not. @throws what the network throws. */
export async function timeThere(url: string): Promise<number | null> {
  const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(10_000) });
  const date = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(date) ? null : date;
}
