import type { Timer } from "../kit/clock.ts";
import type { Owner } from "./locks.ts";

/** A transaction that is under way, or that was given up for others and is not yet told so. */
export type Transaction = {
  readonly id: string;
  readonly owner: Owner;
  /** The time that a read-only transaction reads at; null for one that also writes. */
  readonly snapshot: number | null;
  readonly startMs: number;
  isAborted: boolean;
  /** Calls that are under way; a transaction is not idle while there are any. */
  calls: number;
  timer: Timer | null;
  /** Called when the transaction is over: the end of its connection does not matter any more. */
  readonly stayAfterConnection: () => void;
};
