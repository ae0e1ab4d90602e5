import { execFile } from "node:child_process";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { Firestore } from "@google-cloud/firestore";
import { PubSub } from "@google-cloud/pubsub";
import type { Message } from "@google-cloud/pubsub";
import { Storage } from "@google-cloud/storage";
import * as grpc from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { isMissing } from "../support/needs.ts";
import { cliIn } from "./cli-setting.ts";
import { GROUPS } from "./gcloud-rows.ts";

const run = promisify(execFile);
const Refusal = z.object({ error: z.object({ status: z.string(), message: z.string() }) });

const bytes = (value: Buffer): Buffer => value;

let world: LocalWorld;
let host: string;

beforeAll(async () => {
  world = await openLocalWorld();
  ({ host } = new URL(world.file.address));
  await world.push("rows", "v1");
});

afterAll(async () => {
  await world.close();
});

type Answer = {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
};

/** What a request to the one address is answered with; `target` is a path, or a whole URL as a proxy gets it. */
async function ask(
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const { hostname, port } = new URL(world.file.address);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ hostname, port, path: target, headers }, resolve);
    asked.on("error", reject).end();
  });
  const { location } = answer.headers;
  return { status: answer.statusCode ?? 0, location, text: await text(answer) };
}

/** With what a tunnel to a host is answered. */
async function tunnel(path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(world.file.address);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method: "CONNECT" });
    asked.on("connect", ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
    asked.on("error", reject).end();
  });
}

async function refusal(
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<z.infer<typeof Refusal>["error"]> {
  const answer = await ask(target, headers);
  return Refusal.parse(JSON.parse(answer.text)).error;
}

test("Google's clients reach Firestore, Pub/Sub and Storage there, streams and all", async () => {
  const projectId = world.file.project;
  const ssl = { ssl: false, host };
  const firestore = new Firestore({ projectId, databaseId: world.file.database, ...ssl });
  const pubsub = new PubSub({ projectId, apiEndpoint: host, emulatorMode: true });
  const storage = new Storage({ projectId, apiEndpoint: world.file.address });
  try {
    const document = firestore.doc("tried/one");
    const seen = new Promise((resolve) => {
      const stop = document.onSnapshot((snapshot) => {
        if (snapshot.exists) {
          stop();
          resolve(snapshot.data());
        }
      });
    });
    await firestore.runTransaction(async (transaction) => {
      await transaction.get(document);
      transaction.set(document, { at: 1 });
    });
    expect(await seen).toEqual({ at: 1 });

    const [topic] = await pubsub.createTopic("tried");
    const [subscription] = await topic.createSubscription("tried");
    const arrived = new Promise((resolve) => {
      subscription.once("message", (message: Message) => {
        message.ack();
        resolve(message.data.toString());
      });
    });
    await topic.publishMessage({ data: Buffer.from("a message") });
    expect(await arrived).toBe("a message");
    await subscription.close();

    const bucket = storage.bucket(`${projectId}-sources`);
    await bucket.file("tried.txt").save("some text", { resumable: true });
    const [read] = await bucket.file("tried.txt").download();
    expect(read.toString()).toBe("some text");
  } finally {
    await Promise.all([firestore.terminate(), pubsub.close()]);
  }
});

test("a refusal of gRPC comes back as it is, and what no API or several have is refused by name", async () => {
  const client = new grpc.Client(host, grpc.credentials.createInsecure());
  const call = async (path: string): Promise<unknown> =>
    new Promise((resolve) => {
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), (error) => {
        resolve({ code: error?.code, details: error?.details });
      });
    });
  expect(await call("/google.pubsub.v1.Publisher/GetTopic")).toMatchObject({
    code: grpc.status.PERMISSION_DENIED,
    details: expect.stringContaining("pubsub.topics.get") as unknown,
  });
  expect(await call("/google.compute.v1.Instances/List")).toEqual({
    code: grpc.status.UNIMPLEMENTED,
    details: "the local cloud has no /google.compute.v1.Instances/List",
  });
  expect(await call("/google.longrunning.Operations/GetOperation")).toMatchObject({
    code: grpc.status.UNIMPLEMENTED,
    details: expect.stringContaining(".slipway/local.json") as unknown,
  });
  client.close();
});

test("REST is told apart by path, by prefix, and by Google's host where it is a proxy", async () => {
  const topics = `/v1/projects/${world.file.project}/topics`;
  const asked = [
    topics,
    `/pubsub${topics}?pageSize=100`,
    `http://pubsub.googleapis.com${topics}`,
    `http://us-central1-${host}/pubsub${topics}`,
    `http://${world.file.endpoints["pubsub"] ?? ""}${topics}`,
  ];
  for (const target of asked) {
    expect(await ask(target), target).toMatchObject({
      status: 200,
      text: expect.stringContaining("slipway-ticks") as unknown,
    });
  }
  expect((await ask("/v2/")).status).toBe(200);
  expect((await ask("/")).location).toBe(`${world.file.dashboard}/`);
  const authorization = `Bearer ${world.file.tokens.viewer}`;
  expect((await ask("/v1/services", { authorization })).status).toBe(200);
});

test("it leads nowhere but to the local cloud", async () => {
  expect(await refusal("http://compute.googleapis.com/compute/v1/x")).toEqual({
    status: "UNIMPLEMENTED",
    message: "the local cloud has no compute.googleapis.com",
  });
  expect((await refusal("/elsewhere/x")).message).toContain("which API is /elsewhere/x of?");
  expect(await refusal("/v2/", { host: "evil.example.com" })).toMatchObject({
    status: "PERMISSION_DENIED",
  });
  expect(await refusal("http://evil.example.com/", { host: "127.0.0.1" })).toMatchObject({
    message: "the local cloud has no evil.example.com",
  });
  expect(await tunnel("evil.example.com:443")).toBe(501);
});

test("slipway env says all that a shell needs, as one word each", async () => {
  const cli = cliIn(world.directory);
  const told = z
    .record(z.string(), z.string())
    .parse(JSON.parse((await cli(["env", "--json"])).out));
  expect(told).toMatchObject({ PUBSUB_EMULATOR_HOST: host, SLIPWAY_REGISTRY: host });
  const { stdout } = await run("sh", ["-c", `${(await cli(["env"])).out}\nenv`]);
  for (const [name, value] of Object.entries(told)) {
    expect(stdout).toContain(`${name}=${value}`);
  }
});

test("an image is signed by the one address", async () => {
  await world.push("signed", "v1");
  const image = `${host}/${world.file.project}/apps/signed:v1`;
  expect(await cliIn(world.directory)(["local", "sign", image])).toMatchObject({
    code: 0,
    err: "",
  });
});

test("an incident is opened and closed by a command, and what cannot be is refused with what there is", async () => {
  const cli = cliIn(world.directory);
  const incident = async (...words: readonly string[]): Promise<string> => {
    const { out, err } = await cli(["local", "incident", ...words]);
    return out + err;
  };
  const project = "msp-testbed-prod-41c7";
  expect(await incident("open", project)).toContain(`is open in ${project}`);
  expect(await incident("close", project)).toContain("is open");
  expect(await incident("close", project)).toContain("has no open incident");
  expect(await incident("open", "nowhere")).toContain("nowhere");
  expect(await incident("open", project, "--policy", "none")).toContain(
    "has no alert policy none, but",
  );
});

const isSkipped = isMissing("gcloud", ["gcloud", "--version"]);

/** What `slipway env` tells a shell, and nothing else. */
async function environment(): Promise<Readonly<Record<string, string>>> {
  const told = await cliIn(world.directory)(["env", "--json"]);
  const variables = z.record(z.string(), z.string()).parse(JSON.parse(told.out));
  return { PATH: process.env["PATH"] ?? "", CLOUDSDK_CORE_DISABLE_PROMPTS: "1", ...variables };
}

/** All that a command prints, on either stream. */
async function gcloud(env: Readonly<Record<string, string>>, words: string): Promise<string> {
  const line = `gcloud ${words} --format=json`;
  const { stdout, stderr } = await run("sh", ["-c", line], { env }).catch((error: unknown) =>
    z.object({ stdout: z.string(), stderr: z.string() }).parse(error),
  );
  return stdout + stderr;
}

/** A request of REST, as the owner of the local cloud. */
async function askRest(verb: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${world.file.address}${path}`, {
    method: verb,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const told = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  return isJson ? JSON.parse(told) : told;
}

test.concurrent.each(Object.entries(GROUPS))(
  `what gcloud does with %s is there${isSkipped ? ", over REST" : ""}`,
  { timeout: 180_000 },
  async (_, rows) => {
    const env = await environment();
    for (const { gcloud: words, rest, shows } of rows) {
      const told = isSkipped
        ? JSON.stringify(await rest(askRest), null, 2)
        : await gcloud(env, words);
      for (const part of shows) {
        const isThere = told.includes(part.replace(/^!/, ""));
        expect(isThere, `${words}: ${part} in ${told}`).toBe(!part.startsWith("!"));
      }
      expect(told, words).not.toMatch(/crashed|network connectivity|could not be found/);
    }
  },
);

test.skipIf(isSkipped)(
  "gcloud reads by what slipway env sets, also an API with a region before its host",
  { timeout: 60_000 },
  async () => {
    const env = await environment();
    const [services, elsewhere, buckets, absent] = await Promise.all([
      gcloud(env, "run services list --region=us-central1 --project=msp-testbed-dev-8d3f"),
      gcloud(env, "run services list --region=europe-west1 --project=msp-testbed-dev-8d3f"),
      gcloud(env, "storage buckets list"),
      gcloud(env, "compute networks list"),
    ]);
    expect(services).toBe("[]\n");
    expect(elsewhere).toBe("[]\n");
    expect(buckets).toContain(`${world.file.project}-sources`);
    expect(absent).toContain("the local cloud has no compute");
  },
);
