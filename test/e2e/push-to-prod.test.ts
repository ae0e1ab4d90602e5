import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAuditFeed } from "../support/audit-reader.ts";
import type { AuditReader } from "../support/audit-reader.ts";
import { brokenFeed, messagesOf, recordsOf } from "../support/audit-events.ts";
import { smallSpec } from "../support/local-spec.ts";
import { brokenInLocal } from "../support/local-state.ts";
import {
  promote,
  promotionEnds,
  readRecords,
  readService,
  readTags,
  readTimeline,
  tagArrives,
} from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

const TAG = "0123456789ab_42";

let world: LocalWorld;
let reader: AuditReader;

beforeAll(async () => {
  world = await openLocalWorld();
  reader = await readAuditFeed(world.file, "push-to-prod");
  await world.apply(smallSpec("web"));
});

afterAll(async () => {
  await reader.close();
  await world.close();
});

/** What is answered through the load balancer for an environment of the service. */
async function runningVersion(environment: string): Promise<string> {
  const { environments } = await readService(world, "web");
  const target = environments.find(({ id }) => id === environment)?.target ?? "";
  const project = `web-${environment}-1a2b`;
  const url = `${world.file.endpoints["loadBalancer"] ?? ""}/${project}/us-central1/${target}`;
  return (await fetch(`${url}/-/version`)).text();
}

const PROMOTED = [
  "promotion.requested",
  "promotion.started",
  "release.deployed",
  "promotion.succeeded",
];

/** Effects are told of when their answers were taken in: a rollout may have been seen to succeed before that. */
function isOfEffect(kind: string): boolean {
  return kind === "pipeline.release-created" || kind === "rollout.created";
}

describe("an image that is pushed", () => {
  test("is in dev by itself, and in production when somebody promotes it", async () => {
    await world.push("web", TAG);
    await tagArrives(world, "web", { environment: "dev", tag: TAG });
    expect(await runningVersion("dev")).toBe(TAG);
    expect(await readTags(world, "web")).toEqual([TAG, null]);

    const asked = await promote(world, "web", "prod");
    expect(asked).toMatchObject({ kind: "manual", requestedBy: "user:dana@example.com" });
    const promotion = await promotionEnds(world, asked.id);
    expect(promotion.state).toBe("SUCCEEDED");
    expect(await runningVersion("prod")).toBe(TAG);
    expect(await readTags(world, "web")).toEqual([TAG, TAG]);
  });

  test("leaves everything in the database that the functions are told of, and nothing in the default one", async () => {
    const { endpoints, project, database } = world.file;
    const servicesIn = async (id: string): Promise<unknown> => {
      const parent = `projects/${project}/databases/${id}/documents`;
      return (await fetch(`http://${endpoints["firestore"] ?? ""}/v1/${parent}/services`)).json();
    };
    expect(database).toBe("slipway");
    expect(await servicesIn("slipway")).toHaveProperty("documents.0.name");
    expect(await servicesIn("(default)")).toEqual({});
  });

  test("is in the timeline of both environments, first in dev", async () => {
    const timeline = await readTimeline(world, "web");
    expect(timeline).toMatchObject([
      { environment: "prod", tag: TAG, kind: "manual", to: null },
      { environment: "dev", tag: TAG, kind: "automatic", to: null },
    ]);
    const [prod, dev] = timeline.map(({ from }) => Date.parse(from));
    expect(prod).toBeGreaterThan(dev ?? Number.NaN);
  });

  test("leaves a record of each fact, in one chain, which the feed brings once and in order", async () => {
    const records = await readRecords(world, "web");
    const kinds = records.map(({ kind }) => kind);
    expect(kinds.filter((kind) => !isOfEffect(kind))).toEqual([
      "service.applied",
      "release.created",
      ...PROMOTED,
      ...PROMOTED,
    ]);
    expect(kinds.filter(isOfEffect)).toEqual([
      "pipeline.release-created",
      "rollout.created",
      "rollout.created",
    ]);
    const messages = await until(
      "the feed has every record",
      async () => Promise.resolve(messagesOf(reader.messages(), "web")),
      (all) => all.length >= records.length,
    );
    expect(brokenFeed(messages)).toEqual([]);
    expect(messages).toHaveLength(records.length);
    expect(recordsOf(messages)).toEqual(records);
    expect(await brokenInLocal(world, "web", messages)).toEqual([]);
  });
});
