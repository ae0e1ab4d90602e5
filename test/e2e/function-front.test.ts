import { afterAll, beforeAll, expect, test } from "vitest";
import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { startEdge } from "../../emulators/edge/server.ts";
import type { RunningEdge } from "../../emulators/edge/server.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import type { RunningPubsub } from "../../emulators/pubsub/server.ts";
import { functionFront } from "../../infra/local/function-front.ts";
import type { FunctionFront } from "../../infra/local/function-front.ts";
import { creation, hello, NAME, openCloudFunctions } from "../emulators/cloud-functions-setting.ts";
import type { Setting } from "../emulators/cloud-functions-setting.ts";
import { openBench } from "../emulators/pubsub-bench.ts";
import type { Bench } from "../emulators/pubsub-bench.ts";
import { present } from "../support/present.ts";

const ADDRESS = "https://hello-123456789012.us-central1.run.app";
const EVENTS = "slipway-events@acme.iam.gserviceaccount.com";

/** Remembers the host and the body of each delivery, and tells them to whoever asks. */
const REMEMBERING = [
  'import { http } from "@google-cloud/functions-framework";',
  "const seen = [];",
  'http("hello", (request, response) => {',
  '  if (request.method === "POST") {',
  "    seen.push(request.get(`host`));",
  "  }",
  "  response.send(`${process.env.GREETED} ${seen.join()}`);",
  "});",
].join("\n");

let identity: Identity;
let edge: RunningEdge;
let front: FunctionFront;
let setting: Setting;
let pubsub: RunningPubsub;
let bench: Bench;

beforeAll(async () => {
  identity = await startIdentity();
  edge = startEdge({
    issuer: identity,
    access: { allows: ({ member }) => member === `serviceAccount:${EVENTS}` },
  });
  front = functionFront(
    () => edge,
    () => 0,
  );
  setting = await openCloudFunctions({ front });
  pubsub = await startPubsub({
    reach: front.reach,
    mintIdToken: async (email, audience) => identity.mint({ email, audience }),
  });
  bench = openBench(pubsub.grpcAddress);
});

afterAll(async () => {
  await bench.close();
  await pubsub.close();
  await setting.close();
  await edge.close();
  await identity.close();
});

/** What the function answers at its door to whoever may call it. */
async function answer(): Promise<string> {
  const url = present(front.reach(ADDRESS), "the function's door");
  const token = await identity.mint({ email: EVENTS, audience: ADDRESS });
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return response.text();
}

test("a function that is made stands behind the front, and a push to its address in the world reaches it", async () => {
  expect(front.reach(ADDRESS)).toBeNull();
  const files = hello("hello", { "index.js": REMEMBERING });
  const [operation] = await setting.client.createFunction(creation(await setting.upload(files)));
  await operation.promise();
  const url = present(front.reach(ADDRESS), "the function's door");
  expect((await fetch(url)).status, "without a token").toBe(403);
  const { topic } = await bench.makePair({
    pushEndpoint: ADDRESS,
    oidcToken: { serviceAccountEmail: EVENTS, audience: ADDRESS },
  });
  await bench.publish(topic, ["news"]);
  await pubsub.idle();
  // As in the world, it sees the host to which the push was addressed.
  expect(await answer()).toBe("world hello-123456789012.us-central1.run.app");
});

test("after an update the same door leads to the new instance, and is shut to the internet when it is to be", async () => {
  const url = front.reach(ADDRESS);
  const [operation] = await setting.client.updateFunction({
    function: {
      name: NAME,
      serviceConfig: {
        environmentVariables: { GREETED: "again" },
        ingressSettings: "ALLOW_INTERNAL_ONLY",
      },
    },
    updateMask: {
      paths: ["service_config.environment_variables", "service_config.ingress_settings"],
    },
  });
  await operation.promise();
  expect(front.reach(ADDRESS)).toBe(url);
  expect((await fetch(url ?? "")).status).toBe(404);
});

test("a function that is gone has no door", async () => {
  const url = present(front.reach(ADDRESS), "the function's door");
  const [operation] = await setting.client.deleteFunction({ name: NAME });
  await operation.promise();
  expect(front.reach(ADDRESS)).toBeNull();
  await expect(fetch(url)).rejects.toThrow("fetch failed");
});
