import { describe, expect, test } from "vitest";
import type { Arrival } from "../../infra/cli/arrival.ts";
import { CliError, EXIT } from "../../infra/cli/cli-error.ts";
import { waitFor } from "../../infra/cli/wait-for.ts";
import type { Waited } from "../../infra/cli/wait-for.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const SILENCE = new CliError(EXIT.unreachable, "nobody answers");

type Kind = Arrival["kind"];
/** What a look shows, or how it fails. */
type Look = Kind | CliError;

function arrival(kind: Kind, text: string = kind): Arrival {
  return { kind, environment: "dev", release: "r-1", promotion: null, text, advice: [] };
}

/** Waits by a clock that moves with each pause; the last look is repeated. */
async function wait(
  looks: readonly (Look | Arrival)[],
  options: { readonly timeoutMs?: number; readonly isPatient?: boolean } = {},
): Promise<{
  readonly ended: Waited | CliError;
  readonly pauses: readonly number[];
  readonly told: readonly string[];
}> {
  const pauses: number[] = [];
  const told: string[] = [];
  let nowMs = 0;
  let looked = 0;
  const ended = await waitFor({
    look: async () => {
      const seen = looks[Math.min(looked, looks.length - 1)] ?? "pending";
      looked += 1;
      if (seen instanceof CliError) {
        throw seen;
      }
      return Promise.resolve(typeof seen === "string" ? arrival(seen) : seen);
    },
    timeoutMs: options.timeoutMs ?? 30 * MINUTE_MS,
    isPatient: options.isPatient ?? false,
    now: () => nowMs,
    pause: async (lengthMs) => {
      pauses.push(lengthMs);
      nowMs += lengthMs;
      return Promise.resolve();
    },
    report: (text) => told.push(text),
  }).catch((error: unknown) => {
    if (error instanceof CliError) {
      return error;
    }
    throw error;
  });
  return { ended, pauses, told };
}

describe("waiting for a release", () => {
  test.each(["reached", "failed", "person"] as const)("ends when it is %s", async (kind) => {
    const { ended, pauses } = await wait(["pending", "pending", kind]);
    expect(ended).toEqual(arrival(kind));
    expect(pauses).toEqual([SECOND_MS, 1.5 * SECOND_MS]);
  });

  test("goes on through people where it is told to", async () => {
    const { ended } = await wait(["person", "pending", "reached"], { isPatient: true });
    expect(ended).toMatchObject({ kind: "reached" });
  });

  test("ends when the time is over, with what was seen last", async () => {
    const { ended, pauses } = await wait(["pending"], { timeoutMs: MINUTE_MS });
    expect(ended).toEqual({ ...arrival("pending"), kind: "late" });
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBe(MINUTE_MS);
  });

  test("looks at the very end once more", async () => {
    const { ended } = await wait(["pending", "reached"], { timeoutMs: SECOND_MS });
    expect(ended).toMatchObject({ kind: "reached" });
  });

  test("looks ever less often, but every ten seconds, and more often again when something moves", async () => {
    const same = Array.from({ length: 8 }, () => "pending" as const);
    const { pauses } = await wait([...same, arrival("pending", "moved"), "reached"]);
    expect(pauses.slice(0, 2)).toEqual([SECOND_MS, 1.5 * SECOND_MS]);
    expect(pauses[7]).toBe(10 * SECOND_MS);
    expect(Math.max(...pauses)).toBe(10 * SECOND_MS);
    expect(pauses[8]).toBe(SECOND_MS);
  });

  test("says each sentence once", async () => {
    const { told } = await wait(["pending", "pending", arrival("pending", "moved"), "reached"]);
    expect(told).toEqual(["pending", "moved"]);
  });

  test("goes on where nobody answers for a while, and says so", async () => {
    const { ended, told } = await wait(["pending", SILENCE, SILENCE, "reached"]);
    expect(ended).toMatchObject({ kind: "reached" });
    expect(told).toEqual(["pending", "nobody answers"]);
  });

  test("gives up when nobody has answered for five minutes, and not before", async () => {
    const { ended, pauses } = await wait([SILENCE]);
    expect(ended).toBe(SILENCE);
    const waitedMs = pauses.reduce((sum, pause) => sum + pause, 0);
    expect(waitedMs).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect(waitedMs - (pauses.at(-1) ?? 0)).toBeLessThan(5 * MINUTE_MS);
  });

  test("ends at once when the API refuses", async () => {
    const refused = new CliError(EXIT.refused, "you may not read web");
    const { ended, pauses } = await wait([refused]);
    expect(ended).toBe(refused);
    expect(pauses).toEqual([]);
  });
});
