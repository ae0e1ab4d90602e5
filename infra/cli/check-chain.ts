import { verifyChain } from "../../shared/adapters/canonical-hash.ts";
import type { ShownRecord } from "../../shared/adapters/canonical-hash.ts";
import { EMPTY_CHAIN } from "../../shared/domain/audit-record.ts";
import type { AuditHead } from "../../shared/domain/audit-record.ts";
import type { Kept } from "./kept-heads.ts";

/** A chain that was walked to its end, or to the first record that does not fit. */
export type Verdict = {
  readonly chain: string;
  /** The last record that is in order. */
  readonly head: AuditHead;
  readonly broken: { readonly sequence: number; readonly reason: string } | null;
};

/** What is checked, and against what. */
export type Checked = {
  readonly chain: string;
  readonly pages: AsyncIterable<readonly ShownRecord[]>;
  /** Where the service's own document said, before the walk, that the chain ends; null when it cannot be read. */
  readonly claimed: AuditHead | null;
  readonly kept: Kept;
};

/**
 * Walks a chain. Each record has to follow on the one before and be of this chain. The chain has to have the record at
 * which the service's document says that it ends, and every record that was kept elsewhere.
 */
export async function checkChain({ chain, pages, claimed, kept }: Checked): Promise<Verdict> {
  let head = EMPTY_CHAIN;
  for await (const page of pages) {
    // Record by record: a broken one is named after the last that is in order.
    for (const record of page) {
      const reason = strangeness(record, { chain, claimed, kept });
      const checked = verifyChain(head, [record]);
      if (!checked.ok) {
        return { chain, head, broken: checked.refusal };
      }
      if (reason !== null) {
        return { chain, head, broken: { sequence: record.sequence, reason } };
      }
      head = checked.value;
    }
  }
  return { chain, head, broken: missing(head, claimed, kept) };
}

function strangeness(
  { service, sequence, hash }: ShownRecord,
  { chain, claimed, kept }: Omit<Checked, "pages">,
): string | null {
  if (service !== chain) {
    return `it is a record of ${service}`;
  }
  if (sequence === claimed?.sequence && hash !== claimed.hash) {
    return "its document names another record here";
  }
  const own = kept.get(sequence);
  return own === undefined || own === hash ? null : "another record was kept elsewhere";
}

/** What should follow on the last record, and does not. */
function missing(head: AuditHead, claimed: AuditHead | null, kept: Kept): Verdict["broken"] {
  const sequence = head.sequence + 1;
  if (claimed !== null && claimed.sequence > head.sequence) {
    const reason = `it is not there, and its document says that the chain ends at record ${claimed.sequence}`;
    return { sequence, reason };
  }
  const last = Math.max(0, ...kept.keys());
  return last > head.sequence
    ? { sequence, reason: `it is not there, and record ${last} was kept elsewhere` }
    : null;
}
