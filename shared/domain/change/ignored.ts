import { IGNORED_MAX } from "../state.ts";
import { shorten } from "../text.ts";
import type { Change } from "./change.ts";

/** A push of which nothing came, and why. */
export type UnmovedPush = {
  readonly digest: string;
  readonly tag: string | null;
  readonly reason: string;
};

/** How much of a reason the state keeps; the record has all of it. */
const REASON_LENGTH_MAX = 300;

/** Keeps the push among those that changed nothing, which `explain` shows; the same change if it is there already. */
export function keepIgnored(change: Change, push: UnmovedPush): Change {
  const { ignored } = change.state;
  const kept = { ...push, reason: shorten(push.reason, REASON_LENGTH_MAX) };
  const isKnown = ignored.some(
    ({ digest, tag, reason }) =>
      digest === kept.digest && tag === kept.tag && reason === kept.reason,
  );
  if (isKnown) {
    return change;
  }
  const next = [...ignored, { ...kept, at: change.now }].slice(-IGNORED_MAX);
  return { ...change, state: { ...change.state, ignored: next } };
}
