import type { Instant } from "../domain/time.ts";

/** How many things of a kind were counted and not stored yet, and until when they are only counted. */
export type Count = { readonly until: Instant; readonly count: number };

/** What this process has counted, by kind. It goes with the process: such a number says "about so many". */
export type Tally = Map<string, Count>;
