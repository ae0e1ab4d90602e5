import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Open unless the release was marked bad, by a rollback or by hand. */
export function judgeBadRelease({ release }: GateContext): Verdict {
  const { bad } = release;
  return bad === null
    ? OPEN
    : closed(`release ${release.id} was marked bad by ${bad.by}: ${bad.reason}`);
}
