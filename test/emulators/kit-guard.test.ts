import { credentials } from "@grpc/grpc-js";
import { PubSub } from "@google-cloud/pubsub";
import { PassThroughClient } from "google-auth-library";
import { afterEach, beforeEach, expect, test } from "vitest";

import { type CloudAccess, createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { manualClock } from "../support/manual-clock.ts";
import { type RunningPubsub, startPubsub } from "../../emulators/pubsub/server.ts";

const TOPIC = "projects/acme/topics/audit";
const ROBOT = "serviceAccount:robot@acme.iam.gserviceaccount.com";

let access: CloudAccess;
let server: RunningPubsub;
let client: PubSub;

beforeEach(async () => {
  const clock = manualClock();
  access = createCloudAccess();
  access.use({
    identify: (token) => {
      if (token === "late") {
        return { problem: "expired" };
      }
      return token === "robots" ? { member: ROBOT } : { problem: "unsupported" };
    },
  });
  server = await startPubsub({ clock, access });
  server.ensureTopic(TOPIC);
  client = new PubSub({
    projectId: "acme",
    apiEndpoint: server.grpcAddress,
    emulatorMode: true,
    authClient: new PassThroughClient(),
    sslCreds: credentials.createInsecure(),
  });
});

afterEach(async () => {
  await client.close();
  await server.close();
});

/** Publishes over REST with a token, or without. */
async function publish(
  token: string | null,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}/v1/${TOPIC}:publish`, {
    method: "POST",
    headers: { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ messages: [{ data: "aGk=" }] }),
  });
}

test("a call without a token is refused, and is told how to get one", async () => {
  const response = await publish(null);
  expect(response.status).toBe(401);
  const text = await response.text();
  expect(text).toContain("CREDENTIALS_MISSING");
  expect(text).toContain("POST /accessToken");
  await expect(client.topic(TOPIC).getMetadata()).rejects.toMatchObject({ code: 16 });
});

test("a call without a token is taken for whom the cloud says, and one with a bad token is not", async () => {
  access.use({ anonymous: ROBOT });
  access.policies.set(TOPIC, { bindings: [{ role: "roles/pubsub.publisher", members: [ROBOT] }] });
  expect((await publish(null)).status).toBe(200);
  expect((await publish("owner")).status).toBe(200);
  expect((await publish("eyJhbGciOi")).status).toBe(401);
});

test.each([
  ["late", "ACCESS_TOKEN_EXPIRED"],
  ["eyJhbGciOi", "ACCESS_TOKEN_TYPE_UNSUPPORTED"],
])("the token %s is refused with %s", async (token, reason) => {
  const response = await publish(token);
  expect(response.status).toBe(401);
  expect(await response.text()).toContain(reason);
});

test("a caller without the permission is told which it is, and with it gets through", async () => {
  const refused = await publish("robots");
  expect(refused.status).toBe(403);
  expect(await refused.json()).toEqual({
    error: {
      code: 403,
      status: "PERMISSION_DENIED",
      message: `Permission 'pubsub.topics.publish' denied on resource '//pubsub.googleapis.com/${TOPIC}' (or it may not exist).`,
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "IAM_PERMISSION_DENIED",
          domain: "pubsub.googleapis.com",
          metadata: { permission: "pubsub.topics.publish", resource: TOPIC },
        },
      ],
    },
  });
  access.policies.set(TOPIC, { bindings: [{ role: "roles/pubsub.publisher", members: [ROBOT] }] });
  expect((await publish("robots")).status).toBe(200);
  expect(access.recording().used).toEqual([
    { member: ROBOT, permission: "pubsub.topics.publish", resource: TOPIC },
  ]);
});

test("an API that is not enabled in the caller's project is refused, whatever the caller may", async () => {
  access.policies.set(TOPIC, { bindings: [{ role: "roles/pubsub.publisher", members: [ROBOT] }] });
  access.use({
    isEnabled: (service, project) => service === "pubsub.googleapis.com" && project === "paying",
  });
  const refused = await publish("robots");
  expect(refused.status).toBe(403);
  const text = await refused.text();
  expect(text).toContain("Cloud Pub/Sub API has not been used in project acme before");
  expect(text).toContain("SERVICE_DISABLED");
  expect((await publish("robots", { "x-goog-user-project": "paying" })).status).toBe(200);
});

test("a caller learns which permissions it has, by a policy that it may not read itself", async () => {
  access.policies.set(TOPIC, { bindings: [{ role: "roles/pubsub.publisher", members: [ROBOT] }] });
  const path = `${server.url}/v1/${TOPIC}`;
  const headers = { authorization: "Bearer robots" };
  const permissions = ["pubsub.topics.publish", "pubsub.topics.delete"];
  const tested = await fetch(`${path}:testIamPermissions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ permissions }),
  });
  expect(await tested.json()).toEqual({ permissions: ["pubsub.topics.publish"] });
  expect((await fetch(`${path}:getIamPolicy`, { headers })).status).toBe(403);
});
