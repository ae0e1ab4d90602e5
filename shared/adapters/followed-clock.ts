import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";

/** Where a clock stands: so far ahead of the machine's, or still at a moment. All in milliseconds. */
const Place = z.object({ offsetMs: z.number(), frozenMs: z.number().nullable() });

/**
 * The clock of a local cloud, which people may move ahead and stop. Where it stands is said in a file of JSON, which is
 * read whenever somebody asks for the time: so all processes move at once. While there is no such file, it is the
 * machine's clock.
 * @throws Error for a file that says something else
 */
export function followedClock(file: string): Clock {
  return {
    now: () => {
      const text = readIfThere(file);
      const { offsetMs, frozenMs } =
        text === null ? { offsetMs: 0, frozenMs: null } : Place.parse(JSON.parse(text));
      return instant(frozenMs ?? Date.now() + offsetMs);
    },
  };
}

function readIfThere(file: string): string | null {
  // Nearly always there is none, and failing to read it costs far more than looking.
  if (!existsSync(file)) {
    return null;
  }
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
