import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onTick } from "../../shared/app/tick.ts";
import { sizedId } from "../support/sized-documents.ts";
import { sizedPages } from "../support/sized-pages.ts";
import { openSizedWorld } from "../support/sized-world.ts";
import type { PageCost, SizedWorld } from "../support/sized-world.ts";

/** One is twice the other; each has more of everything than a page shows. */
const SMALL = { services: 104, entries: 240 };
const LARGE = { services: 208, entries: 480 };

/** What a page may weigh as it is sent. */
const BYTES_MAX = 50_000;

let small: SizedWorld;
let large: SizedWorld;
beforeAll(async () => {
  [small, large] = await Promise.all([openSizedWorld(SMALL), openSizedWorld(LARGE)]);
});
afterAll(async () => {
  await Promise.all([small.close(), large.close()]);
});

async function costsOf(world: SizedWorld): Promise<readonly PageCost[]> {
  const costs: PageCost[] = [];
  for (const [name, path] of Object.entries(sizedPages(world.promotion))) {
    costs.push(await world.open(name, path));
  }
  return costs;
}

function readsOf(
  costs: readonly PageCost[],
): readonly (readonly [name: string, reads: number, calls: number])[] {
  return costs.map(({ name, reads, calls }) => [name, reads, calls]);
}

function textOf(costs: readonly PageCost[], name: string): string {
  return costs.find((cost) => cost.name === name)?.text ?? "";
}

describe("every page", () => {
  let costs: readonly PageCost[];
  beforeAll(async () => {
    costs = await costsOf(large);
  });

  test("reads the same, in as many calls, whatever the number of services and the history", async () => {
    expect(costs.map(({ status }) => status)).toEqual(costs.map(() => 200));
    expect(readsOf(costs)).toEqual(readsOf(await costsOf(small)));
  });

  test("reads at most what it shows, the holds on everything, and one more to know of a next page", () => {
    const reads = Object.fromEntries(costs.map((cost) => [cost.name, cost.reads]));
    expect(reads).toMatchObject({
      // Here the installation's own channels, too.
      overview: 50 + 3,
      "search for a name": 1 + 1,
      "search for what all have": 50 + 2,
      "search by owner and category": 50 + 2,
      changed: 2 * (50 + 1),
      "numbers of all": 2,
      "numbers of an owner": 2,
      "numbers of a service": 2,
      audit: 50 + 3,
    });
    // A hundred deployments, two hundred records, one more, the service and the holds on everything.
    expect(reads["timeline"]).toBeLessThanOrEqual(100 + 200 + 3);
    expect(Math.max(...costs.map(({ calls }) => calls))).toBeLessThanOrEqual(6);
  });

  test("is one request below 50 kB, and its style and script, which come once", () => {
    for (const { name, bytes, text } of costs) {
      expect(bytes, name).toBeLessThan(BYTES_MAX);
      const assets = new Set(
        [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, one]) => one),
      );
      expect(assets.size, name).toBeLessThanOrEqual(3);
      expect(text.match(/<(?:img|iframe|link rel="preload)/g), name).toBeNull();
    }
  });

  test("of a search finds that one service, and the promotion says when it will be there", () => {
    expect(textOf(costs, "search for a name")).toContain(sizedId(99));
    expect(textOf(costs, "search for a name")).not.toContain(sizedId(98));
    expect(textOf(costs, "promotion")).toMatch(
      /cannot be told: <bdi>the step rollout has run for longer/,
    );
  });
});

test("a service whose document is of before there were searches is found after the next hourly look", async () => {
  const { FieldValue } = await import("@google-cloud/firestore");
  const few = await openSizedWorld({ services: 2, entries: 2 });
  const id = sizedId(2);
  const gone = FieldValue.delete();
  await few.raw.doc(`services/${id}`).update({ search: gone, fields: gone, "body.due": gone });
  expect((await few.open("search", `/?text=${id}`)).text).toContain("No service is like that");
  await onTick(few.ports, "hour");
  expect((await few.open("search", `/?text=${id}`)).text).toContain(`/services/${id}"`);
  await few.close();
});
