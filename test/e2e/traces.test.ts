import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startCollector } from "../support/collector.ts";
import type { GotSpan, Place, TestCollector } from "../support/collector.ts";
import { deliveryOf, postEvent, pushed } from "../support/image-event.ts";
import { smallSpec } from "../support/local-spec.ts";
import { promote, promotionEnds, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";

const TAG = "0123456789ab_42";

let collector: TestCollector;
let world: LocalWorld;

beforeAll(async () => {
  collector = await startCollector();
  world = await openLocalWorld({ variables: { SLIPWAY_OTLP_ENDPOINT: `${collector.url}/` } });
  await world.apply(smallSpec("web"));
});

afterAll(async () => {
  await world.close();
  await collector.close();
});

/** The whole of a promotion into an environment, once the collector has it. */
async function wholeOf(environment: string): Promise<GotSpan> {
  const isIt = ({ name, attributes }: GotSpan): boolean =>
    name === "promotion" && attributes["slipway.environment"] === environment;
  const found = await until(
    `the collector has the promotion to ${environment}`,
    async () => Promise.resolve(collector.spans.find(isIt)),
    (span) => span !== undefined,
  );
  return present(found, "the promotion");
}

function traceOf({ traceId }: Place): readonly GotSpan[] {
  return collector.spans.filter((span) => span.traceId === traceId);
}

/** What of one parent is shown before what. */
const ORDER = ["detection", "gates", "rollout", "create-release", "create-rollout"];

/** A trace as a tree of names; what was done several times is shown once. */
function treeOf(spans: readonly GotSpan[], parent: string): readonly unknown[] {
  const trees = spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .toSorted((one, other) => ORDER.indexOf(one.name) - ORDER.indexOf(other.name))
    .map(({ name, spanId }): unknown => {
      const parts = treeOf(spans, spanId);
      return parts.length === 0 ? name : [[name], parts].flat();
    });
  return [...new Map(trees.map((tree) => [JSON.stringify(tree), tree])).values()];
}

/** Each piece of work sends what it has to tell when it is over: the parts of a trace come in any order. */
async function treeIs(whole: Place, tree: readonly unknown[]): Promise<void> {
  const found = await until(
    "the trace is whole",
    async () => Promise.resolve(treeOf(traceOf(whole), "")),
    (trees) => isDeepStrictEqual(trees, [tree]),
  );
  expect(found).toEqual([tree]);
}

const ROLLOUT = [
  "rollout",
  ["create-release", "deploy.createRelease"],
  ["create-rollout", "deploy.createRollout"],
];

describe("an image that is pushed and promoted", () => {
  test("is one trace for each promotion, from the push on, with every step and call", async () => {
    await world.push("web", TAG);
    await tagArrives(world, "web", { environment: "dev", tag: TAG });
    const dev = await wholeOf("dev");
    const { id } = await promote(world, "web", "prod");
    await promotionEnds(world, id);
    const prod = await wholeOf("prod");
    await treeIs(dev, ["promotion", "detection", "gates", ROLLOUT]);
    const again = ["rollout", ["create-rollout", "deploy.createRollout"]];
    const looked = ["gates", ["read-incidents", "incidents.listOpen"]];
    await treeIs(prod, ["promotion", looked, again]);
    expect(dev).toMatchObject({ error: null, attributes: { "slipway.state": "SUCCEEDED" } });
    expect(dev.resource).toMatchObject({ "service.name": "slipway" });
    expect(prod.attributes).toMatchObject({ "slipway.service": "web", "slipway.promotion": id });
    expect(prod.links).toContainEqual({ traceId: dev.traceId, spanId: dev.spanId });
    for (const { from, to } of [...traceOf(dev), ...traceOf(prod)]) {
      expect(to).toBeGreaterThanOrEqual(from);
    }
  });

  test("links each step to the work in which it was decided, and that to the promotion", async () => {
    const dev = await wholeOf("dev");
    const steps = traceOf(dev).filter(({ parentSpanId }) => parentSpanId === dev.spanId);
    for (const { links } of steps) {
      const [link] = links;
      const work = collector.spans.find(({ spanId }) => spanId === link?.spanId);
      expect(work).toMatchObject({ kind: "SPAN_KIND_CONSUMER", parentSpanId: "" });
      expect(work?.links).toContainEqual({ traceId: dev.traceId, spanId: dev.spanId });
      expect(treeOf(traceOf(present(work, "the work")), "")[0]).toContain("store.commit");
    }
  });

  test("is counted, and so is what waits", async () => {
    const points = await until(
      "the collector has the numbers of a tick",
      async () => Promise.resolve(collector.points),
      (all) => all.some(({ name }) => name === "slipway.outbox.age"),
    );
    const numbers = new Map(points.map((point) => [point.name, point]));
    expect([...numbers.values()].map(({ name, unit, isSum }) => [name, unit, isSum])).toEqual(
      expect.arrayContaining([
        ["slipway.events", "{event}", true],
        ["slipway.decisions", "{record}", true],
        ["slipway.promotions.waiting", "{promotion}", false],
        ["slipway.outbox.age", "s", false],
      ]),
    );
    const deployed = points.filter(
      ({ attributes }) => attributes["slipway.kind"] === "release.deployed",
    );
    expect(deployed.at(-1)?.value).toBeGreaterThan(0);
  });
});

function isOfMessageAgain({ attributes }: GotSpan): boolean {
  return attributes["messaging.message.id"] === "again";
}

test("a message that comes again is told of beside the first time, with a link and no id twice", async () => {
  const digest = await world.push("web", "0123456789ab_43");
  await tagArrives(world, "web", { environment: "dev", tag: "0123456789ab_43" });
  const delivery = deliveryOf("again", pushed("web", digest, "0123456789ab_43"));
  for (const deliveryAttempt of [2, 3]) {
    const event = { name: "on-image-push", id: "again" };
    const body = delivery.replace(/\}$/, `,"deliveryAttempt":${deliveryAttempt}}`);
    expect((await postEvent(world, event, body)).status).toBe(200);
  }
  const told = await until(
    "the collector has both",
    async () => Promise.resolve(collector.spans.filter(isOfMessageAgain)),
    (all) => all.length > 1,
  );
  expect(told).toHaveLength(2);
  expect(new Set(told.map(({ traceId }) => traceId)).size).toBe(1);
  expect(told[0]?.links[0]).toEqual(told[1]?.links[0]);
  expect(
    told.map(({ attributes }) => attributes["messaging.gcp_pubsub.message.delivery_attempt"]),
  ).toEqual([2, 3]);
  const ids = collector.spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`);
  expect(ids).toHaveLength(new Set(ids).size);
});

test.each([
  ["does not answer", "silent" as const, "0123456789ab_44"],
  ["fails", 500, "0123456789ab_45"],
])("a collector that %s changes nothing for a release", async (_, mood, tag) => {
  const before = collector.asked.length;
  collector.answer(mood);
  await world.push("web", tag);
  await tagArrives(world, "web", { environment: "dev", tag });
  const { id } = await promote(world, "web", "prod");
  expect(await promotionEnds(world, id)).toMatchObject({ state: "SUCCEEDED" });
  await until(
    "the collector was asked",
    async () => Promise.resolve(collector.asked.length),
    (count) => count > before,
  );
});
