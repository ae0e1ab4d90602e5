import type { AuditRecord } from "../domain/audit-record.ts";

/** The audit feed. */
export type Feed = {
  /**
   * Publishes the records of one chain in their order; returns when all are taken over.
   * @throws TransientError when not all were; the same records may then be published again.
   */
  readonly publish: (records: readonly AuditRecord[]) => Promise<void>;
};
