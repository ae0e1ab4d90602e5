import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { smallSpec } from "../support/local-spec.ts";
import { openStoryWorld } from "../support/story-world.ts";
import type { StoryWorld } from "../support/story-world.ts";

let world: StoryWorld;

beforeAll(async () => {
  world = await openStoryWorld();
  await world.apply(smallSpec("web"));
  await world.push("web", "v1");
  await world.pass(10_000);
  await world.pass(10_000);
});

afterAll(async () => {
  await world.close();
});

type Counted = { readonly reads: number; readonly writes: number };

async function counted(happen: () => Promise<unknown>): Promise<Counted> {
  const { firestore } = world.cloud.emulators;
  const before = firestore.usage();
  await happen();
  const after = firestore.usage();
  return { reads: after.reads - before.reads, writes: after.writes - before.writes };
}

/** What the guide says of something: `<what>: R reads, W writes`. */
function said(what: string): Counted {
  const text = readFileSync(new URL("../../docs/guides/install.md", import.meta.url), "utf8");
  const found = new RegExp(`${what}: (?<reads>\\d+) reads, (?<writes>\\d+) writes`).exec(text);
  return { reads: Number(found?.groups?.["reads"]), writes: Number(found?.groups?.["writes"]) };
}

test("an idle minute costs no more than the guide says", async () => {
  const { reads, writes } = await counted(async () => world.pass(60_000));
  const { reads: readsMost, writes: writesMost } = said("a tick when nothing is in flight");
  expect({ reads, writes }).toEqual({ reads: readsMost, writes: writesMost });
});

test("one deployment costs no more than the guide says", async () => {
  const { reads, writes } = await counted(async () => {
    await world.push("web", "v2");
    await world.pass(10_000);
    await world.pass(10_000);
  });
  const most = said("a push until it runs in dev");
  expect(reads).toBeLessThanOrEqual(most.reads);
  expect(writes).toBeLessThanOrEqual(most.writes);
  // The guide is not to say much more than it costs, either.
  expect(reads).toBeGreaterThan(most.reads * 0.75);
  expect(writes).toBeGreaterThan(most.writes * 0.75);
});
