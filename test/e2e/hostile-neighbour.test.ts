import { Firestore } from "@google-cloud/firestore";
import { PassThroughClient } from "google-auth-library";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { LOCAL_DATABASE, LOCAL_PROJECT, LOCAL_REPOSITORY } from "../../infra/local/settings.ts";
import { PromotionView, ServiceList, ServiceView } from "../../shared/wire/api/schemas.ts";
import { running, verifiedRecords } from "../support/story-views.ts";
import { openStoryWorld } from "../support/story-world.ts";
import type { StoryAnswer, StoryWorld } from "../support/story-world.ts";

const SHARED = "shared";
const MINUTE_MS = 60_000;
/** It takes some seconds of real time; a busy machine gets more. */
const TIMEOUT_MS = 120_000;
const REASON = "w".repeat(1000);
const HOLDS = 50;
const WAITING = 20;

/** A pattern on which an engine that backtracks does not end. */
const EVIL_PATTERN = String.raw`^(\w*\w*\w*\w*\w*\w*!|v\d+|(a?){30}a{30})$`;

let world: StoryWorld;
let raw: Firestore;
let pushed = 0;

/** Two services of one image: the neighbour's pattern and queue are what it likes. */
function spec(id: string, delivery: string): string {
  const environment = (name: string): string => `
  - id: ${name}
    projectID: ${id}-${name}-1a2b
    category: test
    deploy: {type: rollout}
    healthProbes: {}
    instances: {resources: {cpu: 1, memory: 512Mi}, scaling: {maxCount: 2}}`;
  return `
service:
  id: ${id}
  owners: [somebody]
build:
  image: us-central1-docker.pkg.dev/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${SHARED}
  source: {repo: github.com/example/shared, dir: cmd/shared}
rollout:
  stages: [{environment: dev}, {environment: prod}]
environments:${environment("dev")}${environment("prod")}
delivery: ${delivery}
`;
}

beforeAll(async () => {
  world = await openStoryWorld();
  raw = new Firestore({
    projectId: LOCAL_PROJECT,
    databaseId: LOCAL_DATABASE,
    host: world.cloud.emulators.firestore.grpcAddress,
    ssl: false,
    authClient: new PassThroughClient(),
  });
  await world.apply(spec("victim", "{sharesWith: [evil]}"));
  await world.apply(spec("evil", `{sharesWith: [victim], queue: all, tags: '${EVIL_PATTERN}'}`));
  await push();
  await push();
  await ask("POST /v1/services/evil/environments/dev:rollback", { reason: REASON, hold: false });
  await world.pass(MINUTE_MS);
});
afterAll(async () => {
  await raw.terminate();
  await world.close();
});

/** Pushes the shared image once more, and lets what comes of it be done. */
async function push(labels: Readonly<Record<string, string>> = {}): Promise<string> {
  pushed += 1;
  const tag = `v${pushed}`;
  await world.push(SHARED, tag, labels);
  // What was on its way before comes first.
  await world.pass(MINUTE_MS);
  await world.pass(MINUTE_MS);
  return tag;
}

async function ask(line: string, body?: object): Promise<unknown> {
  const answer = await world.call("oncall", line, body);
  expect([line, answer.status < 300, answer.body]).toEqual([line, true, answer.body]);
  return answer.body;
}

/** All that a service's people need: a push, a promotion, a hold, a rollback, a list, a sweep. */
async function expectVictimUnharmed(): Promise<void> {
  const tag = await push();
  expect((await running(world, "victim"))["dev"]).toBe(tag);
  const before = (await running(world, "victim"))["prod"];
  await ask("POST /v1/services/victim/environments/prod:promote", { reason: "now" });
  await world.pass(MINUTE_MS);
  expect((await running(world, "victim"))["prod"]).toBe(tag);
  const hold = { service: "victim", environment: "prod", reason: "stop" };
  const { id } = z.object({ id: z.string() }).parse(await ask("POST /v1/holds", hold));
  const { holds } = z
    .object({ holds: z.array(z.object({ id: z.string() })) })
    .parse(await ask("GET /v1/holds"));
  expect(holds.map((one) => one.id)).toContain(id);
  await ask(`DELETE /v1/holds/${id}`);
  const everything = z
    .object({ id: z.string() })
    .parse(await ask("POST /v1/holds", { reason: "all" }));
  await ask(`DELETE /v1/holds/${everything.id}`);
  const back = { reason: "back", hold: false };
  const rolled = await world.call(
    "oncall",
    "POST /v1/services/victim/environments/prod:rollback",
    back,
  );
  await world.pass(MINUTE_MS);
  // The first time there is nothing to go back to.
  expect([rolled.status, before === null]).toEqual(before === null ? [409, true] : [202, false]);
  expect((await running(world, "victim"))["prod"]).toBe(before ?? tag);
  const { services } = ServiceList.parse(await ask("GET /v1/services"));
  expect(services.map((service) => service.id)).toEqual(["evil", "victim"]);
  world.cloud.tick("hour");
  world.cloud.tick("day");
  await world.pass(MINUTE_MS);
  await verifiedRecords(world, "victim");
}

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ["half a character for its revision", { "org.opencontainers.image.revision": "\ud800" }],
  ["authors of 120 KB", { "org.opencontainers.image.authors": "a@".repeat(60_000) }],
  ["a commit of 400 KB", { "org.opencontainers.image.revision": "c".repeat(400_000) }],
])(
  "an image with %s is deployed as any other",
  async (_name, labels) => {
    const tag = await push(labels);
    expect(await running(world, "victim")).toMatchObject({ dev: tag });
    expect(await running(world, "evil")).toMatchObject({ dev: tag });
  },
  TIMEOUT_MS,
);

test(
  "a neighbour at every limit harms only itself, and what protects it still fits",
  async () => {
    for (let count = 0; count < HOLDS; count += 1) {
      const answer = await world.call("deployer", "POST /v1/holds", {
        service: "evil",
        reason: REASON,
      });
      expect(answer.status).toBe(201);
    }
    const more = await world.call("deployer", "POST /v1/holds", {
      service: "evil",
      reason: REASON,
    });
    expect(JSON.stringify(more.body)).toMatch(
      /50 holds already; lift one first, such as hold-\S+, which user:dana/,
    );
    for (let count = 0; count <= WAITING; count += 1) {
      pushed += 1;
      await world.clock.advance(1000);
      await world.push(SHARED, `v${pushed}`);
    }
    await world.pass(MINUTE_MS);
    expect(await waitingOf("evil")).toHaveLength(WAITING);
    await expectVictimUnharmed();
    await expectProtected();
  },
  TIMEOUT_MS,
);

/** On-call can still hold, break the glass, roll back and cancel at the neighbour's. */
async function expectProtected(): Promise<void> {
  await ask("POST /v1/holds", { service: "evil", reason: REASON });
  const [first = ""] = await waitingOf("evil");
  await ask(`POST /v1/promotions/${first}:cancel`, { reason: REASON });
  const [second = ""] = await waitingOf("evil");
  const { release } = PromotionView.parse(await ask(`GET /v1/promotions/${second}`));
  const glass = { release, breakGlass: true, reason: REASON };
  await ask("POST /v1/services/evil/environments/dev:promote", glass);
  await world.pass(MINUTE_MS);
  expect(await ask(`GET /v1/promotions/${second}`)).toMatchObject({ state: "SUCCEEDED" });
  await ask("POST /v1/services/evil/environments/dev:rollback", { reason: REASON });
  const { environments } = ServiceView.parse(await ask("GET /v1/services/evil"));
  expect(environments[0]?.promotion?.kind).toBe("rollback");
  expect(environments[0]?.holds.at(-1)?.reason).toBe(`rolled back: ${REASON}`);
}

async function waitingOf(service: string): Promise<readonly string[]> {
  const { environments } = ServiceView.parse(await ask(`GET /v1/services/${service}`));
  return environments[0]?.waiting ?? [];
}

test.each<readonly [string, Readonly<Record<string, unknown>>]>([
  ["of a later version", { schemaVersion: 99 }],
  ["damaged", { schemaVersion: 1, "body.state.holds": "none" }],
  ["no object", { schemaVersion: 1, body: 7 }],
])(
  "a neighbour whose document is %s keeps nobody from anything",
  async (_name, damage) => {
    const document = raw.doc("services/evil");
    const before = await document.get();
    await document.update(damage);
    await expectVictimUnharmed();
    const { services } = ServiceList.parse(await ask("GET /v1/services"));
    expect(services.map((service) => service.unreadable === null)).toEqual([false, true]);
    expect(await unreadable("GET /v1/services/evil")).toEqual([409, "FAILED_PRECONDITION"]);
    const hold = await world.call("oncall", "POST /v1/holds", { service: "evil", reason: "stop" });
    expect(hold.status).toBe(409);
    const told = await verifiedRecords(world, "_slipway");
    expect(told.findLast(({ kind }) => kind === "service.failed")?.details).toEqual({
      service: "evil",
    });
    await document.set(before.data() ?? {});
    world.cloud.tick("hour");
    await world.pass(MINUTE_MS);
    expect((await verifiedRecords(world, "_slipway")).map(({ kind }) => kind)).toContain(
      "service.recovered",
    );
  },
  TIMEOUT_MS,
);

const Failure = z.object({ error: z.object({ code: z.number(), status: z.string() }) });

async function unreadable(line: string): Promise<readonly [number, string]> {
  const answer: StoryAnswer = await world.call("oncall", line);
  const { error } = Failure.parse(answer.body);
  return [error.code, error.status];
}
