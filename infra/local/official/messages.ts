import type { Context } from "hono";
import {
  policyApi,
  policyKeeper,
  policyMethods,
} from "../../../emulators/kit/access/policy-methods.ts";
import type { CloudAccess } from "../../../emulators/kit/access/cloud-access.ts";
import { parseJson, readBody } from "../../../emulators/kit/body.ts";
import type { Clock } from "../../../emulators/kit/clock.ts";
import { serve } from "../../../emulators/kit/server.ts";
import type { LocalPubsub } from "../foundations.ts";
import { RULES } from "../../../emulators/pubsub/access-rules.ts";
import { deliveryFaultPlan } from "../../../emulators/pubsub/delivery-faults.ts";
import { openDoorBeforeTwo } from "./door-before-two.ts";
import { startGoogles } from "./googles-emulator.ts";
import { leadPushes, restorePushes } from "./push-address.ts";
import { startPushes } from "./pushes.ts";
import type { Pushing } from "../../../emulators/pubsub/http-push.ts";

/** How Google's Pub/Sub is started, and what stands beside it. */
export type OfficialMessages = Pushing & {
  readonly command: string;
  readonly port: number;
  /** Where Google's emulator is to listen. */
  readonly behind: number;
  readonly clock: Clock;
  readonly access: CloudAccess;
};

const POLICY_CALL = "/google.iam.v1.IAMPolicy/";
const POLICY_PATH = /:(?:get|set|test)Iam[A-Za-z]+$/;
const POLICY_OWNERS = [
  "/v1/{resource=projects/*/topics/*}",
  "/v1/{resource=projects/*/subscriptions/*}",
];

/**
 * Has Google's emulator answer for topics, subscriptions and messages, and ours for what Google's does not have: policies, and
 * the tokens of pushes. Who calls for anything else is not checked, for Google's emulator checks nobody.
 */
export async function officialMessages(options: OfficialMessages): Promise<LocalPubsub> {
  const { command, port, clock, access } = options;
  const [googles, pushes] = await Promise.all([
    startGoogles(command, "pubsub", options.behind),
    startPushes(options, clock),
  ]);
  const keeper = policyKeeper({ access }, "pubsub");
  const policies = await serve({
    apis: [
      policyApi(
        policyMethods(keeper, (resource) => resource),
        POLICY_OWNERS,
      ),
    ],
    persistence: undefined,
    clock,
    access,
    guard: { service: "pubsub.googleapis.com", rules: RULES },
    http: (app) => {
      app.all("/v1/*", async (c, next) =>
        POLICY_PATH.test(c.req.path) ? next() : askGoogles(c, googles.port, pushes.url),
      );
    },
  });
  const door = await openDoorBeforeTwo(port, {
    grpc: (path) => (path.startsWith(POLICY_CALL) ? policies.port : googles.port),
    web: () => policies.port,
  });
  return {
    ...policies,
    ...publishingTo(googles.port),
    // Nobody plans any here: what Google's emulator pushes is not counted.
    pushFaults: deliveryFaultPlan(),
    url: `http://127.0.0.1:${port}`,
    grpcAddress: `127.0.0.1:${port}`,
    port,
    close: async () => {
      await door.close();
      await Promise.all([policies.close(), googles.close(), pushes.close()]);
    },
  };
}

async function askGoogles(c: Context, port: number, door: string): Promise<Response> {
  const { pathname, search } = new URL(c.req.url);
  const text = await readBody(c.req.raw);
  const body = text === "" ? null : JSON.stringify(toGoogles(parseJson(text), door));
  const answer = await fetch(`http://127.0.0.1:${port}${pathname}${search}`, {
    method: c.req.method,
    headers: { "content-type": "application/json" },
    body,
  });
  const answered = await answer.text();
  const known = answered.trim() === "" ? {} : restorePushes(JSON.parse(answered), door);
  return Response.json(known, { status: answer.status });
}

/** Google's emulator knows the fields of a mask only as they are written in the descriptors. */
function toGoogles(json: unknown, door: string): unknown {
  const led = leadPushes(json, door);
  return typeof led === "object" && led !== null && "updateMask" in led
    ? {
        ...led,
        updateMask: String(led.updateMask).replaceAll(
          /[A-Z]/g,
          (letter) => `_${letter.toLowerCase()}`,
        ),
      }
    : led;
}

/** Publishes one message after the other, so that they stay in order. What cannot be published is lost, as a notification is. */
function publishingTo(port: number): Pick<LocalPubsub, "publisher" | "idle"> {
  const line: { last: Promise<unknown> } = { last: Promise.resolve() };
  return {
    publisher: {
      publish: (topic, { data, attributes = {}, orderingKey = "" }) => {
        const message = {
          data: Buffer.from(data ?? []).toString("base64"),
          attributes,
          orderingKey,
        };
        line.last = line.last.then(async () => send(port, topic, message)).catch(() => null);
      },
    },
    idle: async () => {
      await line.last;
    },
  };
}

async function send(port: number, topic: string, message: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/${topic}:publish`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: [message] }),
  });
  await answer.arrayBuffer();
}
