import { assert } from "../domain/assert.ts";
import type { AuditHead, AuditRecord, Fact } from "../domain/audit-record.ts";
import type { Instant } from "../domain/time.ts";
import type { Hash } from "../ports/hash.ts";
import type { Chain } from "../ports/store.ts";

/** New records at the end of a chain, and the chain with them. */
export type Sealed = { readonly chain: Chain; readonly records: readonly AuditRecord[] };

/** Gives facts their place in a chain: a number, and a hash over themselves and the hash before. */
export function seal(
  hash: Hash,
  chain: Chain,
  entry: { readonly name: string; readonly facts: readonly Fact[]; readonly now: Instant },
): Sealed {
  const records: AuditRecord[] = [];
  let head = chain.head;
  for (const fact of entry.facts) {
    const sealed = sealOne(hash, head, { name: entry.name, fact, now: entry.now });
    records.push(sealed);
    head = { sequence: sealed.sequence, hash: sealed.hash };
  }
  assert(head.sequence === chain.head.sequence + records.length, "a chain has no gap");
  return { chain: { ...chain, head }, records };
}

function sealOne(
  hash: Hash,
  head: AuditHead,
  entry: { readonly name: string; readonly fact: Fact; readonly now: Instant },
): AuditRecord {
  const sequence = head.sequence + 1;
  const unsealed = {
    ...entry.fact,
    id: `${entry.name}-${sequence}`,
    chain: entry.name,
    sequence,
    time: entry.now,
    previousHash: head.hash,
  };
  return { ...unsealed, hash: hash.ofRecord(unsealed) };
}
