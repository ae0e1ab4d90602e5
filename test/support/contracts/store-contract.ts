import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { PermanentError } from "../../../shared/ports/errors.ts";
import { searchKeysFor } from "../../../shared/domain/search-keys.ts";
import { serviceId } from "../../../shared/domain/ids.ts";
import type { ServiceId } from "../../../shared/domain/ids.ts";
import type { ListedService, ServiceAggregate, Store } from "../../../shared/ports/store.ts";
import { anAggregate, aDemandingService, aRelease, NO_HISTORY } from "./samples.ts";
import { aFullAggregate } from "./full-aggregate.ts";
import { commitTests } from "./store-commit.ts";
import { everywhereTests } from "./store-everywhere.ts";
import { holdTests, seenOf } from "./store-holds.ts";
import { historyTests } from "./store-history.ts";
import { bare, noName, put } from "./store-put.ts";
import { raceTests } from "./store-races.ts";
import { sumTests } from "./store-sums.ts";

/** A store to be tried out. */
export type OpenStore = {
  readonly store: Store;
  /** Empties it. */
  readonly reset: () => void | Promise<void>;
  readonly close: () => Promise<void>;
};

async function readBare(store: Store, service: ServiceId): Promise<ServiceAggregate | null> {
  const seen = await store.read(service);
  return seen === null ? null : bare(seen);
}

/** What every store must do. */
export function storeContract(name: string, open: () => Promise<OpenStore>): void {
  describe(`the store ${name}`, () => {
    const store = whileOpen(open);

    describe("keeps aggregates:", () => {
      aggregateTests(store);
    });
    describe("finds services:", () => {
      findingTests(store);
    });
    describe("keeps holds on everything apart:", () => {
      holdTests(store);
    });
    describe("keeps history:", () => {
      historyTests(store);
    });
    describe("tells what changed anywhere:", () => {
      everywhereTests(store);
    });
    describe("adds up what was counted:", () => {
      sumTests(store);
    });
    describe("stores what was decided on sight:", () => {
      commitTests(store);
    });
  });
}

/** What no race may do to a store. */
export function storeRaces(name: string, open: () => Promise<OpenStore>): void {
  describe(`the store ${name} under races`, () => {
    raceTests(whileOpen(open));
  });
}

/** Opens a store for the tests around, and empties it before each of them. */
function whileOpen(open: () => Promise<OpenStore>): () => Store {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await open();
  });
  beforeEach(async () => opened.reset());
  afterAll(async () => opened.close());
  return () => opened.store;
}

function aggregateTests(store: () => Store): void {
  const web = aDemandingService("web");

  test("a service that nobody stored is unknown", async () => {
    const seen = await store().transact(web.id, noName, (aggregate) => ({
      write: null,
      value: aggregate,
    }));
    expect([seen, await store().read(web.id)]).toEqual([null, null]);
  });

  test("what was stored comes back as it was, whatever is in it", async () => {
    const full = aFullAggregate(web);
    await put(store(), full);
    expect(await readBare(store(), web.id)).toStrictEqual(full);
    const seen = await store().transact(web.id, noName, (aggregate) => ({
      write: null,
      value: aggregate,
    }));
    expect(seen).toStrictEqual(full);
  });

  test("the decision's value comes back", async () => {
    const value = await store().transact(web.id, noName, () => ({ write: null, value: "decided" }));
    expect(value).toBe("decided");
  });

  test("without a write nothing is stored", async () => {
    await put(store(), anAggregate(web));
    await store().transact(web.id, noName, () => ({ write: null, value: null }));
    expect(await readBare(store(), web.id)).toStrictEqual(anAggregate(web));
  });

  test("when the decision throws, that error comes out and nothing is stored", async () => {
    const bug = new Error("a bug of ours");
    const attempt = store().transact(web.id, noName, () => {
      throw bug;
    });
    await expect(attempt).rejects.toBe(bug);
    expect(await store().read(web.id)).toBeNull();
  });

  test("a value that cannot be stored as it is stops the transaction", async () => {
    const odd = anAggregate(web);
    Reflect.set(odd.state.environments, "dev", undefined);
    await expect(put(store(), odd)).rejects.toThrow(/storable|undefined/);
    expect(await store().read(web.id)).toBeNull();
  });

  test("a named release is brought back from the history into the state", async () => {
    const old = aRelease(web, 1);
    const aggregate = anAggregate(web);
    await store().transact(web.id, noName, () => ({
      write: { aggregate, history: { ...NO_HISTORY, releases: [old], images: [old.image] } },
      value: null,
    }));
    const seen = await store().transact(
      web.id,
      () => [old.id],
      (loaded) => ({ write: null, value: loaded }),
    );
    expect(seen?.state.releases).toStrictEqual({ [old.id]: old });
    expect((await store().read(web.id))?.state.releases).toEqual({});
  });

  test("a named release that there is none of changes nothing", async () => {
    await put(store(), anAggregate(web));
    const seen = await store().transact(
      web.id,
      () => [aRelease(web, 9).id],
      (loaded) => ({ write: null, value: loaded }),
    );
    expect(seen).toStrictEqual(anAggregate(web));
  });

  test("a text that can be no id is the name of nothing", async () => {
    const odd = serviceId("a/b");
    expect(await store().read(odd)).toBeNull();
    expect(await store().release(odd, aRelease(web, 1).id)).toBeNull();
    expect(await store().records(odd, 0, 10)).toEqual([]);
  });
}

function findingTests(store: () => Store): void {
  const web = aDemandingService("web");
  const docs = aDemandingService("docs", { image: "us-central1-docker.pkg.dev/slipway/apps/docs" });
  const worker = aDemandingService("worker", {
    environments: web.environments.map((environment) => ({
      ...environment,
      pipeline: { ...environment.pipeline, id: "worker-pipeline" },
    })),
  });
  beforeEach(async () => {
    await put(store(), anAggregate(web));
    await put(store(), aFullAggregate(docs));
    await put(store(), anAggregate(worker));
  });

  test("by their image", async () => {
    expect(idsOf(await store().findByImage(web.image)).toSorted()).toEqual(["web", "worker"]);
    expect(idsOf(await store().findByImage(docs.image))).toEqual(["docs"]);
    expect(await store().findByImage(`${web.image}-other`)).toEqual([]);
  });

  test("by their pipeline", async () => {
    expect(idsOf(await store().findByPipeline("worker-pipeline"))).toEqual(["worker"]);
    expect(await store().findByPipeline("nobody's")).toEqual([]);
  });

  test("once they were removed, only by their id and in the list of all", async () => {
    const full = aFullAggregate(docs);
    const removedAt = full.state.appliedAt;
    await put(store(), { ...full, state: { ...full.state, removedAt } });
    expect(await store().findByImage(docs.image)).toEqual([]);
    expect(await store().listHeld()).toEqual([]);
    const found = await store().findByPipeline(docs.environments[0]?.pipeline.id ?? "");
    expect(idsOf(found)).not.toContain("docs");
    const project = docs.environments[0]?.project ?? "";
    expect(idsOf(await store().findByProject(project))).not.toContain("docs");
    expect((await store().read(docs.id))?.state.removedAt).toBe(removedAt);
    const request = { pageSize: 10, pageToken: "", inFlight: false };
    expect(idsOf((await store().listServices(request)).items)).toContain("docs");
  });

  test("by the holds they carry", async () => {
    expect(seenOf(await store().listHeld()).map(bare)).toStrictEqual([aFullAggregate(docs)]);
  });

  test("page by page, by id", async () => {
    const request = { pageSize: 2, inFlight: false };
    const first = await store().listServices({ ...request, pageToken: "" });
    const last = await store().listServices({ ...request, pageToken: first.nextPageToken });
    expect([idsOf(first.items), idsOf(last.items)]).toEqual([["docs", "web"], ["worker"]]);
    expect(last.nextPageToken).toBe("");
  });

  test("by the keys that they have, all of them, page by page", async () => {
    const keys = searchKeysFor({ text: "o", owner: "", category: "test", attention: null }, false);
    const request = { pageSize: 1, inFlight: false, having: keys };
    const first = await store().listServices({ ...request, pageToken: "" });
    const last = await store().listServices({ ...request, pageToken: first.nextPageToken });
    expect([idsOf(first.items), idsOf(last.items)]).toEqual([["docs"], ["worker"]]);
    expect(last.nextPageToken).toBe("");
    const none = { ...request, pageToken: "", having: [...keys, "owner `of.no`/one"] };
    expect((await store().listServices(none)).items).toEqual([]);
  });

  test("by whether something is in flight: an open promotion, an effect, an unpublished record, an untaken count", async () => {
    const full = aFullAggregate(web);
    const idle = anAggregate(web);
    const cases = [
      { ...idle, state: { ...idle.state, environments: full.state.environments } },
      { ...idle, outbox: full.outbox },
      { ...idle, chain: full.chain },
      { ...idle, due: full.due },
    ];
    const request = { pageSize: 10, pageToken: "", inFlight: true };
    expect(idsOf((await store().listServices(request)).items)).toEqual(["docs"]);
    for (const aggregate of cases) {
      await put(store(), aggregate);
      expect(idsOf((await store().listServices(request)).items)).toEqual(["docs", "web"]);
    }
    await put(store(), idle);
    expect(idsOf((await store().listServices(request)).items)).toEqual(["docs"]);
  });

  test.for(["not a token", "bm9wZQ", "eyJsaXN0IjoieCIsImFmdGVyIjpbMV19"])(
    "and a page token %s that it never gave is refused",
    async (pageToken) => {
      const attempt = store().listServices({ pageSize: 2, pageToken, inFlight: false });
      await expect(attempt).rejects.toThrow(PermanentError);
      await expect(attempt).rejects.toMatchObject({ status: "INVALID_ARGUMENT" });
    },
  );
}

function idsOf(found: readonly ListedService[]): readonly string[] {
  return seenOf(found).map(({ state }) => state.service.id);
}
