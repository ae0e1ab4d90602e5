import fc from "fast-check";
import { expect, test } from "vitest";

import { EMPTY_CHAIN } from "../../../shared/domain/audit-record.ts";
import type { SeenService, ServiceAggregate, Store } from "../../../shared/ports/store.ts";
import { instant } from "../../../shared/domain/time.ts";
import { present } from "../present.ts";
import {
  aDemandingService,
  aHold,
  anAggregate,
  aRelease,
  NO_HISTORY,
  someFacts,
  someRecords,
} from "./samples.ts";
import { aFullAggregate } from "./full-aggregate.ts";

/** How many orders of writers are tried. */
const RUNS = 10;

/** What a store must do with what was decided on a service as it was seen. */
export function commitTests(store: () => Store): void {
  const web = aDemandingService("web");

  async function putAndSee(aggregate: ServiceAggregate): Promise<SeenService> {
    await store().transact(
      web.id,
      () => [],
      () => ({ write: { aggregate, history: NO_HISTORY }, value: null }),
    );
    return see();
  }

  async function see(): Promise<SeenService> {
    return present(await store().read(web.id), "the service");
  }

  test("it is stored, with its history, and comes back as it was", async () => {
    const seen = await putAndSee(anAggregate(web));
    const full = aFullAggregate(web);
    const release = aRelease(web, 7);
    const records = someRecords("web", EMPTY_CHAIN, someFacts(2));
    const history = { ...NO_HISTORY, releases: [release], images: [release.image], records };
    const stored = await store().commit(seen, { aggregate: full, history });
    const known = { version: stored?.version, areHoldsRead: true, isFindable: true };
    expect(stored).toStrictEqual({ ...full, ...known });
    expect(await see()).toStrictEqual(stored);
    expect(await store().release(web.id, release.id)).toStrictEqual(release);
    expect(await store().records("web", 0, 10)).toStrictEqual(records);
  });

  test("what was stored is seen, so that the next decision needs no reading", async () => {
    const seen = await putAndSee(anAggregate(web));
    const write = { aggregate: aFullAggregate(web), history: NO_HISTORY };
    const first = present(await store().commit(seen, write), "the first commit");
    const second = await store().commit(first, { ...write, aggregate: anAggregate(web) });
    expect(second).toStrictEqual(await see());
  });

  test.each(["a commit", "a transaction"])(
    "once %s came in between, nothing of it is stored",
    async (first) => {
      const seen = await putAndSee(anAggregate(web));
      const other = { aggregate: aFullAggregate(web), history: NO_HISTORY };
      await (first === "a commit" ? store().commit(seen, other) : putAndSee(other.aggregate));
      const before = await see();
      const release = aRelease(web, 7);
      const late = { aggregate: anAggregate(web), history: { ...NO_HISTORY, releases: [release] } };
      expect(await store().commit(seen, late)).toBeNull();
      expect(await see()).toStrictEqual(before);
      expect(await store().release(web.id, release.id)).toBeNull();
    },
  );

  test("a service that is no more is not made anew by it", async () => {
    const gone = anAggregate(aDemandingService("gone"));
    const seen = { ...gone, version: "1.0", areHoldsRead: true, isFindable: true };
    const write = { aggregate: anAggregate(aDemandingService("gone")), history: NO_HISTORY };
    expect(await store().commit(seen, write)).toBeNull();
    expect(await store().read(seen.state.service.id)).toBeNull();
  });

  test("the holds on everything stay where they are", async () => {
    await store().transactControl((control) => {
      const holds = [aHold("all-1", { kind: "all" })];
      const aggregate = { ...control, state: { ...control.state, holds } };
      return { write: { aggregate, history: NO_HISTORY }, value: null };
    });
    const seen = await putAndSee(anAggregate(web));
    expect(seen.state.globalHolds).toHaveLength(1);
    const stored = await store().commit(seen, { aggregate: seen, history: NO_HISTORY });
    expect(stored?.state.globalHolds).toHaveLength(1);
    expect((await see()).state.holds).toEqual([]);
  });

  test("of those who saw the same, one stores and the others are told", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 6 }), async (count) => {
        const seen = await putAndSee(anAggregate(web));
        const stored = await Promise.all(
          Array.from({ length: count }, async (_, index) => {
            const lease = { holder: `writer-${index}`, until: instant(1) };
            return store().commit(seen, { aggregate: { ...seen, lease }, history: NO_HISTORY });
          }),
        );
        const winners = stored.filter((one) => one !== null);
        expect(winners).toHaveLength(1);
        expect(await see()).toStrictEqual(winners[0]);
      }),
      { numRuns: RUNS },
    );
  });
}
