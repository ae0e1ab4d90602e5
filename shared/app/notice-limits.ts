import { duration, minutes } from "../domain/time.ts";

/** How many records are read at once. */
export const RECORDS_READ_MAX = 50;

/** How many rounds one delivery goes on for: a chain that grows for ever is left to the next one. */
export const TELLING_ROUNDS_MAX = 20;

/** How long one channel may take for one notice. */
export const TELL_MAX = duration(20_000);

/** How far back a channel that is new hears of what happened. */
export const LOOKBACK_MAX = minutes(10);

/** How many commits a promotion's notice names, at most. */
export const COMMITS_TOLD_MAX = 10;

/** For how long a channel in trouble keeps its messages coming again; after that each hour looks, and each new record. */
export const SOON_MAX = minutes(10);
