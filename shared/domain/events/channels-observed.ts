import { record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { compareTroubled } from "../notices/troubled.ts";
import type { TroubledChannel } from "../notices/troubled.ts";

/** Whoever tells people says which channels take nothing: the record says so, and the pages. */
export function onChannelsObserved(change: Change, troubled: readonly TroubledChannel[]): Change {
  const { next, facts } = compareTroubled(change.state.troubled, troubled);
  return facts.length === 0
    ? change
    : record({ ...change, state: { ...change.state, troubled: next } }, ...facts);
}
