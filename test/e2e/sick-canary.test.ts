import { afterAll, beforeAll, expect, test } from "vitest";
import { PROD, STORY, STORY_SPEC } from "../support/story-spec.ts";
import { answering, ask, promotionOf } from "../support/story-views.ts";
import { openStoryWorld } from "../support/story-world.ts";
import type { StoryWorld } from "../support/story-world.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const TIMEOUT_MS = 60_000;
const PROMOTE = `/v1/services/${STORY}/environments/prod:promote`;
const PLACE = { project: PROD, service: `${STORY}-prod-us-central1` };

let world: StoryWorld;

beforeAll(async () => {
  world = await openStoryWorld();
  await world.apply(STORY_SPEC);
  await promote("v1", {});
  await passMinutes(13);
});
afterAll(async () => {
  await world.close();
});

/** Pushes an image and takes it past every gate, as far as the beginning of its rollout to production. */
async function promote(tag: string, labels: Readonly<Record<string, string>>): Promise<string> {
  await world.push(STORY, tag, labels);
  await world.pass(10 * SECOND_MS);
  const body = { breakGlass: true, reason: "it is urgent" };
  const id = await ask(world, "oncall", { line: PROMOTE, body });
  await passMinutes(5);
  return id;
}

async function passMinutes(count: number): Promise<void> {
  for (let minute = 1; minute <= count; minute += 1) {
    await world.pass(MINUTE_MS);
  }
}

test(
  "a release that is not well in its canary never gets all of the traffic",
  async () => {
    const id = await promote("v2", { "dev.slipway.emulator.healthz": "503" });
    await world.pass(6 * SECOND_MS);
    expect(await answering(world, PLACE)).toEqual({ v1: 15, v2: 5 });
    for (let minute = 1; minute <= 5; minute += 1) {
      await passMinutes(1);
      expect((await answering(world, PLACE))["v1"] ?? 0).toBeGreaterThanOrEqual(15);
    }
    expect(await promotionOf(world, id)).toMatchObject({ state: "ROLLED_BACK" });
    expect(await answering(world, PLACE)).toEqual({ v1: 20 });
  },
  TIMEOUT_MS,
);
