import type { GateContext } from "./context.ts";
import { shorten } from "../text.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** How much of a mark's reason a gate tells. */
const REASON_LENGTH_MAX = 300;

/** Closed while the image is marked bad. The mark counts under every revision of the specification. */
export function judgeBadRelease({ release }: GateContext): Verdict {
  const { bad } = release.image;
  return bad === null
    ? OPEN
    : closed(
        `the image of release ${release.id} was marked bad by ${bad.by}: ${shorten(bad.reason, REASON_LENGTH_MAX)}`,
      );
}
