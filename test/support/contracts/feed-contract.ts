import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { EMPTY_CHAIN, SYSTEM_CHAIN } from "../../../shared/domain/audit-record.ts";
import type { Feed } from "../../../shared/ports/feed.ts";
import { someFacts, someRecords } from "./samples.ts";

/** An audit feed to be tried out. */
export type OpenFeed = {
  readonly feed: Feed;
  /** The ids of the records that a reader sees who drops repeats, in the order in which they came. */
  readonly seen: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

/** What every feed must do. */
export function feedContract(name: string, open: () => Promise<OpenFeed>): void {
  describe(`the audit feed ${name}`, () => {
    let opened: OpenFeed;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    const records = someRecords("web", EMPTY_CHAIN, someFacts(250));
    const ids = records.map(({ id }) => id);

    test("readers see a chain's records in their order, however many there are", async () => {
      await opened.feed.publish(records);
      expect(await opened.seen()).toEqual(ids);
    });

    test("publishing again shows a reader nothing new", async () => {
      await opened.feed.publish(records.slice(0, 3));
      await opened.feed.publish(records.slice(1, 5));
      expect(await opened.seen()).toEqual(ids.slice(0, 5));
    });

    test("nothing to publish is nothing published", async () => {
      await opened.feed.publish([]);
      expect(await opened.seen()).toEqual([]);
    });

    test("what concerns no service is published too", async () => {
      await opened.feed.publish(someRecords(SYSTEM_CHAIN, EMPTY_CHAIN, someFacts(1)));
      expect(await opened.seen()).toEqual([`${SYSTEM_CHAIN}-1`]);
    });
  });
}
