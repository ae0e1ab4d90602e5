import { assert } from "../domain/assert.ts";
import type { AuditRecord } from "../domain/audit-record.ts";
import { EMPTY_CHAIN } from "../domain/audit-record.ts";
import type { Decision } from "../domain/decide.ts";
import { brokenInvariants } from "../domain/invariants.ts";
import { NEW_BOOK } from "../domain/numbers/book.ts";
import { countRecords } from "../domain/numbers/sum.ts";
import type { Service } from "../domain/service.ts";
import { newServiceState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import type { Hash } from "../ports/hash.ts";
import type { HistoryWrites, ServiceAggregate } from "../ports/store.ts";
import { enqueue, removeObsolete } from "./pending.ts";
import { seal } from "./seal.ts";

/** An aggregate on its way through decisions, with the history that they wrote. */
export type Draft = { readonly aggregate: ServiceAggregate; readonly history: HistoryWrites };

/** A history to which nothing was written. */
export const NO_HISTORY: HistoryWrites = {
  promotions: [],
  releases: [],
  images: [],
  timeline: [],
  backups: [],
  specs: [],
  records: [],
};

/** The aggregate of a service that was never seen before. */
export function newAggregate(service: Service): ServiceAggregate {
  return {
    state: newServiceState(service),
    outbox: [],
    chain: { head: EMPTY_CHAIN, published: 0 },
    lease: null,
    numbers: NEW_BOOK,
    due: [],
  };
}

/** Takes a decision into an aggregate: its state, its effects into the outbox, its facts into the chain. */
export function take(
  hash: Hash,
  draft: Draft,
  { decision, now }: { readonly decision: Decision; readonly now: Instant },
): Draft {
  const { aggregate, history } = draft;
  const broken = brokenInvariants(decision.next);
  assert(broken.length === 0, `every invariant of the state, but: ${broken.join("; ")}`);
  const entry = { name: aggregate.state.service.id, facts: decision.facts, now };
  const sealed = seal(hash, aggregate.chain, entry);
  return {
    aggregate: {
      ...aggregate,
      state: decision.next,
      outbox: enqueue(aggregate.outbox, decision.effects, now),
      chain: sealed.chain,
      ...countRecords(aggregate, decision.next.service, sealed.records),
    },
    history: {
      promotions: lastOfEach(history.promotions, decision.promotions),
      releases: lastOfEach(history.releases, decision.releases),
      images: lastOfEach(history.images, decision.images),
      timeline: lastOfEach(history.timeline, decision.timeline),
      backups: lastOfEach(history.backups, decision.backups),
      specs: [...history.specs, ...decision.specs],
      records: concat(history.records, sealed.records),
    },
  };
}

/** The draft without pending effects that nobody wants any more. */
export function withoutObsolete(draft: Draft): Draft {
  const { aggregate } = draft;
  const outbox = removeObsolete(aggregate.outbox, aggregate.state);
  return { ...draft, aggregate: { ...aggregate, outbox } };
}

function concat(
  before: readonly AuditRecord[],
  records: readonly AuditRecord[],
): readonly AuditRecord[] {
  return [...before, ...records];
}

function lastOfEach<Item extends { readonly id: string }>(
  before: readonly Item[],
  items: readonly Item[],
): readonly Item[] {
  const byId = new Map([...before, ...items].map((item) => [item.id, item]));
  return [...byId.values()];
}
