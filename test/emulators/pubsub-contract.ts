import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, openBench } from "./pubsub-bench.ts";
import { checkDelivery } from "./pubsub-contract-delivery.ts";
import { checkKeys, checkLeases } from "./pubsub-contract-leases.ts";
import { checkLimits } from "./pubsub-contract-limits.ts";
import { checkPush } from "./pubsub-contract-push.ts";
import { checkResources } from "./pubsub-contract-resources.ts";
import { checkSettings } from "./pubsub-contract-settings.ts";
import { checkFilters, checkStreams } from "./pubsub-contract-streams.ts";

/** A Pub/Sub that listens somewhere. */
export type Opened = { readonly grpcAddress: string; readonly close: () => Promise<void> };

/** Where an implementation is known to differ: the test's name, and why it fails there. */
export type Differences = Readonly<Record<string, string>>;

type Case = {
  readonly name: string;
  readonly run: () => Promise<void>;
  /** Why it is known to fail here. */
  readonly reason: string | undefined;
};

/**
 * What the official client may rely on, tried over gRPC. A test that is listed among the differences
 * must fail, so that a difference which has gone is noticed.
 */
export function pubsubContract(open: () => Promise<Opened>, differences: Differences = {}): void {
  let opened: Opened;
  let bench: Bench;
  beforeAll(async () => {
    opened = await open();
    bench = openBench(opened.grpcAddress);
  });
  afterAll(async () => {
    await bench.close();
    await opened.close();
  });
  const cases = collectCases(() => bench, differences);
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
    expect(cases.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(differences)));
  });
}

function collectCases(bench: () => Bench, differences: Differences): readonly Case[] {
  const cases: Case[] = [];
  const checks = {
    bench,
    check: (name: string, run: () => Promise<void>): void =>
      void cases.push({ name, run, reason: differences[name] }),
  };
  checkResources(checks);
  checkSettings(checks);
  checkLimits(checks);
  checkDelivery(checks);
  checkLeases(checks);
  checkKeys(checks);
  checkStreams(checks);
  checkFilters(checks);
  checkPush(checks);
  return cases;
}
