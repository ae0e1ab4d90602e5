import { beforeEach, expect, test } from "vitest";

import { serviceId } from "../../../shared/domain/ids.ts";
import { addSums } from "../../../shared/domain/numbers/sum.ts";
import type { Store } from "../../../shared/ports/store.ts";
import { START } from "../builders.ts";
import { aDemandingService, anAggregate } from "./samples.ts";
import { sampleDue } from "./sample-numbers.ts";
import { put } from "./store-put.ts";

/** What every store must do with what is counted of several services. */
export function sumTests(store: () => Store): void {
  const one = sampleDue(["payments"])[0]?.counted ?? [];
  const two = addSums(one, one);
  const web = aDemandingService("web", { owners: ["Payments"] });
  const docs = aDemandingService("docs", { owners: ["payments ", "Café/Ops"] });
  beforeEach(async () => {
    await put(store(), { ...anAggregate(web), due: sampleDue(["payments"]) });
    await put(store(), { ...anAggregate(docs), due: sampleDue(["payments", "café/ops"]) });
  });

  async function sums(): Promise<readonly unknown[]> {
    const owners = [null, "PAYMENTS", "Café/Ops", "nobody"];
    return Promise.all(owners.map(async (owner) => store().sum(owner)));
  }

  test("nothing before it was taken in", async () => {
    expect(await sums()).toEqual([[], [], [], []]);
  });

  test("what is due of each service to each of its owners, and once to all", async () => {
    await store().takeDue([web.id, docs.id]);
    expect(await sums()).toEqual([two, two, one, []]);
    expect((await store().read(web.id))?.due).toEqual([]);
  });

  test("once, however often and in whatever order it is asked to", async () => {
    await store().takeDue([docs.id]);
    await Promise.all([store().takeDue([web.id, docs.id]), store().takeDue([docs.id, web.id])]);
    await store().takeDue([web.id, docs.id, serviceId("unknown")]);
    expect(await sums()).toEqual([two, two, one, []]);
  });

  test("and leaves nothing in flight by which it was found", async () => {
    const request = { pageSize: 9, pageToken: "", inFlight: true };
    expect((await store().listServices(request)).items).toHaveLength(2);
    await store().takeDue([web.id, docs.id]);
    expect((await store().listServices(request)).items).toEqual([]);
  });

  test("and says how many services there are, but for those that were removed", async () => {
    const counts = async (): Promise<readonly number[]> =>
      Promise.all([null, "payments", "café/ops"].map(async (of) => store().countServices(of)));
    expect(await counts()).toEqual([2, 2, 1]);
    const gone = anAggregate(docs);
    await put(store(), { ...gone, state: { ...gone.state, removedAt: START } });
    expect(await counts()).toEqual([1, 1, 0]);
  });
}
