import { describe, expect, test } from "vitest";
import { handle } from "../../shared/app/handle.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { days, duration } from "../../shared/domain/time.ts";
import { anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { comeToRest, happen, install } from "../support/storm.ts";

const PROJECT = "web-prod-0a1b";
const WEB = aService();
const backup = { cloudSql: true, gkePlan: null, retain: days(30), maxAge: duration(0) };
const approvals = { required: 1, from: [], notRequester: false, notAuthor: false };
const MINUTE_MS = 60_000;

/** A release that is in dev, and asked for in prod, whose image may go. */
async function open(policy: Partial<Policy>): Promise<MemoryPorts> {
  const memory = memoryPorts();
  memory.world.backups.databases.set(PROJECT, ["web"]);
  const prod = anEnvironment("prod", { stage: 1, policy: aPolicy(policy), hasDatabase: true });
  await install(memory.ports, aService({ environments: [anEnvironment("dev"), prod] }));
  await happen(memory, { kind: "push", image: 1 });
  await happen(memory, { kind: "roll", isNotified: true });
  return memory;
}

async function askForProd(memory: MemoryPorts): Promise<void> {
  await happen(memory, { kind: "promote", environment: "prod", isGlassBroken: false });
}

async function tick(memory: MemoryPorts): Promise<void> {
  memory.clock.advance(MINUTE_MS);
  await onTick(memory.ports, "minute");
}

function promotionToProd({ world }: MemoryPorts): Promotion {
  const all = [...world.store.promotions.values()];
  return present(
    all.find(({ environment }) => environment === "prod"),
    "the promotion",
  );
}

function whyEnded(memory: MemoryPorts): string {
  const { world, ports } = memory;
  expect(brokenInWorld(world, ports.hash)).toEqual([]);
  expect(brokenAtRest(world)).toEqual([]);
  const { state, steps } = promotionToProd(memory);
  return `${state} ${steps.flatMap(({ message }) => (message === null ? [] : [message])).join(" ")}`;
}

describe("an image that is gone", () => {
  test("has no backup taken for it, and its promotion fails and says why", async () => {
    const memory = await open({ backup });
    memory.world.images.set(WEB.image, []);
    await askForProd(memory);
    await comeToRest(memory);
    expect(memory.world.backups.backups).toEqual([]);
    expect(whyEnded(memory)).toMatch(/^FAILED take-backup: .* is gone from the registry/);
  });

  test("has no migration run for it", async () => {
    const memory = await open({ migrations: { before: { job: "migrate" }, after: null } });
    memory.world.images.set(WEB.image, []);
    await askForProd(memory);
    await comeToRest(memory);
    expect(memory.calls.made).not.toContain("jobs.run");
    expect(whyEnded(memory)).toMatch(/^FAILED run-job: .* is gone from the registry/);
  });

  test("waits for no approval: its promotion ends with the next minute", async () => {
    const memory = await open({ approvals });
    await askForProd(memory);
    await tick(memory);
    expect(promotionToProd(memory).state).toBe("WAITING");
    memory.world.images.set(WEB.image, []);
    await tick(memory);
    expect(whyEnded(memory)).toContain("FAILED the image is gone from the registry");
  });

  test("is no reason to end a promotion on which nothing is spent", async () => {
    const memory = await open({ soak: days(1) });
    await askForProd(memory);
    memory.world.images.set(WEB.image, []);
    await tick(memory);
    expect(promotionToProd(memory).state).toBe("WAITING");
  });
});

describe("a registry that does not say whether the image is there", () => {
  test.for(["transient", "permanent"] as const)(
    "with a %s failure keeps the backup waiting, and nothing is condemned",
    async (outage) => {
      const memory = await open({ backup });
      memory.calls.outages.set("registry.getImage", outage);
      await askForProd(memory);
      await tick(memory);
      expect(promotionToProd(memory).state).toBe("RUNNING");
      expect(memory.world.backups.backups).toEqual([]);
      memory.calls.outages.clear();
      await comeToRest(memory);
      expect(promotionToProd(memory).state).toBe("SUCCEEDED");
    },
  );

  test("ends no promotion that waits for an approval", async () => {
    const memory = await open({ approvals });
    await askForProd(memory);
    memory.calls.outages.set("registry.getImage", "permanent");
    await tick(memory);
    expect(promotionToProd(memory).state).toBe("WAITING");
  });
});

test("a second word that an image is gone changes nothing", async () => {
  const memory = await open({ approvals });
  await askForProd(memory);
  const { release } = promotionToProd(memory);
  await handle(memory.ports, WEB.id, { kind: "image-gone", release });
  const count = memory.world.published.length;
  await handle(memory.ports, WEB.id, { kind: "image-gone", release });
  expect(memory.world.published).toHaveLength(count);
});
