import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { z } from "zod";
import { assert } from "../domain/assert.ts";
import type { AuditHead } from "../domain/audit-record.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Hash } from "../ports/hash.ts";
import type { AuditView } from "../wire/api/schemas.ts";
import { toAuditView } from "../wire/api/views.ts";

/** An audit record as the API and the feed show it. */
export type ShownRecord = z.output<typeof AuditView>;

/** Hashes records in the form in which everybody sees them. */
export function canonicalHash(): Hash {
  return {
    ofRecord: (record) => {
      const { hash: _, ...shown } = toAuditView({ ...record, hash: "" });
      return hashOf(shown);
    },
  };
}

/**
 * SHA-256 over canonical JSON, in hex.
 * Source: https://www.rfc-editor.org/rfc/rfc8785
 */
function hashOf(value: object): string {
  const text = canonicalize(wellFormed(value));
  assert(text !== undefined, "what is hashed is a JSON value");
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/**
 * Half a surrogate pair has no canonical form. Firestore keeps U+FFFD for it, and so the hash is that of what is kept.
 * Source: https://www.rfc-editor.org/rfc/rfc8785#section-3.2.2.2
 */
function wellFormed(value: unknown): unknown {
  if (typeof value === "string") {
    return value.toWellFormed();
  }
  if (Array.isArray(value)) {
    return value.map(wellFormed);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([name, part]) => [name.toWellFormed(), wellFormed(part)]),
      )
    : value;
}

/** Where a chain of records does not fit together. */
export type BrokenChain = { readonly sequence: number; readonly reason: string };

/**
 * Whether the records follow on `head` without a gap, and each carries its own hash and that of the one
 * before. Gives the new head, or the first place that does not fit.
 */
export function verifyChain(
  head: AuditHead,
  records: readonly ShownRecord[],
): Result<AuditHead, BrokenChain> {
  let last = head;
  for (const record of records) {
    const reason = misfit(last, record);
    if (reason !== null) {
      return refused({ sequence: record.sequence, reason });
    }
    last = { sequence: record.sequence, hash: record.hash };
  }
  return accepted(last);
}

function misfit(last: AuditHead, record: ShownRecord): string | null {
  const { hash: claimed, ...content } = record;
  if (record.sequence !== last.sequence + 1) {
    return `record ${record.sequence} follows record ${last.sequence}`;
  }
  if (record.previousHash !== last.hash) {
    return "it does not name the hash of the record before";
  }
  return hashOf(content) === claimed ? null : "its content does not match its hash";
}
