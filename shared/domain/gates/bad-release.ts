import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Open unless the image was marked bad, under whatever revision, by a rollback or by hand. */
export function judgeBadRelease({ release }: GateContext): Verdict {
  const { bad } = release.image;
  return bad === null
    ? OPEN
    : closed(`the image of release ${release.id} was marked bad by ${bad.by}: ${bad.reason}`);
}
