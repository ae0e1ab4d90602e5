import type { Firestore } from "@google-cloud/firestore";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Checks, openClient, type Opened } from "./firestore-bench.ts";
import { documentChecks } from "./firestore-contract-documents.ts";
import { listenChecks } from "./firestore-contract-listen.ts";
import { queryChecks } from "./firestore-contract-queries.ts";
import { requestChecks } from "./firestore-contract-requests.ts";
import { transactionChecks } from "./firestore-contract-transactions.ts";

/** Where an implementation is known to differ: the test's name, and why it fails there. */
export type Differences = Readonly<Record<string, string>>;

const CHECKS: Checks = {
  ...documentChecks,
  ...transactionChecks,
  ...queryChecks,
  ...listenChecks,
  ...requestChecks,
};

/**
 * What the official client may rely on, tried over gRPC. A test that is listed among the differences
 * must fail, so that a difference which has gone is noticed.
 */
export function firestoreContract(
  open: () => Promise<Opened>,
  differences: Differences = {},
): void {
  let opened: Opened;
  let db: Firestore;
  beforeAll(async () => {
    opened = await open();
    db = openClient(opened.grpcAddress);
  });
  afterAll(async () => {
    await db.terminate();
    await opened.close();
  });
  const cases = Object.entries(CHECKS).map(([name, check], index) => ({
    name,
    run: () => check({ db, collection: db.collection(`case-${index}`) }, opened),
    reason: differences[name],
  }));
  const same = cases.filter(({ reason }) => reason === undefined);
  test.each(same)("$name", async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
  describe.runIf(same.length < cases.length)("known differences", () => {
    const known = cases.filter(({ reason }) => reason !== undefined);
    test.each(known)("not here: $name ($reason)", async ({ run }) => {
      await expect(run()).rejects.toBeInstanceOf(Error);
    });
  });
  test("every known difference is about a test that exists", () => {
    expect(Object.keys(CHECKS)).toEqual(expect.arrayContaining(Object.keys(differences)));
  });
}
