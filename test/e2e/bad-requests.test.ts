import { createHash } from "node:crypto";
import { CloudDeployClient } from "@google-cloud/deploy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { HoldView, PromotionView } from "../../shared/wire/api/schemas.ts";
import { smallSpec } from "../support/local-spec.ts";
import {
  promotionEnds,
  readPromotions,
  readRecords,
  readReleases,
  tagArrives,
} from "../support/local-views.ts";
import { imageUrl, openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  await world.apply(smallSpec("web"));
  await world.apply(smallSpec("empty"));
  await world.push("web", "v1");
  await tagArrives(world, "web", { environment: "dev", tag: "v1" });
});

afterAll(async () => {
  await world.close();
});

const PROMOTE = "POST /v1/services/web/environments/prod:promote";

describe("a request for what is not there", () => {
  test.each([
    ["a service", "GET /v1/services/webb", /no service webb/],
    ["a service to promote", "POST /v1/services/webb/environments/prod:promote", /no service webb/],
    [
      "an environment",
      "POST /v1/services/web/environments/qa:promote",
      /no environment qa.*dev, prod/,
    ],
    ["a release", "GET /v1/services/web/releases/r-0000", /no release r-0000/],
    ["a promotion", "GET /v1/promotions/r-0000-to-dev-0001", /no promotion r-0000-to-dev-0001/],
    ["a path", "GET /v1/nothing", /no GET \/v1\/nothing/],
  ])("%s is answered with its name and what to do", async (_, line, message) => {
    const body = line.startsWith("POST") ? {} : undefined;
    const answer = await world.call("deployer", line, body);
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({
      error: { code: 404, status: "NOT_FOUND", message: expect.stringMatching(message) as unknown },
    });
  });

  test("a release to promote is answered with its name", async () => {
    const answer = await world.call("deployer", PROMOTE, { release: "r-0000" });
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining("no release r-0000") as unknown } },
    });
  });
});

describe("a body that is wrong", () => {
  test.each([
    ["is not an object", "[]", /body/],
    ["has a field of the wrong type", { wait: "no" }, /wait/],
    ["has a field that is not known", { realease: "r-1" }, /realease/],
    ["breaks the glass without a reason", { breakGlass: true }, /reason/],
    ["breaks one gate without a reason", { breakGlass: ["hold"] }, /reason/],
    ["breaks no gate", { breakGlass: [], reason: "now" }, /gates among order, .*approval/],
    ["breaks what cannot be broken", { breakGlass: ["busy"], reason: "now" }, /gates among order/],
  ])("and %s is refused with what is wrong, and nothing happens", async (_, body, message) => {
    const before = await readPromotions(world, "web");
    const answer = await world.call("oncall", PROMOTE, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      error: { status: "INVALID_ARGUMENT", message: expect.stringMatching(message) as unknown },
    });
    expect(await readPromotions(world, "web")).toEqual(before);
  });

  test("and is not JSON is answered with a status", async () => {
    const answer = await world.call("deployer", PROMOTE, "{not json");
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 400, status: "INVALID_ARGUMENT", message: "the body is not JSON" } },
    });
  });
});

describe("a promotion that may not be", () => {
  test("of a service without a release is refused, and says what to do first", async () => {
    const line = "POST /v1/services/empty/environments/prod:promote";
    const answer = await world.call("deployer", line, {});
    expect(answer).toMatchObject({
      status: 409,
      body: {
        error: { message: expect.stringMatching(/nothing has been deployed to dev/) as unknown },
      },
    });
  });

  test("of a release that was not in the stage before is refused, or waits until it was", async () => {
    const hold = { service: "web", environment: "dev", reason: "look at v1 first" };
    const held = await world.call("deployer", "POST /v1/holds", hold);
    expect(held.status).toBe(201);
    await world.push("web", "v2");
    const releases = await until(
      "v2 is a release",
      async () => readReleases(world, "web"),
      ({ length }) => length === 2,
    );
    const release = present(releases[0], "the newest release").id;

    const refused = await world.call("deployer", PROMOTE, { release, wait: false });
    expect(refused).toMatchObject({
      status: 409,
      body: {
        error: {
          status: "FAILED_PRECONDITION",
          message: expect.stringMatching(/order.*dev/) as unknown,
        },
      },
    });
    const records = await readRecords(world, "web");
    expect(records.at(-1)).toMatchObject({
      kind: "promotion.refused",
      release,
      environment: "prod",
    });

    const waiting = await world.call("deployer", PROMOTE, { release });
    expect(waiting).toMatchObject({
      status: 202,
      body: { state: "WAITING" },
    });
    const lift = `DELETE /v1/holds/${HoldView.parse(held.body).id}`;
    expect((await world.call("deployer", lift)).status).toBe(200);
    const ended = await promotionEnds(world, PromotionView.parse(waiting.body).id);
    expect(ended).toMatchObject({ state: "SUCCEEDED", release });
    await tagArrives(world, "web", { environment: "prod", tag: "v2" });
  });
});

describe("an emulated API", () => {
  test("refuses an upload whose digest is wrong, and then knows no such blob", async () => {
    const { origin, pathname } = new URL(imageUrl(world.file, "web"));
    const digest = `sha256:${createHash("sha256").update("other bytes").digest("hex")}`;
    const blobs = `${origin}/v2${pathname}/blobs`;
    const upload = await fetch(`${blobs}/uploads/?digest=${digest}`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: "some bytes",
    });
    expect(upload.status).toBe(400);
    expect(await upload.json()).toMatchObject({ errors: [{ code: "DIGEST_INVALID" }] });
    expect((await fetch(`${blobs}/${digest}`, { method: "HEAD" })).status).toBe(404);
  });

  test("names a method that it does not have, over gRPC and over REST", async () => {
    const url = world.file.endpoints["cloudDeploy"] ?? "";
    const parent = "projects/slipway-local/locations/us-central1";
    const client = new CloudDeployClient(await endpointOptions(url.replace("http://", "")));
    const name = `${parent}/deliveryPipelines/web-us-central1-rollout/automations/none`;
    const call = client.deleteAutomation({ name }, { retry: null });
    await expect(call).rejects.toThrow(/UNIMPLEMENTED.*DeleteAutomation/);
    await client.close();
    const response = await fetch(`${url}/v1/${name}`, { method: "DELETE" });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain("DeleteAutomation");
  });
});
