import { expect, test } from "vitest";

import { EMPTY_CHAIN } from "../../../shared/domain/audit-record.ts";
import { NEW_CONTROL } from "../../../shared/domain/control.ts";
import type { ListedService, SeenService, Store } from "../../../shared/ports/store.ts";
import { aDemandingService, aHold, anAggregate, NO_HISTORY } from "./samples.ts";
import { noName, put } from "./store-put.ts";

/** The services of a list that could be read. */
export function seenOf(found: readonly ListedService[]): readonly SeenService[] {
  return found.flatMap((one) => (one.kind === "readable" ? [one.seen] : []));
}

/** Holds on everything: kept once, seen with every service. */
export function holdTests(store: () => Store): void {
  const web = aDemandingService("web");
  const hold = aHold("all-1", { kind: "all" });

  test("there is always a control aggregate", async () => {
    const empty = {
      state: NEW_CONTROL,
      chain: { head: EMPTY_CHAIN, published: 0 },
      lease: null,
    };
    expect(await store().readControl()).toStrictEqual(empty);
  });

  test("they are in every aggregate while they last, and in none after", async () => {
    await put(store(), anAggregate(web));
    await setHolds(store(), [hold]);
    expect((await store().readControl()).state.holds).toStrictEqual([hold]);
    expect(await holdsSeen(store())).toStrictEqual([[hold], [hold], [hold]]);
    const seen = await store().transact(web.id, noName, (aggregate) => ({
      write: aggregate === null ? null : { aggregate, history: NO_HISTORY },
      value: aggregate?.state.globalHolds,
    }));
    expect(seen).toStrictEqual([hold]);
    await setHolds(store(), []);
    expect(await holdsSeen(store())).toStrictEqual([[], [], []]);
  });

  test("they are not read where a push looks for its services, and that is said", async () => {
    await put(store(), anAggregate(web));
    await setHolds(store(), [hold]);
    const [found] = seenOf(await store().findByImage(web.image));
    expect(found).toMatchObject({ areHoldsRead: false, state: { globalHolds: [] } });
    expect(await store().read(web.id)).toMatchObject({ areHoldsRead: true });
  });

  async function holdsSeen(from: Store): Promise<readonly unknown[]> {
    const one = await from.read(web.id);
    const listed = await from.listServices({ pageSize: 9, pageToken: "", inFlight: false });
    const lists = [listed.items, await from.findByPipeline("web-us-central1-rollout")];
    return [one, ...lists.map((found) => seenOf(found)[0])].map((seen) => seen?.state.globalHolds);
  }

  async function setHolds(to: Store, holds: readonly (typeof hold)[]): Promise<void> {
    await to.transactControl((control) => ({
      write: {
        aggregate: { ...control, state: { ...control.state, holds } },
        history: NO_HISTORY,
      },
      value: null,
    }));
  }
}
