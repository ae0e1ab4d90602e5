import { fact } from "./audit-record.ts";
import type { AuditHead, Fact } from "./audit-record.ts";

/** The end of one chain. */
export type ChainHead = AuditHead & {
  /** The service's id, or `_slipway`. */
  readonly chain: string;
};

/** How many heads one record carries: about 10 kB. */
export const HEADS_PER_RECORD = 100;

/**
 * Facts that carry where chains ended. They are published with all others, so whoever keeps the feed can tell later
 * that a chain was shortened, replaced or written anew.
 */
export function checkpointFacts(heads: readonly ChainHead[]): readonly Fact[] {
  const parts = Math.ceil(heads.length / HEADS_PER_RECORD);
  return Array.from({ length: parts }, (_, index) => {
    const own = heads.slice(index * HEADS_PER_RECORD, (index + 1) * HEADS_PER_RECORD);
    const details = { part: `${index + 1} of ${parts}`, heads: own.map(toLine).join("\n") };
    return fact("audit.checkpoint", "slipway", { details });
  });
}

function toLine({ chain, sequence, hash }: ChainHead): string {
  return `${chain} ${sequence} ${hash}`;
}

/** The heads that a checkpoint's `heads` carries. What is no head is left out. */
export function readHeads(lines: string): readonly ChainHead[] {
  return lines.split("\n").flatMap((line) => {
    const [chain = "", sequence = "", hash = ""] = line.split(" ");
    return /^\d+$/.test(sequence) && hash !== ""
      ? [{ chain, sequence: Number(sequence), hash }]
      : [];
  });
}
