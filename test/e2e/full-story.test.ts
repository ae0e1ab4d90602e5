import { afterAll, beforeAll, expect, test } from "vitest";
import { DEV, PLAN, PROD, STORY, STORY_SPEC } from "../support/story-spec.ts";
import {
  answering,
  ask,
  explain,
  promotionOf,
  running,
  verifiedRecords,
} from "../support/story-views.ts";
import { openStoryWorld } from "../support/story-world.ts";
import type { StoryWorld } from "../support/story-world.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
/** It takes a few seconds of real time; a busy machine gets more. */
const TIMEOUT_MS = 60_000;
const PROMOTE = `/v1/services/${STORY}/environments/prod:promote`;
const DATABASE = { project: PROD, instance: STORY };
const PLACE = { project: PROD, service: `${STORY}-prod-us-central1` };

let world: StoryWorld;

beforeAll(async () => {
  world = await openStoryWorld();
  await world.apply(STORY_SPEC);
});
afterAll(async () => {
  await world.close();
});

test(
  "a release goes through all that production asks for, and a bad one is taken back by itself",
  async () => {
    await breakTheGlass();
    const good = await waitForGates();
    await deploy(good);
    const bad = await bakeAndFail();
    await bringBack(good);
    const records = await verifiedRecords(world, STORY);
    const kindsOf = (id: string): readonly string[] =>
      records.filter(({ promotion }) => promotion === id).map(({ kind }) => kind);
    expect(kindsOf(good)).toEqual(
      expect.arrayContaining(["promotion.approved", "backup.finished", "migration.finished"]),
    );
    expect(kindsOf(good).at(-1)).toBe("promotion.succeeded");
    expect(kindsOf(bad).at(-1)).toBe("promotion.rolled-back");
  },
  TIMEOUT_MS,
);

/** The first release: somebody on call takes it past closed gates, and the steps are the same for it. */
async function breakTheGlass(): Promise<void> {
  await push("v1");
  expect(await explain(world, STORY)).toMatchObject({
    standing: "BLOCKED",
    closed: ["window", "soak", "approval"],
  });
  const body = { breakGlass: true, reason: "there is nothing in production yet" };
  const id = await ask(world, "oncall", { line: PROMOTE, body });
  await passMinutes(4);
  expect(await explain(world, STORY)).toMatchObject({ standing: "UNDER_WAY", step: "migrate" });
  await passMinutes(13);
  expect(await promotionOf(world, id)).toMatchObject({ state: "SUCCEEDED" });
  expect(await running(world, STORY)).toEqual({ dev: "v1", prod: "v1" });
}

/** The second waits: for its soak, for somebody else's approval, for an incident to close, for its window. */
async function waitForGates(): Promise<string> {
  await push("v2");
  const id = await ask(world, "deployer", { line: PROMOTE, body: { reason: "faster labels" } });
  expect(await explain(world, STORY)).toMatchObject({
    standing: "WAITING",
    closed: ["window", "soak", "approval"],
  });
  await world.pass(30 * MINUTE_MS);
  expect(await explain(world, STORY)).toMatchObject({ closed: ["window", "approval"] });
  await approve(id);
  expect(await explain(world, STORY)).toMatchObject({ closed: ["window"] });
  await world.incident(PROD, "open");
  expect(await explain(world, STORY)).toMatchObject({
    standing: "WAITING",
    closed: ["window", "incident"],
    summary: matching(/ waits to go to prod.*window.*incident .* is open in prod/),
  });
  await passUntil("2026-11-20T12:00:00Z");
  expect(await explain(world, STORY)).toMatchObject({ standing: "WAITING", closed: ["incident"] });
  await world.content(DATABASE, "parcels of Friday noon");
  await world.incident(PROD, "close");
  expect(await explain(world, STORY)).toMatchObject({ standing: "UNDER_WAY", step: "backup" });
  return id;
}

/** Who may not approve, and who asked for it, are refused; then somebody else approves. */
async function approve(id: string): Promise<void> {
  const line = `POST /v1/promotions/${id}:approve`;
  const refused = { status: 403, body: { error: { status: "PERMISSION_DENIED" } } };
  expect(await world.call("viewer", line, {})).toMatchObject(refused);
  expect(await world.call("deployer", line, {})).toMatchObject(refused);
  const approved = await world.call("approver", line, { comment: "looks well" });
  expect(approved).toMatchObject({
    status: 200,
    body: { approvals: [{ by: "user:alex@example.com", comment: "looks well" }] },
  });
}

/** Nothing is deployed before both backups have finished and the migration has run; then the canary comes. */
async function deploy(id: string): Promise<void> {
  expect(await backupStates(id)).toEqual(["RUNNING", "RUNNING"]);
  await world.pass(2 * MINUTE_MS);
  expect(await backupStates(id)).toEqual(["SUCCEEDED", "RUNNING"]);
  expect(await explain(world, STORY)).toMatchObject({ standing: "UNDER_WAY", step: "backup" });
  await world.pass(2 * MINUTE_MS);
  expect(await backupStates(id)).toEqual(["SUCCEEDED", "SUCCEEDED"]);
  expect(await explain(world, STORY)).toMatchObject({ standing: "UNDER_WAY", step: "migrate" });
  expect(await running(world, STORY)).toEqual({ dev: "v2", prod: "v1" });
  await world.pass(MINUTE_MS);
  expect(await explain(world, STORY)).toMatchObject({ standing: "UNDER_WAY", step: "rollout" });
  await world.pass(6 * SECOND_MS);
  expect(await answering(world, PLACE)).toEqual({ v1: 15, v2: 5 });
  await world.pass(6 * SECOND_MS);
  expect(await answering(world, PLACE)).toEqual({ v2: 20 });
  expect(await explain(world, STORY)).toMatchObject({ standing: "UNDER_WAY", step: "bake" });
  await world.pass(9 * MINUTE_MS);
  expect(await promotionOf(world, id)).toMatchObject({ state: "RUNNING" });
  await world.pass(MINUTE_MS);
  expect(await promotionOf(world, id)).toMatchObject({ state: "SUCCEEDED" });
  expect(await explain(world, STORY)).toMatchObject({
    standing: "THERE",
    summary: matching(/^release v2 .* runs in prod$/),
  });
}

/** The third is well in its canary and while it is verified; while it bakes an incident opens. */
async function bakeAndFail(): Promise<string> {
  await push("v3", { "dev.slipway.emulator.healthz-after": "120" });
  const id = await ask(world, "deployer", { line: PROMOTE, body: { reason: "nicer labels" } });
  await ask(world, "approver", { line: `/v1/promotions/${id}:approve`, body: {} });
  await world.pass(30 * MINUTE_MS);
  expect(await explain(world, STORY)).toMatchObject({ standing: "UNDER_WAY", step: "backup" });
  await passMinutes(5);
  await world.pass(6 * SECOND_MS);
  await world.pass(6 * SECOND_MS);
  expect(await explain(world, STORY)).toMatchObject({ standing: "UNDER_WAY", step: "bake" });
  expect(await running(world, STORY)).toEqual({ dev: "v3", prod: "v3" });
  await world.incident(PROD, "open");
  await world.pass(6 * SECOND_MS);
  expect(await promotionOf(world, id)).toMatchObject({ state: "ROLLED_BACK" });
  expect(await running(world, STORY)).toEqual({ dev: "v3", prod: "v2" });
  expect(await answering(world, PLACE)).toEqual({ v2: 20 });
  expect(await explain(world, STORY)).toMatchObject({
    standing: "BLOCKED",
    closed: ["bad-release", "incident", "approval"],
  });
  return id;
}

/** Production's data as it was before the good release goes into the environment for tests. */
async function bringBack(good: string): Promise<void> {
  await world.content(DATABASE, "parcels of Friday evening");
  const line = `/v1/services/${STORY}/environments/prod:restore`;
  const { backups } = await promotionOf(world, good);
  const backup = backups.find(({ source }) => source.includes(PROD) && !source.includes(PLAN));
  const body = { backup: backup?.id ?? "", into: "dev", reason: "to look into it" };
  const id = await ask(world, "deployer", { line, body });
  await passMinutes(8);
  expect(await promotionOf(world, id)).toMatchObject({ kind: "restore", state: "SUCCEEDED" });
  expect(await world.content({ project: DEV, instance: STORY })).toBe("parcels of Friday noon");
  expect(await world.content(DATABASE)).toBe("parcels of Friday evening");
}

/** Pushes an image and lets it arrive in dev. */
async function push(tag: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  await world.push(STORY, tag, labels);
  await world.pass(10 * SECOND_MS);
  expect(await running(world, STORY)).toMatchObject({ dev: tag });
}

async function passMinutes(count: number): Promise<void> {
  for (let minute = 1; minute <= count; minute += 1) {
    await world.pass(MINUTE_MS);
  }
}

async function passUntil(time: string): Promise<void> {
  await world.pass(Date.parse(time) - world.clock.now());
}

async function backupStates(id: string): Promise<readonly string[]> {
  const { backups } = await promotionOf(world, id);
  return backups.map(({ state }) => state);
}

/** Matches a text of that form. */
function matching(form: RegExp): unknown {
  return expect.stringMatching(form);
}
