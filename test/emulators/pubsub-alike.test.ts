import * as grpc from "@grpc/grpc-js";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { policyApi } from "../../emulators/kit/access/policy-methods.ts";
import { manualClock } from "../../emulators/kit/clock.ts";
import { apiMethods, type Method } from "../../emulators/kit/method.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import {
  arbitraryRequest,
  callGrpc,
  callHttp,
  toHttp,
  type Answered,
  type Request,
  type Texts,
} from "./alike.ts";

const RUNS = 25;
const PROTOS = "@google-cloud/pubsub/build/protos/protos.json";
const NO_POLICIES = { GetIamPolicy: String, SetIamPolicy: String, TestIamPermissions: String };
const METHODS = ["Publisher", "Subscriber", "SchemaService"]
  .flatMap((name) => apiMethods({ protos: PROTOS, service: `google.pubsub.v1.${name}` }))
  .concat(
    apiMethods(policyApi(NO_POLICIES, ["projects/*/topics/*", "projects/*/subscriptions/*"])),
  );

const TOPICS = ["projects/p/topics/topic", "projects/p/topics/new", "projects/p/topics/1"];
const SUBSCRIPTIONS = ["projects/p/subscriptions/taken", "projects/p/subscriptions/new"];
const SNAPSHOTS = ["projects/p/snapshots/one"];
const SCHEMAS = ["projects/p/schemas/one"];
const NAMES: Readonly<Record<string, readonly string[]>> = {
  project: ["projects/p", "projects/other"],
  parent: ["projects/p"],
  topic: TOPICS,
  deadLetterTopic: TOPICS,
  subscription: SUBSCRIPTIONS,
  snapshot: SNAPSHOTS,
  schema: SCHEMAS,
  resource: [...TOPICS, ...SUBSCRIPTIONS],
  pushEndpoint: ["", "https://example.com", "nonsense"],
  filter: ["", "attributes:key", "nonsense", "(".repeat(100)],
};

let spoken: RunningPubsub;
let asked: RunningPubsub;
let client: grpc.Client;

beforeAll(async () => {
  const options = { reach: () => null };
  spoken = await startPubsub({ clock: manualClock(), ...options });
  asked = await startPubsub({ clock: manualClock(), ...options });
  client = new grpc.Client(spoken.grpcAddress, grpc.credentials.createInsecure());
});

afterAll(async () => {
  client.close();
  await spoken.close();
  await asked.close();
});

/** Both have the same in them. */
beforeEach(async () => {
  const topic = "projects/p/topics/topic";
  const [spokenTo, askedOf] = [spoken, asked].map(async (pubsub) => {
    pubsub.reset();
    pubsub.ensureTopic(topic);
    const subscription = `${pubsub.url}/v1/${SUBSCRIPTIONS[0]}`;
    await fetch(subscription, { method: "PUT", body: JSON.stringify({ topic }) });
    pubsub.publisher.publish(topic, { attributes: { key: "value" } });
  });
  await Promise.all([spokenTo, askedOf]);
});

/** `name` is the name of what the method is about. */
function namesOf({ name: method }: Method): Texts {
  const kinds = { Subscription: SUBSCRIPTIONS, Snapshot: SNAPSHOTS, Schema: SCHEMAS };
  const own = Object.entries(kinds).find(([kind]) => method.includes(kind))?.[1] ?? TOPICS;
  return (field) => (field === "name" ? own : NAMES[field]);
}

/** Asks both for the same, one in each way. */
async function askBoth(
  method: Method,
  request: Request,
): Promise<readonly [Answered, Answered] | null> {
  const http = toHttp(method, request);
  return http === null
    ? null
    : Promise.all([callGrpc(client, method, request), callHttp(asked.url, http)]);
}

describe("over gRPC and over REST the answer is the same", () => {
  const reachable = METHODS.filter(({ isRequestStream }) => !isRequestStream);
  test.each(reachable.map((method) => [method.fullName, method] as const))(
    "to %s",
    async (_name, method) => {
      let tried = 0;
      const property = fc.asyncProperty(
        arbitraryRequest(method.requestType, namesOf(method)),
        async (drawn) => {
          // A pull that waits would wait for the clock, which stands still.
          const request = method.name === "Pull" ? { ...drawn, returnImmediately: true } : drawn;
          const answers = await askBoth(method, request);
          tried += answers === null ? 0 : 1;
          expect(answers?.[1]).toEqual(answers?.[0]);
        },
      );
      await fc.assert(property, { numRuns: RUNS });
      expect(tried).toBeGreaterThan(0);
    },
  );
});
