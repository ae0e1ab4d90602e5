import type { AuditRecord } from "../domain/audit-record.ts";
import type { Instant } from "../domain/time.ts";
import type { PendingEffect } from "../ports/store.ts";
import type { Draft } from "./aggregate.ts";
import { due, isUnpublished } from "./pending.ts";

/** What there is to do for a service now. */
export type Work = {
  readonly effects: readonly PendingEffect[];
  /** Up to which record the chain is published. */
  readonly published: number;
  readonly head: number;
  /** The newest records, when they were sealed just now; older ones are read from the history. */
  readonly records: readonly AuditRecord[];
};

/** What is to be done now, or null when nothing is due. */
export function pendingWork(draft: Draft, now: Instant): Work | null {
  const { outbox, chain } = draft.aggregate;
  const effects = due(outbox, now);
  if (effects.length === 0 && !isUnpublished(chain)) {
    return null;
  }
  const { records } = draft.history;
  return { effects, published: chain.published, head: chain.head.sequence, records };
}
