import { describe, expect, test } from "vitest";
import { parseDeployNotification } from "../../shared/wire/deploy-notification.ts";
import { parseDelivery } from "../../shared/wire/envelope.ts";
import type { Message } from "../../shared/wire/envelope.ts";
import { parseImagePush } from "../../shared/wire/image-push.ts";
import { parseImageReference } from "../../shared/wire/image-reference.ts";
import { parseTick } from "../../shared/wire/tick.ts";

const DIGEST = `sha256:${"6e".repeat(32)}`;
const IMAGE = "us-central1-docker.pkg.dev/acme-prod/apps/api";

function aMessage(data: unknown, attributes: Readonly<Record<string, string>> = {}): Message {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return { id: "1", attributes, publishTime: null, attempt: null, text };
}

describe("a delivery of Pub/Sub", () => {
  test("is read with its data decoded", () => {
    const body = {
      message: {
        data: "eyJhIjoxfQ==",
        attributes: { k: "v" },
        messageId: "6641588366820034",
        message_id: "6641588366820034",
        publishTime: "2026-11-20T10:00:00.72Z",
        attempt: null,
      },
      subscription: "projects/acme/subscriptions/s",
    };
    expect(parseDelivery(body)).toEqual({
      ok: true,
      value: {
        id: "6641588366820034",
        attributes: { k: "v" },
        publishTime: "2026-11-20T10:00:00.72Z",
        attempt: null,
        text: '{"a":1}',
      },
    });
  });

  test("is read without data or attributes, as Cloud Deploy sends it", () => {
    expect(parseDelivery({ message: { messageId: "7" } })).toEqual({
      ok: true,
      value: { id: "7", attributes: {}, publishTime: null, attempt: null, text: "" },
    });
  });

  test.each([
    ["nothing", undefined],
    ["no message", {}],
    ["no message id", { message: { data: "" } }],
    ["data that is not base64", { message: { messageId: "1", data: "%%%" } }],
    ["attributes that are no texts", { message: { messageId: "1", attributes: { k: 1 } } }],
  ])("with %s is refused with the reason", (_, body) => {
    const parsed = parseDelivery(body);
    expect(parsed).toMatchObject({ ok: false });
  });
});

describe("a message of the topic gcr", () => {
  test.each([
    [
      "an upload with a tag",
      { action: "INSERT", digest: `${IMAGE}@${DIGEST}`, tag: `${IMAGE}:1.4.2` },
      { action: "INSERT", repository: IMAGE, digest: DIGEST, tag: "1.4.2" },
    ],
    [
      "an upload without one",
      { action: "INSERT", digest: `${IMAGE}@${DIGEST}` },
      { action: "INSERT", repository: IMAGE, digest: DIGEST, tag: null },
    ],
    [
      "a removed tag",
      { action: "DELETE", tag: `${IMAGE}:1.4.2` },
      { action: "DELETE", repository: IMAGE, digest: null, tag: "1.4.2" },
    ],
    [
      "a deleted image of gcr.io",
      { action: "DELETE", digest: `eu.gcr.io/acme/api@${DIGEST}` },
      { action: "DELETE", repository: "eu.gcr.io/acme/api", digest: DIGEST, tag: null },
    ],
    [
      "fields that are new",
      { action: "INSERT", digest: `${IMAGE}@${DIGEST}`, region: "moon" },
      { action: "INSERT", repository: IMAGE, digest: DIGEST, tag: null },
    ],
  ])("%s is read", (_, data, value) => {
    const expected = { publishedAt: null, ...value };
    expect(parseImagePush(aMessage(data))).toEqual({ ok: true, value: expected });
  });

  test.each([
    ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000000000Z"],
    ["2026-11-20T10:00:00.72Z", "2026-11-20T10:00:00.720000000Z"],
    ["2026-11-20T10:00:00.123456789Z", "2026-11-20T10:00:00.123456789Z"],
    ["2026-11-20T10:00:00.1234567891Z", null],
    ["2026-11-20T10:00:00+01:00", null],
    ["2026-13-20T10:00:00Z", null],
    ["yesterday", null],
    ["", null],
  ])("published at %s is placed at %s", (publishTime, publishedAt) => {
    const data = { action: "INSERT", digest: `${IMAGE}@${DIGEST}`, tag: `${IMAGE}:1.4.2` };
    const parsed = parseImagePush({ ...aMessage(data), publishTime });
    expect(parsed).toMatchObject({ ok: true, value: { publishedAt } });
  });

  test.each([
    ["text that is not JSON", "{"],
    ["an action that is not known", { action: "COPY", digest: `${IMAGE}@${DIGEST}` }],
    ["no reference", { action: "INSERT" }],
    ["a bare digest", { action: "INSERT", digest: DIGEST }],
    ["a short digest", { action: "INSERT", digest: `${IMAGE}@sha256:6e6e` }],
    ["a list", []],
    ["null", null],
  ])("%s is refused", (_, data) => {
    expect(parseImagePush(aMessage(data)).ok).toBe(false);
  });
});

describe("an image reference", () => {
  test.each([
    [`${IMAGE}:1.4.2@${DIGEST}`, { repository: IMAGE, tag: "1.4.2", digest: DIGEST }],
    ["127.0.0.1:5000/p/r/i:t", { repository: "127.0.0.1:5000/p/r/i", tag: "t", digest: null }],
    [
      "gcr.io/example.com/project/image",
      { repository: "gcr.io/example.com/project/image", tag: null, digest: null },
    ],
    [`a/b:${"t".repeat(128)}`, { repository: "a/b", tag: "t".repeat(128), digest: null }],
  ])("%s is taken apart", (text, parts) => {
    expect(parseImageReference(text)).toEqual(parts);
  });

  test.each([
    "",
    "image",
    "a/b:",
    "a/b@",
    "A/b",
    "a/b:-t",
    `a/b:${"t".repeat(129)}`,
    "a/b@sha256:1@x",
    `a/${"b".repeat(1100)}`,
  ])("%s is none", (text) => {
    expect(parseImageReference(text)).toBeNull();
  });
});

describe("a notification of Cloud Deploy", () => {
  const common = {
    DeliveryPipelineId: "api",
    Location: "us-central1",
    ProjectNumber: "123456789012",
    ReleaseId: "r",
  };

  test.each([
    [
      "the end of a rollout",
      { Action: "Succeed", ResourceType: "Rollout", RolloutId: "r-1" },
      "r-1",
    ],
    [
      "a rollout that changed",
      { Action: "Update", ResourceType: "Rollout", RolloutId: "r-1" },
      "r-1",
    ],
    ["an approval", { Action: "Rejected", Rollout: "projects/1/…/r-1", RolloutId: "r-1" }, "r-1"],
    ["an advance without a resource type", { Action: "AdvanceRequired", RolloutId: "r-1" }, "r-1"],
    [
      "the start of a rollout",
      { Action: "Start", ResourceType: "Rollout", RolloutId: "r-1" },
      null,
    ],
    ["a job run", { Action: "Succeed", ResourceType: "JobRun", RolloutId: "r-1" }, null],
    ["a release", { Action: "Succeed", ResourceType: "Release" }, null],
  ])("about %s leads to its rollout or nowhere", (_, attributes, rollout) => {
    const message = aMessage("", { ...common, ...attributes });
    expect(parseDeployNotification(message)).toEqual({
      ok: true,
      value: { pipeline: "api", rollout, release: "r" },
    });
  });

  test("about a target leads nowhere", () => {
    const message = aMessage("", { Action: "Create", ResourceType: "Target", TargetId: "prod" });
    expect(parseDeployNotification(message)).toEqual({ ok: true, value: null });
  });

  test("without an action is refused", () => {
    expect(parseDeployNotification(aMessage("", common)).ok).toBe(false);
  });
});

/** A minute's tick that says when it was published. */
function tickAt(publishTime: string): unknown {
  return parseTick({ ...aMessage({ kind: "minute" }), publishTime });
}

describe("a tick", () => {
  test.each(["minute", "hour", "day"])("of a %s is read", (kind) => {
    expect(parseTick(aMessage({ kind }))).toEqual({ ok: true, value: { kind, at: null } });
  });

  test("says when it was published, as far as that can be read", () => {
    expect(tickAt("2026-11-20T10:00:00.5Z")).toMatchObject({
      value: { at: Date.parse("2026-11-20T10:00:00.500Z") },
    });
    expect(tickAt("yesterday")).toMatchObject({ value: { at: null } });
  });

  test.each([
    ["of a week", { kind: "week" }],
    ["without data", ""],
  ])("%s is refused", (_, data) => {
    expect(parseTick(aMessage(data)).ok).toBe(false);
  });
});
