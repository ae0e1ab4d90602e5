import type { AuditRecord } from "../domain/audit-record.ts";

/** Hashes audit records so that anybody who reads them can do it again. */
export type Hash = {
  /** SHA-256 in hex of the canonical JSON (RFC 8785) of the record as it is shown, without its `hash`. */
  readonly ofRecord: (record: Omit<AuditRecord, "hash">) => string;
};
