import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";
import { entryOf } from "../entry-of.ts";

/** Open within the environment's window, and outside its freezes. */
export function judgeWindow({ state, environment }: GateContext): Verdict {
  if (environment.policy.windows === null) {
    return OPEN;
  }
  const reading = entryOf(state.windows, environment.id);
  if (reading === undefined) {
    return closed(
      `the windows of ${environment.id} have not been read yet, which takes up to a minute`,
    );
  }
  return reading.kind === "open" ? OPEN : closed(reading.reason, reading.opensAt);
}
