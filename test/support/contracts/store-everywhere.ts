import { beforeEach, expect, test } from "vitest";

import { EMPTY_CHAIN, fact, SYSTEM_CHAIN } from "../../../shared/domain/audit-record.ts";
import { instant } from "../../../shared/domain/time.ts";
import type { Store } from "../../../shared/ports/store.ts";
import { START } from "../builders.ts";
import { aDemandingService, anEntry, aRelease, NO_HISTORY, someRecords } from "./samples.ts";
import { allPages, write } from "./store-pages.ts";

const WEB = aDemandingService("web");
const DOCS = aDemandingService("docs");
const FACTS = [
  fact("hold.placed", "user:ann@example.com"),
  fact("release.created", "registry"),
  fact("incident.opened", "slipway"),
];

/** What every store must tell of all services at once. */
export function everywhereTests(store: () => Store): void {
  const entries = [1, 2, 3, 4].map((number) => {
    const service = number % 2 === 0 ? DOCS : WEB;
    return { service, entry: anEntry(aRelease(service, number), number) };
  });
  const since = entries.map(({ entry }) => entry.deployment.since);
  const [first = START, second = START, third = START, fourth = START] = since;
  beforeEach(async () => {
    for (const { service, entry } of entries) {
      await write(store(), { timeline: [entry] }, service);
    }
  });

  test("what was deployed comes newest first, page by page, with whose it is", async () => {
    const span = { from: first, to: fourth };
    const pages = await allPages((page) => store().timelineOfAll({ ...span, ...page }), 3);
    expect(pages.map(({ length }) => length)).toEqual([3, 1]);
    expect(pages.flat()).toStrictEqual(
      entries
        .map(({ service, entry }) => Object.assign({ service: service.id }, entry))
        .toReversed(),
    );
  });

  test("and only of the span that is asked for, its ends with it", async () => {
    const page = { pageSize: 9, pageToken: "" };
    const { items } = await store().timelineOfAll({ ...page, from: second, to: third });
    expect(items.map(({ deployment }) => deployment.since)).toEqual([third, second]);
    const none = { ...page, from: instant(fourth + 1), to: instant(fourth + 9) };
    expect((await store().timelineOfAll(none)).items).toEqual([]);
  });

  test("what else happened comes newest first, of services and of what is none's, and nothing besides", async () => {
    const own = someRecords("web", EMPTY_CHAIN, FACTS);
    const others = someRecords(SYSTEM_CHAIN, EMPTY_CHAIN, FACTS.slice(0, 1));
    await write(store(), { records: own });
    await store().transactControl((aggregate) => ({
      write: { aggregate, history: { ...NO_HISTORY, records: others } },
      value: null,
    }));
    const times = [...own, ...others].map(({ time }) => time);
    const span = { from: instant(Math.min(...times)), to: instant(Math.max(...times)) };
    const pages = await allPages((page) => store().happeningsOfAll({ ...span, ...page }), 2);
    expect(pages.map(({ length }) => length)).toEqual([2, 1]);
    expect(new Set(pages.flat().map(({ id }) => id))).toEqual(
      new Set([own[0]?.id, own[2]?.id, others[0]?.id]),
    );
    expect(pages.flat()).toContainEqual(own[2]);
  });

  test("and refuses a page token of another list", async () => {
    const span = { from: first, to: fourth };
    const { nextPageToken } = await store().timelineOfAll({ ...span, pageSize: 1, pageToken: "" });
    const attempt = store().happeningsOfAll({ ...span, pageSize: 1, pageToken: nextPageToken });
    await expect(attempt).rejects.toMatchObject({ status: "INVALID_ARGUMENT" });
  });
}
