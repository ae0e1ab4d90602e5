import { expect, test } from "vitest";

import { EMPTY_CHAIN, SYSTEM_CHAIN } from "../../../shared/domain/audit-record.ts";
import { after, duration } from "../../../shared/domain/time.ts";
import { aPut, START } from "../builders.ts";
import type { Store } from "../../../shared/ports/store.ts";
import {
  aDemandingService,
  anEntry,
  aPromotion,
  aBackup,
  aRelease,
  NO_HISTORY,
  someFacts,
  someRecords,
} from "./samples.ts";
import { allPages, write } from "./store-pages.ts";

const WEB = aDemandingService("web");
const DOCS = aDemandingService("docs");
const NUMBERS = [1, 2, 3, 4, 5];

/** What every store does with history. */
export function historyTests(store: () => Store): void {
  test("releases come newest first, page by page", async () => {
    const releases = NUMBERS.map((number) => aRelease(WEB, number));
    await write(store(), { releases });
    await write(store(), { releases: [aRelease(DOCS, 9)] }, DOCS);
    const pages = await allPages((request) => store().releases(WEB.id, request), 2);
    expect(pages).toStrictEqual([
      releases.slice(3).toReversed(),
      releases.slice(1, 3).toReversed(),
      releases.slice(0, 1),
    ]);
  });

  test("a page that ends with the list has no next one", async () => {
    await write(store(), { releases: NUMBERS.map((number) => aRelease(WEB, number)) });
    const { items, nextPageToken } = await store().releases(WEB.id, { pageSize: 5, pageToken: "" });
    expect([items.length, nextPageToken]).toEqual([5, ""]);
  });

  test("releases between two places are those after the first, up to and with the other", async () => {
    const releases = NUMBERS.map((number) => aRelease(WEB, number));
    await write(store(), { releases });
    await write(store(), { releases: [aRelease(DOCS, 3)] }, DOCS);
    const [first, , third, fourth] = releases.map(({ order }) => order);
    const range = { after: first ?? "", upTo: fourth ?? "", limit: 10 };
    expect(await store().releasesBetween(WEB.id, range)).toStrictEqual(
      releases.slice(1, 4).toReversed(),
    );
    expect(await store().releasesBetween(WEB.id, { ...range, limit: 2 })).toHaveLength(2);
    const none = { after: third ?? "", upTo: third ?? "", limit: 10 };
    expect(await store().releasesBetween(WEB.id, none)).toEqual([]);
  });

  test("a text of the specification is found by its place, in its last form", async () => {
    const text = { place: 3, revision: WEB.revision, text: "a: 1", at: START, by: "user:ann" };
    await write(store(), { specs: [text, { ...text, place: 4 }] });
    await write(store(), { specs: [{ ...text, text: null }] });
    expect(await store().specs(WEB.id, [3, 9])).toStrictEqual([{ ...text, text: null }]);
    expect(await store().specs(DOCS.id, [3])).toEqual([]);
    expect(await store().specs(WEB.id, [])).toEqual([]);
  });

  test("a release is found by its id, in its last form, under its own service", async () => {
    const release = aRelease(WEB, 1);
    const deployed = { ...release, state: "DEPLOYED" as const };
    await write(store(), { releases: [release] });
    await write(store(), { releases: [deployed] });
    expect(await store().release(WEB.id, release.id)).toStrictEqual(deployed);
    expect(await store().release(DOCS.id, release.id)).toBeNull();
  });

  test("an image is found by each of its tags, whether or not it makes a release, in its own service", async () => {
    const [one, other] = [aRelease(WEB, 1), aRelease(WEB, 2)];
    const image = { ...one.image, tags: [aPut("v1", 1), aPut("main", 2)], otherTags: ["1.4.0"] };
    const images = [image, { ...other.image, tags: [aPut("v2", 3), aPut("main", 1)] }];
    await write(store(), { releases: [one, other], images });
    const found = async (tag: string): Promise<readonly string[]> =>
      (await store().imagesTagged(WEB.id, tag)).map(({ id }) => id).toSorted();
    expect(await found("v1")).toEqual([one.image.id]);
    expect(await found("1.4.0")).toEqual([one.image.id]);
    expect(await found("main")).toEqual([one.image.id, other.image.id].toSorted());
    expect(await found("v")).toEqual([]);
    expect(await store().imagesTagged(DOCS.id, "v1")).toEqual([]);
    expect(await store().imagesTagged(WEB.id, "v1")).toStrictEqual([image]);
  });

  test("releases are found by how their ids begin, in their own service", async () => {
    // The ids of the first two begin alike.
    const releases = [1, 0x1_0001, 2].map((number) => aRelease(WEB, number));
    await write(store(), { releases });
    await write(store(), { releases: [aRelease(DOCS, 1)] }, DOCS);
    const [first, second, third] = releases.map(({ id }) => id);
    const found = async (prefix: string): Promise<readonly string[]> =>
      (await store().releasesFrom(WEB.id, prefix)).map(({ id }) => id);
    expect(await found("r-1000")).toEqual([first, second]);
    expect(await found(third ?? "")).toEqual([third]);
    expect(await found("r-3")).toEqual([]);
  });

  test("promotions come newest first, page by page", async () => {
    const promotions = NUMBERS.map((number) => aPromotion(aRelease(WEB, 1), number));
    await write(store(), { promotions });
    const pages = await allPages((request) => store().promotions(WEB.id, request), 3);
    expect(pages).toStrictEqual([
      promotions.slice(2).toReversed(),
      promotions.slice(0, 2).toReversed(),
    ]);
  });

  test("promotions made in one moment are each in one page", async () => {
    const release = aRelease(WEB, 1);
    const { createdAt } = aPromotion(release, 1);
    const promotions = NUMBERS.map((number) => ({ ...aPromotion(release, number), createdAt }));
    await write(store(), { promotions });
    const pages = await allPages((request) => store().promotions(WEB.id, request), 2);
    expect(pages.flat()).toStrictEqual(promotions.toReversed());
  });

  test("a promotion is found by its id alone, in its last form", async () => {
    const running = aPromotion(aRelease(DOCS, 1), 1, "RUNNING");
    const ended = aPromotion(aRelease(DOCS, 1), 1, "SUCCEEDED");
    await write(store(), { promotions: [running] }, DOCS);
    await write(store(), { promotions: [ended] }, DOCS);
    expect(await store().promotion(ended.id)).toStrictEqual(ended);
    expect(await store().promotion(aPromotion(aRelease(WEB, 7), 7).id)).toBeNull();
  });

  test("the timeline comes newest first, and an entry that ends takes its own place", async () => {
    const first = anEntry(aRelease(WEB, 1), 1);
    const second = anEntry(aRelease(WEB, 2), 2);
    const closedFirst = { ...first, to: second.deployment.since };
    await write(store(), { timeline: [first] });
    await write(store(), { timeline: [closedFirst, second] });
    const pages = await allPages((request) => store().timeline(WEB.id, request), 1);
    expect(pages).toStrictEqual([[second], [closedFirst]]);
  });

  test("records come in order after a number, at most as many as asked for", async () => {
    const records = someRecords("web", EMPTY_CHAIN, someFacts(12));
    await write(store(), { records });
    expect(await store().records("web", 0, 100)).toStrictEqual(records);
    expect(await store().records("web", 8, 3)).toStrictEqual(records.slice(8, 11));
    expect(await store().records("web", 12, 3)).toEqual([]);
    expect(await store().records("docs", 0, 3)).toEqual([]);
  });

  test("a backup is found by its id, in its own service only", async () => {
    const backup = aBackup(aRelease(WEB, 1), 1);
    await write(store(), { backups: [backup] });
    expect(await store().backup(WEB.id, backup.id)).toStrictEqual(backup);
    expect(await store().backup(DOCS.id, backup.id)).toBeNull();
    expect(await store().backup(WEB.id, "not/an id")).toBeNull();
  });

  test("what concerns no service has its own chain", async () => {
    const records = someRecords(SYSTEM_CHAIN, EMPTY_CHAIN, someFacts(2));
    await store().transactControl((aggregate) => ({
      write: { aggregate, history: { ...NO_HISTORY, records } },
      value: null,
    }));
    expect(await store().records(SYSTEM_CHAIN, 0, 10)).toStrictEqual(records);
  });

  test("what became of events comes newest first, and what comes again takes its own place", async () => {
    const about = { trigger: "on-image-push", outcome: "ignored" as const };
    for (const number of [1, 3, 2, 4]) {
      const at = after(START, duration(number));
      await store().noteDecision({ ...about, id: `on-image-push-${number}`, at, why: "first" });
    }
    const again = { ...about, id: "on-image-push-1", at: after(START, duration(9)), why: "again" };
    await store().noteDecision(again);
    const pages = await allPages((request) => store().decisions(request), 2);
    expect(pages.flat().map(({ id }) => id)).toEqual(
      [1, 4, 3, 2].map((number) => `on-image-push-${number}`),
    );
    expect(pages[0]?.[0]).toStrictEqual(again);
    await expect(store().decisions({ pageSize: 2, pageToken: "nonsense" })).rejects.toMatchObject({
      status: "INVALID_ARGUMENT",
    });
  });

  test("a page token of one list is refused by another", async () => {
    await write(store(), { releases: NUMBERS.map((number) => aRelease(WEB, number)) });
    const { nextPageToken: pageToken } = await store().releases(WEB.id, {
      pageSize: 2,
      pageToken: "",
    });
    expect(pageToken).not.toBe("");
    const request = { pageSize: 2, pageToken };
    for (const attempt of [
      store().promotions(WEB.id, request),
      store().releases(DOCS.id, request),
      store().timeline(WEB.id, request),
    ]) {
      await expect(attempt).rejects.toMatchObject({ status: "INVALID_ARGUMENT" });
    }
  });

  test("a service that nobody stored has no history", async () => {
    const request = { pageSize: 5, pageToken: "" };
    const none = { items: [], nextPageToken: "" };
    expect(await store().releases(WEB.id, request)).toEqual(none);
    expect(await store().promotions(WEB.id, request)).toEqual(none);
    expect(await store().timeline(WEB.id, request)).toEqual(none);
  });
}
