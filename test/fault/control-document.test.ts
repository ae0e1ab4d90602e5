import { describe, expect, test } from "vitest";
import { handle } from "../../shared/app/handle.ts";
import { liftHold, listHolds, placeHold } from "../../shared/app/holds.ts";
import { onImagePush } from "../../shared/app/image-push.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { TickKind } from "../../shared/domain/control.ts";
import { tellUnasked } from "../../shared/app/tell-unasked.ts";
import { TOLD_MAX } from "../../shared/domain/control.ts";
import { environmentId, holdId } from "../../shared/domain/ids.ts";
import { UnreadableError } from "../../shared/ports/errors.ts";
import { aDigest, aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { comeToRest, happen, install } from "../support/storm.ts";

const WEB = aService();
const PROD = environmentId("prod");
const ANN = "user:ann@example.com";
const WHY = "it has schema version 9";

/** Release 1 and then release 2 were deployed to both environments; then nobody can read what holds everything. */
async function open(): Promise<MemoryPorts> {
  const memory = memoryPorts();
  await install(memory.ports, WEB);
  for (const image of [1, 2]) {
    await happen(memory, { kind: "push", image });
    await happen(memory, { kind: "roll", isNotified: true });
    await happen(memory, { kind: "promote", environment: "prod", isGlassBroken: false });
    await happen(memory, { kind: "roll", isNotified: true });
  }
  memory.world.store.damagedControl = WHY;
  return memory;
}

function tagIn({ world }: MemoryPorts, environment: string): string | null {
  const state = world.store.services.get(WEB.id)?.state;
  return state?.environments[environment]?.current?.tag ?? null;
}

describe("while the control document cannot be read", () => {
  test("every service counts as held, and says why and what to do", async () => {
    const memory = await open();
    await happen(memory, { kind: "push", image: 3 });
    const [waiting] =
      memory.world.store.services.get(WEB.id)?.state.environments["dev"]?.waiting ?? [];
    const hold = waiting?.gates.find(({ gate }) => gate === "hold");
    expect(hold?.verdict).toMatchObject({
      kind: "CLOSED",
      reason: expect.stringMatching(
        /slipway holds everything: the holds on everything cannot be read, .* schema version 9/,
      ) as unknown,
    });
    const holds = await listHolds(memory.ports);
    expect(holds.map((held) => [held.hold.id, held.service])).toEqual([["hold-unknown", null]]);
  });

  test("a rollback goes on, and so does what breaks the glass", async () => {
    const memory = await open();
    await handle(memory.ports, WEB.id, {
      kind: "rollback-requested",
      environment: PROD,
      release: null,
      by: ANN,
      reason: "it is broken",
      restoreData: false,
      hold: null,
      asOncall: false,
      hasImage: true,
    });
    await happen(memory, { kind: "roll", isNotified: true });
    expect(tagIn(memory, "prod")).toBe("v1");
    await happen(memory, { kind: "push", image: 3 });
    await happen(memory, { kind: "promote", environment: "dev", isGlassBroken: true });
    await happen(memory, { kind: "roll", isNotified: true });
    expect(tagIn(memory, "dev")).toBe("v3");
  });

  test.for<TickKind>(["minute", "hour", "day"])(
    "the %s's sweep visits every service, and ends with the error",
    async (kind) => {
      const memory = await open();
      await happen(memory, { kind: "promote", environment: "dev", isGlassBroken: true });
      await happen(memory, { kind: "push", image: 3 });
      await happen(memory, { kind: "promote", environment: "dev", isGlassBroken: true });
      memory.cloudDeploy.finishAll();
      await expect(onTick(memory.ports, kind)).rejects.toBeInstanceOf(UnreadableError);
      expect(tagIn(memory, "dev")).toBe("v3");
    },
  );

  test("holds on a service are placed and lifted, those on everything are refused", async () => {
    const memory = await open();
    const about = { reason: "stop", by: ANN, createdAt: memory.clock.now(), asOncall: false };
    const own = { kind: "service" as const, service: WEB.id };
    const hold = { id: holdId("hold-1"), scope: own, until: null, ...about };
    expect(await placeHold(memory.ports, hold)).toBeNull();
    const lift = { hold: hold.id, by: ANN, asOncall: false };
    expect(await liftHold(memory.ports, lift)).toBeNull();
    const all = { ...hold, scope: { kind: "all" as const } };
    await expect(placeHold(memory.ports, all)).rejects.toBeInstanceOf(UnreadableError);
  });

  test("a message that cannot be read, and a push that concerns nobody, are over with", async () => {
    const memory = await open();
    const message = { kind: "message-refused" as const, id: "1", reason: "no JSON", besides: 0 };
    await tellUnasked(memory.ports, message);
    const push = { action: "INSERT" as const, digest: aDigest(1), tag: "v1", publishedAt: null };
    const outcome = await onImagePush(memory.ports, { ...push, repository: "host/project/other" });
    expect(outcome.kind).toBe("ignored");
    expect(memory.logs.map(({ message: line }) => line)).toContain("control document not readable");
  });

  test("once it can be read again what waited goes on", async () => {
    const memory = await open();
    await happen(memory, { kind: "push", image: 3 });
    memory.world.store.damagedControl = null;
    await comeToRest(memory);
    expect(tagIn(memory, "dev")).toBe("v3");
    expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
    expect(brokenAtRest(memory.world)).toEqual([]);
  });
});

const MINUTE_MS = 60_000;

function writes({ calls }: MemoryPorts): number {
  return calls.made.filter((call) => call === "store.transactControl").length;
}

describe("what nobody asked for", () => {
  test("is stored at most once a minute beyond the hour's quota, and counted in full", async () => {
    const memory = memoryPorts();
    const { ports, clock } = memory;
    const refuse = async (count: number): Promise<void> => {
      for (let number = 0; number < count; number += 1) {
        const id = `${clock.now()}-${number}`;
        await tellUnasked(ports, { kind: "message-refused", id, reason: "no JSON", besides: 0 });
      }
    };
    await refuse(TOLD_MAX);
    const before = writes(memory);
    await refuse(500);
    expect(writes(memory)).toBe(before);
    clock.advance(MINUTE_MS - 1);
    await refuse(1);
    expect(writes(memory)).toBe(before);
    clock.advance(1);
    await refuse(100);
    expect(writes(memory)).toBe(before + 1);
    expect(memory.world.store.control.state.refused.leftOut).toBe(502);
    clock.advance(60 * MINUTE_MS);
    await refuse(1);
    const told = memory.world.store.records.get("_slipway") ?? [];
    expect(told).toHaveLength(TOLD_MAX + 2);
    expect(told.at(-2)?.details).toEqual({ leftOut: "502" });
    // The rest of those that were counted in the last minute.
    expect(memory.world.store.control.state.refused.leftOut).toBe(99);
  });

  test("of one kind keeps no other kind from being told", async () => {
    const memory = memoryPorts();
    for (let number = 0; number <= TOLD_MAX; number += 1) {
      const id = String(number);
      const event = { kind: "message-refused" as const, id, reason: "no JSON", besides: 0 };
      await tellUnasked(memory.ports, event);
    }
    const push = { action: "INSERT" as const, digest: aDigest(1), tag: "v1", publishedAt: null };
    await onImagePush(memory.ports, { ...push, repository: "host/project/other" });
    const told = memory.world.store.records.get("_slipway") ?? [];
    expect(told.at(-1)).toMatchObject({ kind: "image.ignored" });
  });
});
