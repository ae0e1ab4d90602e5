import { afterAll, beforeAll, expect, test } from "vitest";
import {
  HoldList,
  PromotionList,
  ReleaseList,
  TimelineList,
} from "../../shared/wire/api/schemas.ts";
import type { AuditReader } from "../support/audit-reader.ts";
import { CARRIER, CARRIER_SPEC, ORDERS, ORDERS_PROD, ordersSpec } from "../support/team-spec.ts";
import {
  answering,
  ask,
  explainRead,
  promotionOf,
  read,
  running,
  verifiedRecords,
} from "../support/story-views.ts";
import { brokenInStory, memoryOf, readStoryFeed } from "../support/story-state.ts";
import { openStoryWorld } from "../support/story-world.ts";
import type { StoryWorld } from "../support/story-world.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const NIGHT_MS = 16 * HOUR_MS;
/** It takes a few seconds of real time; a busy machine gets more. */
const TIMEOUT_MS = 120_000;
/** More than a promotion of this service needs: a backup and a rollout, or a restore and a rollout. */
const PROMOTION_MINUTES_MAX = 15;
const DATABASE = { project: ORDERS_PROD, instance: ORDERS };
const PLACE = { project: ORDERS_PROD, service: `${ORDERS}-prod-us-central1` };
const PROD = `/v1/services/${ORDERS}/environments/prod`;

let world: StoryWorld;
let reader: AuditReader;

beforeAll(async () => {
  world = await openStoryWorld();
  reader = await readStoryFeed(world, "team-week");
  await world.apply(ordersSpec("512Mi"));
  await world.apply(CARRIER_SPEC);
});
afterAll(async () => {
  await reader.close();
  await world.close();
});

test(
  "a team's week of reverts, retags, a hotfix, a bad release and its data goes where the order of pushes says",
  async () => {
    await revert();
    await night();
    await retag();
    await night();
    await followStable();
    await hotfix();
    await night();
    const elder = await takeBack();
    await night();
    await changeMemory(elder);
    await night();
    await forgive(elder);
    await bringDataBack();
    await expectTimeline();
    await expectReasons();
    expect(await brokenInStory(world, reader, ORDERS)).toEqual([]);
    expect(await brokenInStory(world, reader, CARRIER)).toEqual([]);
  },
  TIMEOUT_MS,
);

/** Friday. The old content comes back under a new tag: that is what somebody asked for last. */
async function revert(): Promise<void> {
  await put("release-1", "apricot");
  await put("release-2", "banana");
  await expectRunning({ dev: "release-2" });
  await put("release-3", "apricot");
  await expectRunning({ dev: "release-3", preview: null, prod: null });
  await promote();
  await expectRunning({ prod: "release-3" });
  expect(await answering(world, PLACE)).toEqual({ apricot: 20 });
  const { releases } = await releasesOf(ORDERS);
  const [newest, older] = releases.map(({ tags }) => tags.map(({ tag }) => tag));
  expect([newest, older]).toEqual([["release-3", "release-1"], ["release-2"]]);
}

/** Saturday. What the policy did not take is tagged for it later, the older one last. */
async function retag(): Promise<void> {
  await put("qa-4", "cherry");
  await put("qa-5", "damson");
  await expectRunning({ dev: "release-3" });
  await put("release-4", "damson");
  await expectRunning({ dev: "release-4" });
  await put("release-5", "cherry");
  await expectRunning({ dev: "release-5", prod: "release-3" });
  await promote();
  expect(await answering(world, PLACE)).toEqual({ cherry: 20 });
}

/** Sunday. A tag that moves to and fro is followed, and changes nothing elsewhere. */
async function followStable(): Promise<void> {
  await put("stable", "apricot");
  await expectRunning({ preview: "release-3" });
  await put("stable", "banana");
  await expectRunning({ preview: "release-2" });
  await put("stable", "apricot");
  await expectRunning({ dev: "release-5", preview: "release-3", prod: "release-5" });
}

/** The same day. A hotfix of the old line comes after the new one; only a person takes it anywhere. */
async function hotfix(): Promise<void> {
  await world.put(CARRIER, "v1.2.4", { version: "1.2.4" });
  await world.put(CARRIER, "v1.3.0", { version: "1.3.0" });
  await world.pass(MINUTE_MS);
  await world.put(CARRIER, "v1.2.5", { version: "1.2.5" });
  await world.pass(MINUTE_MS);
  await look();
  expect(await running(world, CARRIER)).toEqual({ dev: "v1.3.0", prod: null });
  const passed = (await verifiedRecords(world, CARRIER)).find(
    ({ kind }) => kind === "promotion.superseded",
  );
  expect(passed).toMatchObject({ environment: "dev", reason: matching(/newer .*\(v1\.3\.0\)/) });
  const release = await releaseOf(CARRIER, "v1.2.5");
  expect(await explainRead(world, CARRIER, release)).toMatchObject({ closed: ["order"] });
  for (const environment of ["dev", "prod"]) {
    const line = `/v1/services/${CARRIER}/environments/${environment}:promote`;
    const body = { release, reason: "customers are on 1.2" };
    await ends(await ask(world, "deployer", { line, body }), "SUCCEEDED");
  }
  expect(await running(world, CARRIER)).toEqual({ dev: "v1.2.5", prod: "v1.2.5" });
  await look();
  expect(await running(world, CARRIER)).toEqual({ dev: "v1.2.5", prod: "v1.2.5" });
  await world.put(CARRIER, "v1.3.1", { version: "1.3.1" });
  await world.pass(MINUTE_MS);
  expect(await running(world, CARRIER)).toEqual({ dev: "v1.3.1", prod: "v1.2.5" });
}

/** Monday. A release is bad in production: somebody takes it back, and its image goes nowhere any more. */
async function takeBack(): Promise<string> {
  const digest = await put("release-6", "elder");
  await promote();
  expect(await answering(world, PLACE)).toEqual({ elder: 20 });
  const body = { reason: "orders are lost" };
  await ends(await ask(world, "deployer", { line: `${PROD}:rollback`, body }), "SUCCEEDED");
  expect(await answering(world, PLACE)).toEqual({ cherry: 20 });
  await put("release-7", "elder");
  await expectRunning({ dev: "release-6", prod: "release-5" });
  return digest;
}

/** Tuesday. The changed limit is deployed with what is proved and not bad, wherever it comes by itself. */
async function changeMemory(elder: string): Promise<void> {
  const before = await promotionsOf(elder);
  await world.apply(ordersSpec("1Gi"));
  await world.pass(MINUTE_MS);
  await look();
  await expectRunning({ dev: "release-5", preview: "release-3", prod: "release-5" });
  expect(await promotionsOf(elder)).toEqual(before);
  expect([await memoryIn("dev"), await memoryIn("preview")]).toEqual(["1Gi", "1Gi"]);
  expect(await memoryIn("prod")).toBe("512Mi");
  const proved = await releaseOf(ORDERS, "release-5");
  expect(await explainRead(world, ORDERS, proved)).toMatchObject({ closed: ["hold"] });
  const { holds } = HoldList.parse(await read(world, "/v1/holds"));
  expect(holds).toMatchObject([{ service: ORDERS, environment: "prod" }]);
  await world.call("deployer", `DELETE /v1/holds/${holds[0]?.id ?? ""}`);
  await promote();
  expect(await memoryIn("prod")).toBe("1Gi");
  expect(await answering(world, PLACE)).toEqual({ cherry: 20 });
}

/** Wednesday. The image was not to blame: without its mark it is pushed again, and goes as any other. */
async function forgive(elder: string): Promise<void> {
  const release = await releaseOf(ORDERS, "release-7");
  const line = `POST /v1/services/${ORDERS}/releases/${release}:unmarkBad`;
  const unmarked = await world.call("deployer", line, { reason: "the queue was full" });
  expect(unmarked).toMatchObject({ status: 200, body: { bad: null } });
  await look();
  await expectRunning({ dev: "release-5" });
  expect(await put("release-8", "elder")).toBe(elder);
  await expectRunning({ dev: "release-8", prod: "release-5" });
}

/** Its data are taken back with it: what was written since its backup is gone. */
async function bringDataBack(): Promise<void> {
  await world.content(DATABASE, "orders of Wednesday noon");
  await promote();
  expect(await answering(world, PLACE)).toEqual({ elder: 20 });
  await world.content(DATABASE, "garbled orders");
  const body = { reason: "it garbles orders", restoreData: true };
  await ends(await ask(world, "oncall", { line: `${PROD}:rollback`, body }), "SUCCEEDED");
  expect(await answering(world, PLACE)).toEqual({ cherry: 20 });
  expect(await world.content(DATABASE)).toBe("orders of Wednesday noon");
}

/** What was in production, one after the other without a gap. */
async function expectTimeline(): Promise<void> {
  const path = `/v1/services/${ORDERS}/timeline?environment=prod`;
  const { entries } = TimelineList.parse(await read(world, path));
  const inProd = entries.filter(({ environment }) => environment === "prod").toReversed();
  expect(inProd.map(({ tag, kind }) => `${tag ?? ""} ${kind}`)).toEqual([
    "release-3 manual",
    "release-5 manual",
    "release-6 manual",
    "release-5 rollback",
    "release-5 manual",
    "release-8 manual",
    "release-5 rollback",
  ]);
  expect(inProd.slice(0, -1).map(({ to }) => to)).toEqual(inProd.slice(1).map(({ from }) => from));
  expect(inProd.at(-1)?.to).toBeNull();
}

/** Every push that changed nothing says why. */
async function expectReasons(): Promise<void> {
  const records = await verifiedRecords(world, ORDERS);
  const passedOver = records
    .filter(({ kind }) => kind === "image.ignored")
    .map(({ details, reason }) => `${details["tag"] ?? ""}: ${reason ?? ""}`);
  expect(passedOver).toEqual([
    matching(/^qa-4: .*does not match/),
    matching(/^qa-5: .*does not match/),
    matching(/^release-7: it was marked bad by user:dana@example.com: orders are lost/),
  ]);
  expect(records.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["release.unmarked-bad", "restore.finished"]),
  );
}

/** Puts a tag on an image with that version, and lets it arrive where it goes by itself. */
async function put(tag: string, version: string): Promise<string> {
  const digest = await world.put(ORDERS, tag, { version });
  await world.pass(20 * SECOND_MS);
  return digest;
}

/** Takes to production what runs in dev, as the deployer. */
async function promote(): Promise<void> {
  const line = `${PROD}:promote`;
  await ends(await ask(world, "deployer", { line, body: {} }), "SUCCEEDED");
}

/** Lets time pass until a promotion has come to its end, which is that one. */
async function ends(id: string, end: string): Promise<void> {
  let { state } = await promotionOf(world, id);
  for (let minute = 1; minute <= PROMOTION_MINUTES_MAX && state !== end; minute += 1) {
    await world.pass(MINUTE_MS);
    ({ state } = await promotionOf(world, id));
  }
  expect(state).toBe(end);
}

/** Lets the hourly look at the registry happen, and what follows from it. */
async function look(): Promise<void> {
  world.cloud.tick("hour");
  await world.pass(MINUTE_MS);
}

/** A night passes, in which every hour's and the day's work is done once. */
async function night(): Promise<void> {
  await world.pass(NIGHT_MS);
  world.cloud.tick("day");
  await look();
}

async function expectRunning(tags: Readonly<Record<string, string | null>>): Promise<void> {
  expect(await running(world, ORDERS)).toMatchObject(tags);
}

async function releasesOf(service: string): Promise<ReturnType<(typeof ReleaseList)["parse"]>> {
  return ReleaseList.parse(await read(world, `/v1/services/${service}/releases`));
}

/** The newest release that goes by a tag. */
async function releaseOf(service: string, tag: string): Promise<string> {
  const { releases } = await releasesOf(service);
  return releases.find((release) => release.tag === tag)?.id ?? "";
}

/** The promotions of every release of an image. */
async function promotionsOf(digest: string): Promise<readonly string[]> {
  const { releases } = await releasesOf(ORDERS);
  const own = new Set(releases.filter(({ image }) => image.endsWith(digest)).map(({ id }) => id));
  const list = await read(world, `/v1/services/${ORDERS}/promotions`);
  const { promotions } = PromotionList.parse(list);
  return promotions.filter(({ release }) => own.has(release)).map(({ id }) => id);
}

/** Matches a text of that form. */
function matching(form: RegExp): unknown {
  return expect.stringMatching(form);
}

/** The memory that the service has in an environment. */
async function memoryIn(environment: string): Promise<string | undefined> {
  const project = `${ORDERS}-${environment}-1a2b`;
  return memoryOf(world, { project, service: `${ORDERS}-${environment}-us-central1` });
}
