import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import type { Image } from "../../infra/local/image.ts";
import { ServiceList } from "../../shared/wire/api/schemas.ts";
import { messagesOf } from "../support/audit-events.ts";
import { readAuditFeed } from "../support/audit-reader.ts";
import type { AuditReader } from "../support/audit-reader.ts";
import { deliveryOf, postEvent, pushed } from "../support/image-event.ts";
import { smallSpec } from "../support/local-spec.ts";
import { brokenInLocal } from "../support/local-state.ts";
import {
  allEnd,
  promote,
  readRecords,
  readReleases,
  readService,
  tagArrives,
} from "../support/local-views.ts";
import { imageUrl, openLocalWorld, undelivered } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import {
  aCacheIndex,
  aCacheManifest,
  aChart,
  aJunkSignature,
  anArtifact,
  anAttachment,
  anAttestationIndex,
  anImageConfiguredAs,
} from "../support/odd-images.ts";
import { until } from "../support/until.ts";

const AUTHORS = "org.opencontainers.image.authors";
const REVISION = "org.opencontainers.image.revision";
const APPROVAL = "approvals: {required: 1, from: ['group:sre@example.com'], notAuthor: true}";
const FLOOD = 60;
/** Of so many tags of the flood one is told of again. */
const FORGED_EACH = 5;
const MOVES = 12;

let world: LocalWorld;
let reader: AuditReader;
let count = 0;

beforeAll(async () => {
  world = await openLocalWorld({ isKept: true });
  reader = await readAuditFeed(world.file, "hostile-builder");
  await world.apply(smallSpec("shop", ["delivery:", `  environments: {prod: {${APPROVAL}}}`]));
  await world.apply(smallSpec("neighbour"));
  await expectService();
});

afterAll(async () => {
  await reader.close();
  await world.close();
});

/** Builds an image unlike all others. */
async function anImage(labels: Readonly<Record<string, string>> = {}): Promise<Image> {
  count += 1;
  return buildImage({ env: { NUMBER: String(count) }, labels });
}

async function push(image: Image, tag: string): Promise<string> {
  return pushImage(imageUrl(world.file, "shop"), image, tag);
}

/** After whatever came before, ordinary pushes of both services are deployed. */
async function expectService(): Promise<void> {
  count += 1;
  const tag = `normal-${count}`;
  await Promise.all([world.push("shop", tag), world.push("neighbour", tag)]);
  await tagArrives(world, "shop", { environment: "dev", tag });
  await tagArrives(world, "neighbour", { environment: "dev", tag });
}

/** What runs in each environment, by digest. */
async function running(): Promise<readonly (string | null)[]> {
  const { environments } = await readService(world, "shop");
  return environments.map(({ current }) => current?.image.replace(/^.*@/, "") ?? null);
}

/** Waits until every message was handled and no promotion is under way. */
async function quiet(): Promise<void> {
  await world.cloud.emulators.pubsub.idle();
  await allEnd(world, "shop");
}

/** The tags of all releases, the newest first, and what runs, once all is quiet. */
async function atRest(): Promise<object> {
  await quiet();
  const releases = (await readReleases(world, "shop")).map(({ id, tag }) => ({ id, tag }));
  return { releases, running: await running() };
}

describe("somebody who may push anything to the registry", () => {
  test("makes no release of what cannot run, and the record says what it is", async () => {
    const before = await atRest();
    const image = await anImage();
    const arm = { architecture: "arm64", os: "linux" };
    const odd: readonly (readonly [string, Image, RegExp])[] = [
      ["chart", aChart(), /Helm chart/],
      ["cache", aCacheManifest(), /build cache/],
      ["cache-index", aCacheIndex(), /build cache/],
      ["attestation", anAttestationIndex(), /in-toto/],
      ["arm", await buildImage({ platform: arm }), /arm64/],
      ["artifact", anArtifact(), /artifact/],
      ["signature", aJunkSignature(), /simplesigning/],
      ["attachment", anAttachment(image), /attached/],
      ["empty", anImageConfiguredAs(""), /configuration/],
      ["nothing", anImageConfiguredAs("{}"), /no platform/],
      ["null", anImageConfiguredAs("null"), /configuration/],
      [`sha256-${"ab".repeat(32)}.sig`, image, /signature/],
      [`sha256-${"ab".repeat(32)}`, image, /signature/],
    ];
    for (const [tag, content] of odd) {
      await push(content, tag);
    }
    expect(await atRest()).toEqual(before);
    const ignored = (await readRecords(world, "shop")).filter(
      ({ kind }) => kind === "image.ignored",
    );
    const reasons = Object.fromEntries(
      ignored.map(({ details, reason }) => [details["tag"] ?? "", reason]),
    );
    const expected = odd.map(([tag, , reason]) => [tag, expect.stringMatching(reason) as unknown]);
    expect(reasons).toEqual(Object.fromEntries(expected));
    await expectService();
  });

  test("gets a release that says nothing of what is too long or not text", async () => {
    const labelled: readonly Readonly<Record<string, string>>[] = [
      { [AUTHORS]: "a@b.".repeat(30_000) },
      { [REVISION]: "\ud800\udc00\udc00\ud800" },
      { [REVISION]: "c".repeat(400_000) },
      { [AUTHORS]: `${"\ud800@".repeat(1000)}x`, [REVISION]: "\u2028\u202e" },
    ];
    for (const [index, labels] of labelled.entries()) {
      await push(await anImage(labels), `labelled-${index}`);
    }
    await tagArrives(world, "shop", { environment: "dev", tag: "labelled-3" });
    await quiet();
    const releases = (await readReleases(world, "shop")).filter(
      ({ tag }) => tag?.startsWith("labelled-") === true,
    );
    expect(releases.map(({ tag, commit }) => `${tag ?? ""} ${String(commit)}`)).toEqual([
      "labelled-3 null",
      "labelled-2 null",
      "labelled-1 null",
      "labelled-0 null",
    ]);
    await expectService();
  });

  test("approves nothing of which they are an author, or hide the authors", async () => {
    const both = "Alex <ALEX@Example.com>, Oli <oli@example.com>";
    const sorted = "oli+mail@example.com; Alex+release@example.com";
    const hidden = `${both} ${"x".repeat(120_000)}`;
    for (const [index, authors] of [both, sorted, hidden].entries()) {
      const tag = `authored-${index}`;
      await push(await anImage({ [AUTHORS]: authors }), tag);
      await tagArrives(world, "shop", { environment: "dev", tag });
      const { id } = await promote(world, "shop", "prod");
      const answers = await Promise.all(
        (["approver", "oncall"] as const).map(async (who) =>
          world.call(who, `POST /v1/promotions/${id}:approve`, {}),
        ),
      );
      // Where the authors are hidden nobody's approval opens the gate.
      const isHidden = authors === hidden;
      expect(answers.map(({ status }) => status)).toEqual(isHidden ? [200, 200] : [403, 403]);
      await world.cloud.emulators.pubsub.idle();
      const { body } = await world.call("viewer", `GET /v1/promotions/${id}`);
      expect(body).toMatchObject({ state: "WAITING" });
      expect((await running())[1]).toBeNull();
      await world.call("deployer", `POST /v1/promotions/${id}:cancel`, {});
    }
    await expectService();
  });

  test("breaks nothing with tags that are names of something else, or as long as tags may be", async () => {
    const tags = ["constructor", "__proto__", "toString", "x".repeat(128)];
    for (const tag of tags) {
      await push(await anImage(), tag);
    }
    await tagArrives(world, "shop", { environment: "dev", tag: tags.at(-1) ?? "" });
    await quiet();
    const releases = await readReleases(world, "shop");
    expect(releases.slice(0, tags.length).map(({ tag }) => tag)).toEqual(tags.toReversed());
    const explained = await world.call("viewer", "GET /v1/services/shop/environments/prod:explain");
    expect(explained.status).toBe(200);
    await expectService();
  });

  test("gets an old image to the front by putting a tag on it, and by no message", async () => {
    const image = await anImage();
    const tags = Array.from({ length: FLOOD }, (_, index) => `flood-${index}`);
    const old = await push(image, "flood");
    await Promise.all(tags.map(async (tag) => push(image, tag)));
    await expectService();
    const before = await atRest();
    // Of so many tags the first ones are forgotten, and one was never put.
    const told = tags.filter((_, index) => index % FORGED_EACH === 0);
    for (const tag of ["flood", "never-put", ...told]) {
      world.publish("gcr", pushed("shop", old, tag));
    }
    const forged = deliveryOf("forged", pushed("shop", old, "flood"), "2999-01-01T00:00:00Z");
    const event = { name: "on-image-push", id: "forged" };
    expect((await postEvent(world, event, forged)).status).toBe(200);
    expect(await atRest()).toEqual(before);
    await push(image, "asked-for");
    await tagArrives(world, "shop", { environment: "dev", tag: "asked-for" });
    await expectService();
  });

  test("ends with what a tag points to, however often it was moved", async () => {
    const images = [await anImage(), await anImage()];
    for (let move = 0; move < MOVES; move += 1) {
      const image = images[move % images.length];
      if (image !== undefined) {
        await push(image, "hot");
      }
    }
    const last = images.at(-1)?.manifest.digest ?? "";
    await until("the last one runs", running, ([dev]) => dev === last);
    await quiet();
    expect((await running())[0]).toBe(last);
    world.publish("gcr", pushed("shop", images[0]?.manifest.digest ?? "", "hot"));
    await quiet();
    expect((await running())[0]).toBe(last);
    await expectService();
  });

  test("holds up nothing with an image that is deleted right after its push", async () => {
    for (const tag of ["gone", "gone-too"]) {
      const digest = await push(await anImage(), tag);
      await remove(tag);
      await remove(digest);
    }
    await quiet();
    await expectService();
    const tags = (await readService(world, "shop")).environments.map(({ current }) => current?.tag);
    expect(tags[0]).toMatch(/^normal-/);
  });
});

/** Deletes a tag or an image. */
async function remove(reference: string): Promise<void> {
  const { origin, pathname } = new URL(imageUrl(world.file, "shop"));
  const url = `${origin}/v2${pathname}/manifests/${reference}`;
  expect((await fetch(url, { method: "DELETE" })).status).toBe(202);
}

describe("after all of this", () => {
  test("every document can be read, and every invariant held", async () => {
    const { status, body } = await world.call("viewer", "GET /v1/services");
    expect(status).toBe(200);
    const { services } = ServiceList.parse(body);
    expect(services.map(({ id, unreadable }) => [id, unreadable])).toEqual(
      expect.arrayContaining([
        ["neighbour", null],
        ["shop", null],
      ]),
    );
    for (const service of ["shop", "neighbour"]) {
      const { length } = await readRecords(world, service);
      const messages = await until(
        "the feed has every record",
        async () => Promise.resolve(messagesOf(reader.messages(), service)),
        (all) => all.length >= length,
      );
      expect(await brokenInLocal(world, service, messages)).toEqual([]);
    }
  });

  test("no message is left over or delivered again", async () => {
    await world.cloud.emulators.pubsub.idle();
    await world.stop();
    expect(await undelivered(world)).toEqual([]);
  });
});
