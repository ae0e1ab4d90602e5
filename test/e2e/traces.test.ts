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
import { chatIn } from "./chat-setting.ts";

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
const ORDER = ["detection", "gates", "rollout", "create-release", "create-rollout", "notice"];

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

/** What people in Slack are told of a promotion. */
const NOTICE = ["notice", "slack.tell"];

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
    await treeIs(dev, ["promotion", "detection", "gates", ROLLOUT, NOTICE]);
    const again = ["rollout", ["create-rollout", "deploy.createRollout"]];
    const looked = ["gates", ["read-incidents", "incidents.listOpen"]];
    await treeIs(prod, ["promotion", looked, again, NOTICE]);
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
    const parts = traceOf(dev).filter(({ parentSpanId }) => parentSpanId === dev.spanId);
    for (const { name, links } of parts) {
      const [link] = links;
      const work = collector.spans.find(({ spanId }) => spanId === link?.spanId);
      expect(work).toMatchObject({ kind: "SPAN_KIND_CONSUMER", parentSpanId: "" });
      expect(work?.links).toContainEqual({ traceId: dev.traceId, spanId: dev.spanId });
      const stored = name === "notice" ? "books.change" : "store.commit";
      expect(treeOf(traceOf(present(work, "the work")), "")[0]).toContain(stored);
    }
  });

  test("is counted, and so is what waits", async () => {
    const points = await until(
      "the collector has the numbers of a tick",
      async () => Promise.resolve(collector.points),
      (all) =>
        ["slipway.outbox.age", "slipway.notices"].every((wanted) =>
          all.some(({ name }) => name === wanted),
        ),
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
    const notices = points.filter(({ name }) => name === "slipway.notices");
    expect(notices.at(-1)?.attributes).toEqual({
      "slipway.channel": "slack",
      "slipway.outcome": "told",
    });
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

test("what somebody asks for in chat is one trace, with its calls to Slack and what it stored", async () => {
  const chat = chatIn(world);
  await chat.ask(chat.idOf("oncall"), "hold web dev because of a trace");
  const asked = await until(
    "the collector has it",
    async () => Promise.resolve(collector.spans.find(({ name }) => name === "chat")),
    (span) => span !== undefined,
  );
  const [tree] = treeOf(traceOf(present(asked, "the request")), "");
  expect(tree).toEqual(
    expect.arrayContaining(["requests.take", "slack.person", "store.commit", "slack.respond"]),
  );
  const { body } = await world.call("oncall", "GET /v1/holds");
  const [, id = ""] = JSON.stringify(body).match(/"id":"(?<id>hold-[^"]+)"/) ?? [];
  await world.call("oncall", `DELETE /v1/holds/${id}`);
});

test("a collector that does not answer changes nothing for a release", async () => {
  const before = collector.asked.length;
  const tag = "0123456789ab_44";
  collector.answer("silent");
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
