import fc from "fast-check";
import { expect, test } from "vitest";

import { EMPTY_CHAIN } from "../../../shared/domain/audit-record.ts";
import { present } from "../present.ts";
import { newServiceState } from "../../../shared/domain/state.ts";
import { NEW_BOOK } from "../../../shared/domain/numbers/book.ts";
import type { Service } from "../../../shared/domain/service.ts";
import type { Meeting, ServiceAggregate, Store } from "../../../shared/ports/store.ts";
import {
  aDemandingService,
  aHold,
  anAggregate,
  NO_HISTORY,
  someFacts,
  someRecords,
} from "./samples.ts";

/** How many histories of racing writers are tried. */
const RUNS = 6;

/** What no race may do. */
export function raceTests(store: () => Store): void {
  test("transactions that race on one service never lose an update", async () => {
    let run = 0;
    const writers = fc.array(fc.constantFrom("web", "docs", "control"), {
      minLength: 2,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(writers, async (writing) => {
        run += 1;
        const suffix = String(run);
        const before = await countHolds(store());
        await Promise.all(writing.map(async (kind) => add(store(), kind, suffix)));
        for (const kind of ["web", "docs"]) {
          const expected = writing.filter((writer) => writer === kind).length;
          expect(await recorded(store(), `${kind}-${suffix}`)).toEqual(
            Array.from({ length: expected }, (_, index) => index + 1),
          );
        }
        const held = writing.filter((writer) => writer === "control").length;
        expect(await countHolds(store())).toBe(before + held);
      }),
      { numRuns: RUNS },
    );
  });

  test("a service is created once, however many create it at the same time", async () => {
    const service = aDemandingService("web");
    const seen = await Promise.all(
      Array.from({ length: 5 }, async () =>
        store().transact(
          service.id,
          () => [],
          (aggregate) => ({
            write:
              aggregate === null ? { aggregate: anAggregate(service), history: NO_HISTORY } : null,
            value: aggregate === null,
          }),
        ),
      ),
    );
    expect(seen.filter((isCreator) => isCreator)).toHaveLength(1);
  });

  test("of services that want one image at the same time, each alone, one gets it", async () => {
    const image = "us-docker.pkg.dev/p/r/wanted-by-all";
    const wanting = ["a", "b", "c", "d"].map((id) => aDemandingService(id, { image }));
    const seen = await Promise.all(
      wanting.map(async (service) =>
        store().transactAmong(
          service.id,
          { named: () => [], meeting: { image, projects: [], pipelines: [] } },
          (_, others) => ({
            write:
              others.length === 0 ? { aggregate: anAggregate(service), history: NO_HISTORY } : null,
            value: others.length,
          }),
        ),
      ),
    );
    expect(seen.toSorted((one, other) => one - other)).toEqual([0, 1, 1, 1]);
    expect(await store().findByImage(image)).toHaveLength(1);
  });

  test("a service meets others by image, project or pipeline, and never itself", async () => {
    const service = aDemandingService("met");
    const { project, pipeline } = present(service.environments[0], "its first environment");
    const nowhere = { image: "", projects: [], pipelines: [] };
    await store().transact(
      service.id,
      () => [],
      () => ({ write: { aggregate: anAggregate(service), history: NO_HISTORY }, value: null }),
    );
    for (const meeting of [
      { ...nowhere, image: service.image },
      { ...nowhere, projects: [project] },
      { ...nowhere, pipelines: [pipeline.id] },
    ]) {
      expect(await metBy(store(), "other-one", meeting)).toContain("met");
      expect(await metBy(store(), "met", meeting)).not.toContain("met");
    }
    expect(await metBy(store(), "other-one", nowhere)).toEqual([]);
  });
}

async function metBy(store: Store, id: string, meeting: Meeting): Promise<readonly string[]> {
  return store.transactAmong(
    aDemandingService(id).id,
    { named: () => [], meeting },
    (_, others) => ({
      write: null,
      value: others.map((one) =>
        one.kind === "readable" ? one.seen.state.service.id : one.service,
      ),
    }),
  );
}

async function add(store: Store, kind: string, suffix: string): Promise<void> {
  await (kind === "control"
    ? addHold(store)
    : addRecord(store, aDemandingService(`${kind}-${suffix}`)));
}

/** Adds one record to the service's chain; two that do not know of each other would take one number. */
async function addRecord(store: Store, service: Service): Promise<void> {
  await store.transact(
    service.id,
    () => [],
    (loaded) => {
      const aggregate = loaded ?? fresh(service);
      const records = someRecords(service.id, aggregate.chain.head, someFacts(1));
      const last = records.at(-1);
      const head =
        last === undefined ? aggregate.chain.head : { sequence: last.sequence, hash: last.hash };
      const next = { ...aggregate, chain: { head, published: 0 } };
      return { write: { aggregate: next, history: { ...NO_HISTORY, records } }, value: null };
    },
  );
}

function fresh(service: Service): ServiceAggregate {
  const chain = { head: EMPTY_CHAIN, published: 0 };
  return {
    state: newServiceState(service),
    outbox: [],
    chain,
    lease: null,
    numbers: NEW_BOOK,
    due: [],
  };
}

async function addHold(store: Store): Promise<void> {
  await store.transactControl((control) => {
    const { holds } = control.state;
    const hold = aHold(`all-${holds.length + 1}`, { kind: "all" });
    const aggregate = { ...control, state: { ...control.state, holds: [...holds, hold] } };
    return { write: { aggregate, history: NO_HISTORY }, value: null };
  });
}

async function countHolds(store: Store): Promise<number> {
  return (await store.readControl()).state.holds.length;
}

/** The numbers of a chain's records, which its head agrees with. */
async function recorded(store: Store, chain: string): Promise<readonly number[]> {
  const sequences = (await store.records(chain, 0, 100)).map(({ sequence }) => sequence);
  const aggregate = await store.read(aDemandingService(chain).id);
  expect(aggregate?.chain.head.sequence ?? 0).toBe(sequences.length);
  return sequences;
}
