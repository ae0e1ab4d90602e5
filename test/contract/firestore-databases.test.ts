import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFirestore } from "../../emulators/firestore/server.ts";
import type { FirestoreServer } from "../../emulators/firestore/server.ts";
import { firestoreStore } from "../../shared/adapters/firestore-store.ts";
import type { Store } from "../../shared/ports/store.ts";
import {
  aDemandingService,
  anAggregate,
  aPromotion,
  aRelease,
  NO_HISTORY,
} from "../support/contracts/samples.ts";
import { noName } from "../support/contracts/store-put.ts";

const WEB = aDemandingService("web");
const PROMOTION = aPromotion(aRelease(WEB, 1), 1);

let server: FirestoreServer;
beforeAll(async () => {
  server = await startFirestore({});
  await open("slipway").transact(WEB.id, noName, () => ({
    write: { aggregate: anAggregate(WEB), history: { ...NO_HISTORY, promotions: [PROMOTION] } },
    value: null,
  }));
});
afterAll(async () => {
  await server.close();
});

function open(database: string | null): Store {
  return firestoreStore({ project: "acme", endpoint: server.grpcAddress, database });
}

async function whatIsIn(store: Store): Promise<readonly unknown[]> {
  const byImage = await store.findByImage(WEB.image);
  const promotion = await store.promotion(PROMOTION.id);
  return [(await store.read(WEB.id))?.state.service.id, byImage.length, promotion?.id];
}

describe("a store in a named database", () => {
  test("finds there what it has put there", async () => {
    expect(await whatIsIn(open("slipway"))).toEqual([WEB.id, 1, PROMOTION.id]);
  });

  // A comparison of names by their beginnings would mix the first two up with it.
  test.each(["slip", "slipway-two", null])("leaves nothing in database %s", async (database) => {
    expect(await whatIsIn(open(database))).toEqual([undefined, 0, undefined]);
  });
});
