import { Firestore } from "@google-cloud/firestore";
import { PassThroughClient } from "google-auth-library";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { firestoreStore } from "../../shared/adapters/firestore-store.ts";
import { EMPTY_CHAIN } from "../../shared/domain/audit-record.ts";
import { sumOf } from "../../shared/domain/numbers/sum.ts";
import { UnreadableError } from "../../shared/ports/errors.ts";
import type { Store } from "../../shared/ports/store.ts";
import { SCHEMA_VERSION } from "../../shared/wire/state-document.ts";
import {
  aDemandingService,
  anAggregate,
  aPromotion,
  aRelease,
  NO_HISTORY,
  someFacts,
  someRecords,
} from "../support/contracts/samples.ts";
import { aFullAggregate } from "../support/contracts/full-aggregate.ts";
import { sampleDue, sampleNumbers } from "../support/contracts/sample-numbers.ts";
import { noName, put } from "../support/contracts/store-put.ts";
import { present } from "../support/present.ts";

const WEB = aDemandingService("web");
let server: FirestoreServer;
let store: Store;
let raw: Firestore;

beforeAll(async () => {
  server = await startFirestore();
  store = firestoreStore({ project: "slipway", endpoint: server.grpcAddress, database: null });
  raw = new Firestore({
    projectId: "slipway",
    host: server.grpcAddress,
    ssl: false,
    authClient: new PassThroughClient(),
  });
});
beforeEach(() => server.reset());
afterAll(async () => {
  await raw.terminate();
  await server.close();
});

describe("what a store on Firestore costs", () => {
  test("a transaction reads two documents and writes what it was asked to", async () => {
    await put(store, anAggregate(WEB));
    const before = server.usage();
    const release = aRelease(WEB, 1);
    const history = {
      ...NO_HISTORY,
      releases: [release],
      promotions: [aPromotion(release, 1)],
      records: someRecords("web", EMPTY_CHAIN, someFacts(2)),
    };
    await store.transact(WEB.id, noName, (aggregate) => ({
      write: aggregate === null ? null : { aggregate, history },
      value: null,
    }));
    expect(costSince(before)).toEqual({ reads: 2, writes: 5 });
  });

  test("a commit reads nothing, and what is stale writes nothing either", async () => {
    await put(store, anAggregate(WEB));
    const seen = present(await store.read(WEB.id), "the service");
    const before = server.usage();
    const history = { ...NO_HISTORY, releases: [aRelease(WEB, 1)] };
    const write = { aggregate: aFullAggregate(WEB), history };
    await store.commit(seen, write);
    expect(costSince(before)).toEqual({ reads: 0, writes: 2 });
    await store.commit(seen, write);
    expect(costSince(before)).toEqual({ reads: 0, writes: 2 });
  });

  test("a transaction with nothing to store writes nothing", async () => {
    await put(store, aFullAggregate(WEB));
    const before = server.usage();
    await store.transact(WEB.id, noName, () => ({ write: null, value: null }));
    expect(costSince(before)).toEqual({ reads: 2, writes: 0 });
  });

  test("a named release that the state has is not read again", async () => {
    const full = aFullAggregate(WEB);
    await put(store, full);
    const before = server.usage();
    await store.transact(
      WEB.id,
      ({ state }) => (state.newest === null ? [] : [state.newest]),
      () => ({ write: null, value: null }),
    );
    expect(costSince(before)).toEqual({ reads: 2, writes: 0 });
  });

  test("a page of a long history costs what the page holds", async () => {
    const releases = Array.from({ length: 40 }, (_, index) => aRelease(WEB, index));
    await store.transact(WEB.id, noName, () => ({
      write: { aggregate: anAggregate(WEB), history: { ...NO_HISTORY, releases } },
      value: null,
    }));
    const before = server.usage();
    await store.releases(WEB.id, { pageSize: 3, pageToken: "" });
    expect(costSince(before)).toEqual({ reads: 7, writes: 0 });
  });
});

describe("a stored document", () => {
  test("of a newer schema is refused, and says what to do", async () => {
    await put(store, anAggregate(WEB));
    await raw.doc("services/web").update({ schemaVersion: SCHEMA_VERSION + 1 });
    const message = `services/web cannot be read: it has schema version ${SCHEMA_VERSION + 1}`;
    for (const attempt of [store.read(WEB.id), put(store, anAggregate(WEB))]) {
      await expect(attempt).rejects.toThrow(message);
      await expect(attempt).rejects.toBeInstanceOf(UnreadableError);
    }
    expect((await raw.doc("services/web").get()).get("schemaVersion")).toBe(SCHEMA_VERSION + 1);
  });

  test("of what holds everything that cannot be read counts as one hold on each service", async () => {
    await put(store, aFullAggregate(WEB));
    await store.transactControl((aggregate) => ({
      write: { aggregate, history: NO_HISTORY },
      value: null,
    }));
    await raw.doc("control/slipway").update({ schemaVersion: SCHEMA_VERSION + 1 });
    await expect(store.readControl()).rejects.toBeInstanceOf(UnreadableError);
    const [pipeline = ""] = WEB.environments.map((environment) => environment.pipeline.id);
    const [listed] = await store.findByPipeline(pipeline);
    const loaded = await store.transact(WEB.id, noName, (aggregate) => ({
      write: null,
      value: aggregate,
    }));
    for (const state of [
      (await store.read(WEB.id))?.state,
      listed?.kind === "readable" ? listed.seen.state : undefined,
      loaded?.state,
    ]) {
      expect(state?.globalHolds).toMatchObject([{ id: "hold-unknown", scope: { kind: "all" } }]);
      expect(state?.globalHolds[0]?.reason).toContain("schema version 2");
    }
  });

  test("that somebody spoiled is refused, naming the place", async () => {
    await put(store, anAggregate(WEB));
    await raw.doc("services/web").update({ "body.state.service.queue": "some" });
    await expect(store.read(WEB.id)).rejects.toThrow(/services\/web.*state\.service\.queue/);
  });

  test.each([
    ["of a newer schema", { schemaVersion: SCHEMA_VERSION + 1 }, "schema version"],
    ["with a damaged body", { "body.state.holds": "none" }, "state.holds"],
    ["with a body that is no object", { body: 7 }, "object"],
    ["without a version", { schemaVersion: "old" }, "schemaVersion"],
    ["with a moment that is no date", { "body.state.appliedAt": 1e300 }, "state.appliedAt"],
    ["of another service", { "body.state.service.id": "docs" }, "it holds the service docs"],
  ])("%s keeps no other from being found, and says why", async (_name, damage, reason) => {
    const docs = aDemandingService("docs");
    const held = aFullAggregate(docs);
    await put(store, held);
    await put(store, aFullAggregate(WEB));
    await raw.doc("services/web").update(damage);
    const [first] = WEB.environments;
    const lists = [
      await store.findByImage(WEB.image),
      await store.findByPipeline(first?.pipeline.id ?? ""),
      await store.findByProject(first?.project ?? ""),
      await store.listHeld(),
      (await store.listServices({ pageSize: 9, pageToken: "", inFlight: true })).items,
    ];
    for (const found of lists) {
      expect(found).toMatchObject([
        { kind: "readable", seen: { state: { service: { id: "docs" } } } },
        { kind: "unreadable", service: "web" },
      ]);
      expect(JSON.stringify(found[1])).toContain(reason);
    }
  });

  test("keeps nothing of the version by which it was seen", async () => {
    await put(store, anAggregate(WEB));
    const seen = present(await store.read(WEB.id), "the service");
    await store.commit(seen, { aggregate: seen, history: NO_HISTORY });
    const kept: unknown = (await raw.doc("services/web").get()).get("body");
    expect(Object.keys(kept ?? {}).toSorted()).toEqual([
      "chain",
      "due",
      "lease",
      "numbers",
      "outbox",
      "state",
    ]);
  });

  test("that cannot be read keeps no other from being taken into the sums", async () => {
    const docs = { ...anAggregate(aDemandingService("docs")), due: sampleDue(["all"]) };
    await put(store, docs);
    await put(store, { ...anAggregate(WEB), due: sampleDue(["web"]) });
    await raw.doc("services/web").update({ "body.due": "much" });
    await store.takeDue([docs.state.service.id, WEB.id]);
    expect(await store.sum(null)).toEqual(docs.due[0]?.counted);
  });

  test("of before there were sums and searches: all that is counted is due, and it says that it cannot be found", async () => {
    const numbers = sampleNumbers();
    await put(store, { ...anAggregate(WEB), numbers });
    const { FieldValue } = await import("@google-cloud/firestore");
    const gone = FieldValue.delete();
    await raw.doc("services/web").update({ "body.due": gone, search: gone, fields: gone });
    const seen = present(await store.read(WEB.id), "the service");
    expect(seen).toMatchObject({ isFindable: false, due: [{ owners: ["web"] }] });
    expect(seen.due[0]?.counted).toEqual(sumOf(WEB, numbers));
    await store.commit(seen, { aggregate: seen, history: NO_HISTORY });
    expect(await store.read(WEB.id)).toMatchObject({ isFindable: true, due: seen.due });
    expect(await store.countServices("web")).toBe(1);
  });

  test("keeps nothing of the holds on everything", async () => {
    const aggregate = aFullAggregate(WEB);
    const held = { ...aggregate.state, globalHolds: aggregate.state.holds };
    await put(store, { ...aggregate, state: held });
    const kept: unknown = (await raw.doc("services/web").get()).get("body.state");
    expect(kept).not.toHaveProperty("globalHolds");
  });
});

describe("a Firestore that fails", () => {
  test("for good is a permanent failure that names the document", async () => {
    server.faults.add({ method: "Commit", call: 1, kind: "status", status: "PERMISSION_DENIED" });
    const attempt = put(store, anAggregate(WEB));
    await expect(attempt).rejects.toThrow(/^services\/web: .*PERMISSION_DENIED/);
    await expect(attempt).rejects.toMatchObject({ name: "PermanentError" });
    expect(await store.read(WEB.id)).toBeNull();
  });

  test("a commit on sight whose answer is lost was made, and looks like somebody else's", async () => {
    await put(store, anAggregate(WEB));
    const seen = present(await store.read(WEB.id), "the service");
    server.faults.add({ method: "Commit", call: 1, kind: "drop-after" });
    const full = aFullAggregate(WEB);
    expect(await store.commit(seen, { aggregate: full, history: NO_HISTORY })).toBeNull();
    expect((await store.read(WEB.id))?.outbox).toEqual(full.outbox);
  });

  test("what is due is taken in once, although the answer is lost and the commit is made again", async () => {
    const full = { ...aFullAggregate(WEB), due: sampleDue(["web"]) };
    await put(store, full);
    server.faults.add({ method: "Commit", call: 1, kind: "drop-after" });
    await store.takeDue([WEB.id]);
    expect(await store.sum("web")).toEqual(full.due[0]?.counted);
    expect((await store.read(WEB.id))?.due).toEqual([]);
  });

  test("a commit whose answer is lost is made again, and the decision sees what it did", async () => {
    await put(store, anAggregate(WEB));
    server.faults.add({ method: "Commit", call: 1, kind: "drop-after" });
    const seen: number[] = [];
    await store.transact(WEB.id, noName, (loaded) => {
      const aggregate = loaded ?? anAggregate(WEB);
      seen.push(aggregate.outbox.length);
      const next = { ...aggregate, outbox: aFullAggregate(WEB).outbox };
      return { write: { aggregate: next, history: NO_HISTORY }, value: null };
    });
    const { length } = aFullAggregate(WEB).outbox;
    expect(seen).toEqual([0, length]);
    expect((await store.read(WEB.id))?.outbox).toHaveLength(length);
  });
});

function costSince(before: { readonly reads: number; readonly writes: number }): object {
  const { reads, writes } = server.usage();
  return { reads: reads - before.reads, writes: writes - before.writes };
}
