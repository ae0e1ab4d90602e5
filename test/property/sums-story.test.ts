import { describe, expect, test } from "vitest";
import { onDeployNotification } from "../../shared/app/deploy-notification.ts";
import { handle } from "../../shared/app/handle.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { NEW_BOOK } from "../../shared/domain/numbers/book.ts";
import { count } from "../../shared/domain/numbers/count.ts";
import { addSums, sumOf } from "../../shared/domain/numbers/sum.ts";
import type { Sum } from "../../shared/domain/numbers/sum.ts";
import type { Service } from "../../shared/domain/service.ts";
import { aCandidate, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";

const MINUTE = 60_000;
const PROMOTIONS = 24;
const ANN = "user:ann@example.com";

/** A service with an only stage of its own. */
function owned(name: string, owners: readonly string[], fingerprint = "first"): Service {
  const pipeline = { project: "slipway", location: "us-central1", id: `${name}-rollout` };
  const parts = { pipeline, target: `${name}-prod`, policy: aPolicy({ promotion: "automatic" }) };
  return aService({
    id: serviceId(name),
    name,
    owners,
    fingerprint,
    image: `us-central1-docker.pkg.dev/slipway/apps/${name}`,
    environments: [anEnvironment("prod", parts)],
  });
}

const BEFORE = [
  owned("pay", ["Payments"]),
  owned("desk", ["support"]),
  owned("both", ["payments", "support"]),
];

/** The desk changes hands half-way. */
const AFTER = owned("desk", ["payments"], "second");

type Delivery = { readonly times: number; readonly isShuffled: boolean; readonly isTaken: boolean };

/** Three services of two owners, each of which delivers; every fifth rollout breaks, every fourth push waits. */
async function tell({ times, isShuffled, isTaken }: Delivery): Promise<MemoryPorts> {
  const memory = memoryPorts();
  const { ports, clock } = memory;
  for (const service of BEFORE) {
    await handle(ports, service.id, { kind: "service-applied", service, by: ANN });
  }
  const again = async (act: () => Promise<unknown>): Promise<void> => {
    for (let time = 1; time <= times; time += 1) {
      await act();
    }
  };
  for (let number = 1; number <= PROMOTIONS; number += 1) {
    clock.advance(90 * MINUTE);
    await deliver(memory, number, { again, isShuffled });
    if (number === PROMOTIONS / 2) {
      const applied = { kind: "service-applied" as const, service: AFTER, by: ANN };
      await again(() => handle(ports, AFTER.id, applied));
    }
    if (isTaken && number % 3 === 0) {
      await onTick(ports, "minute");
    }
  }
  clock.advance(MINUTE);
  await again(() => onTick(ports, "minute"));
  await onTick(ports, "minute");
  return memory;
}

type Hand = {
  readonly again: (act: () => Promise<unknown>) => Promise<void>;
  readonly isShuffled: boolean;
};

/** A push, the rollout that follows it, and its end. */
async function deliver(memory: MemoryPorts, number: number, hand: Hand): Promise<void> {
  const { ports, clock, cloudDeploy, world } = memory;
  const { again, isShuffled } = hand;
  const { id } = BEFORE[number % BEFORE.length] ?? AFTER;
  const at = new Date(clock.now() - number * 1000).toISOString().replace("Z", "000000Z");
  const put = { tag: `v${number}`, at, commit: null };
  const candidate = aCandidate(number, { put, uploadedAt: at, changedAt: at });
  const pushed = { kind: "image-found" as const, candidate, by: "registry" };
  await again(() => handle(ports, id, pushed));
  clock.advance((1 + (number % 7)) * MINUTE);
  const rolling = [...world.cloudDeploy.rollouts.values()].find(
    ({ state }) => state === "IN_PROGRESS",
  );
  const broken = number % 5 === 0 && rolling !== undefined ? [rolling] : [];
  for (const { id: rollout } of broken) {
    cloudDeploy.fail(rollout, "it broke");
  }
  const moved = [...cloudDeploy.finishAll(), ...broken];
  for (const { pipeline, id: rollout, release } of isShuffled ? moved.toReversed() : moved) {
    await again(() => onDeployNotification(ports, { pipeline, rollout, release }));
  }
  if (isShuffled) {
    // What was seen before is told once more.
    await handle(ports, id, pushed);
  }
}

/**
 * A sum as a plain reader of the records makes it, who knows nothing else: each record counts to the owners that the last
 * `service.applied` before it names.
 */
function recounted(memory: MemoryPorts, owner: string | null): Sum {
  return BEFORE.reduce<Sum>((all, service) => {
    const records = memory.world.store.records.get(service.id) ?? [];
    let sum = all;
    let book = NEW_BOOK;
    let isOwn = false;
    for (const record of records) {
      isOwn = ownersIn(record)?.some((name) => owner === null || name === owner) ?? isOwn;
      const next = count({ ...book, weeks: [] }, record);
      sum = isOwn ? addSums(sum, sumOf(service, next)) : sum;
      book = next;
    }
    return sum;
  }, []);
}

function ownersIn({ kind, details }: AuditRecord): readonly string[] | null {
  return kind === "service.applied"
    ? (details["owners"] ?? "").split(", ").map((name) => name.toLowerCase())
    : null;
}

describe("the sums of owners and of all", () => {
  test.each([
    ["once", { times: 1, isShuffled: false, isTaken: true }],
    ["twice", { times: 2, isShuffled: false, isTaken: true }],
    ["twice and in another order", { times: 2, isShuffled: true, isTaken: true }],
    ["twice, and taken in at the end alone", { times: 2, isShuffled: true, isTaken: false }],
  ])("are what the records come to, with each event delivered %s", async (_, delivery) => {
    const calm = await tell({ times: 1, isShuffled: false, isTaken: true });
    const memory = await tell(delivery);
    for (const owner of [null, "payments", "support"]) {
      const sum = await memory.ports.store.sum(owner);
      expect(sum, String(owner)).toEqual(recounted(memory, owner));
      expect(sum, String(owner)).toEqual(await calm.ports.store.sum(owner));
    }
    const [all, payments, support] = await Promise.all(
      [null, "PAYMENTS", "support"].map(async (owner) => deployments(memory, owner)),
    );
    // What both have counts once to each of them, and once in all.
    expect(all).toBe(PROMOTIONS - Math.floor(PROMOTIONS / 5));
    expect((payments ?? 0) + (support ?? 0)).toBeGreaterThan(all ?? 0);
    expect(memory.world.store.services.get("desk")?.state.service.owners).toEqual(["payments"]);
    expect([...memory.world.store.services.values()].flatMap(({ due }) => due)).toEqual([]);
  });

  test("stay as they are when a tick has nothing to take in", async () => {
    const memory = await tell({ times: 1, isShuffled: false, isTaken: true });
    const before = structuredClone(memory.world.store);
    await onTick(memory.ports, "minute");
    expect(memory.world.store.sums).toEqual(before.sums);
    expect(memory.world.store.services).toEqual(before.services);
  });
});

async function deployments({ ports }: MemoryPorts, owner: string | null): Promise<number> {
  const sum = await ports.store.sum(owner);
  return sum.reduce((all, { counts }) => all + counts.tally.deployments, 0);
}
