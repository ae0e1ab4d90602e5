import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestOf, directoryBlobs } from "../../emulators/kit/blob-store.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import type { RunningServer } from "../../emulators/kit/server.ts";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import { startCloudSql } from "../../emulators/cloud-sql/server.ts";
import { startGithub } from "../../emulators/github/server.ts";
import { startGkeBackup } from "../../emulators/gke-backup/server.ts";
import { startIam } from "../../emulators/iam/server.ts";
import { startIdentity } from "../../emulators/identity/server.ts";
import { startMonitoring } from "../../emulators/monitoring/server.ts";
import { startSlack } from "../../emulators/slack/server.ts";
import { startStorage } from "../../emulators/storage/server.ts";
import { until } from "../support/until.ts";

const IMAGE = "v2/acme/apps/web";
const UPLOADERS = 20;

let folder = "";
let registry: RunningServer;
let pubsub: RunningServer;
let storage: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kit-hostile-"));
  registry = await startArtifactRegistry({
    blobs: directoryBlobs(join(folder, "blobs")),
    repositories: [{ name: "projects/acme/locations/us-central1/repositories/apps" }],
  });
  pubsub = await startPubsub();
  storage = await startStorage();
});

afterAll(async () => {
  await Promise.all([registry.close(), pubsub.close(), storage.close()]);
  rmSync(folder, { recursive: true });
});

async function answers(): Promise<number> {
  return (await fetch(`${pubsub.url}/v1/projects/acme/topics`)).status;
}

function asBytes(value: Buffer): Buffer {
  return value;
}

/** The files of uploads that are under way. */
function uploads(): readonly string[] {
  return readdirSync(join(folder, "blobs", "uploads"));
}

test.each([
  ["nothing but the preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["half a preface", "PRI * HTTP/2.0\r\n"],
  ["a frame that is cut off", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x40\x01\x04\0\0\0\x01half"],
  ["no frames but noise", `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"\xff".repeat(5000)}`],
  [
    "half a request",
    "POST /v1/projects/acme/topics/t HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{",
  ],
])("a connection with %s disturbs nobody", async (_name, text) => {
  const socket = connect(pubsub.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  await new Promise<void>(
    (resolve) => void socket.write(Buffer.from(text, "latin1"), () => resolve()),
  );
  expect(await answers()).toBe(200);
  socket.destroy();
  expect(await answers()).toBe(200);
});

/** What a message comes to over gRPC. */
async function speak(method: string, bytes: Buffer): Promise<grpc.ServiceError | null> {
  const client = new grpc.Client(pubsub.grpcAddress, grpc.credentials.createInsecure());
  const error = await new Promise<grpc.ServiceError | null>((resolve) => {
    client.makeUnaryRequest(`/${method}`, asBytes, asBytes, bytes, resolve);
  });
  client.close();
  return error;
}

/** What is told is a header, and a longer one would end the connection. */
const TOLD_GRPC_MAX = 2100;

/** A field of a message: its number, its length in base 128, where each digit but the last has a higher bit, and it. */
function field(number: number, content: Buffer): Buffer {
  const { length } = content;
  const digits = [(length % 128) + 128, ((length >> 7) % 128) + 128, length >> 14];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...digits]), content]);
}

test.each([
  ["none", Buffer.from([0x0a, 0xff, 0xff, 0xff])],
  ["a long name", field(1, Buffer.from("x".repeat(200_000)))],
])("a message that is %s is refused as such, over gRPC", async (_name, bytes) => {
  const error = await speak("google.pubsub.v1.Publisher/CreateTopic", bytes);
  expect(error?.code).toBe(grpc.status.INVALID_ARGUMENT);
  expect(error?.details.length).toBeLessThan(TOLD_GRPC_MAX);
  expect(await answers()).toBe(200);
});

test.each(["google.pubsub.v1.Publisher/Nonsense", "google.nonsense.v1.Nothing/Nonsense"])(
  "%s, which is not there, is refused by its name over gRPC",
  async (method) => {
    const error = await speak(method, Buffer.alloc(0));
    expect(error?.code).toBe(grpc.status.UNIMPLEMENTED);
    expect(error?.details).toContain(method);
  },
);

test("twenty who upload one blob at once all succeed, and it is there once", async () => {
  const content = "the same for all ".repeat(5000);
  const digest = digestOf(content);
  const statuses = await Promise.all(
    Array.from({ length: UPLOADERS }, async () => {
      const begun = await fetch(`${registry.url}/${IMAGE}/blobs/uploads/`, { method: "POST" });
      const url = new URL(begun.headers.get("location") ?? "", registry.url);
      url.searchParams.set("digest", digest);
      return (await fetch(url, { method: "PUT", body: content })).status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([201]));
  expect(await (await fetch(`${registry.url}/${IMAGE}/blobs/${digest}`)).text()).toBe(content);
  expect(uploads()).toEqual([]);
});

test("who dies in the middle of an upload leaves nothing that others see", async () => {
  const content = "never whole";
  const digest = digestOf(content);
  const socket = connect(registry.port, "127.0.0.1");
  await once(socket, "connect");
  const head = `POST /${IMAGE}/blobs/uploads/?digest=${digest} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n`;
  socket.write(`${head}never`);
  await until(
    "the upload has begun",
    async () => Promise.resolve(uploads()),
    (found) => found.length === 1,
  );
  socket.destroy();
  expect((await fetch(`${registry.url}/${IMAGE}/blobs/${digest}`)).status).toBe(404);
  const at = `${registry.url}/${IMAGE}/blobs/uploads/?digest=${digest}`;
  expect((await fetch(at, { method: "POST", body: content })).status).toBe(201);
});

test.each([
  `sha256:${"../".repeat(10)}etc/passwd`,
  `sha256:${encodeURIComponent("../".repeat(21))}x`,
  "sha256:%2e%2e%2f%2e%2e%2fstate",
  `sha256:${"0".repeat(63)}/`,
])("a digest that leads elsewhere is refused: %s", async (digest) => {
  const blob = await fetch(`${registry.url}/${IMAGE}/blobs/${digest}`);
  expect([400, 404, 501]).toContain(blob.status);
  const at = `${registry.url}/${IMAGE}/blobs/uploads/?digest=${digest}`;
  expect((await fetch(at, { method: "POST", body: "x" })).status).toBe(400);
  expect(readdirSync(join(folder, "blobs")).toSorted()).toEqual(["sha256", "uploads"]);
});

test("an object's name is a name, wherever it seems to lead", async () => {
  const json = { method: "POST", headers: { "content-type": "application/json" } };
  await fetch(`${storage.url}/storage/v1/b?project=acme`, { ...json, body: '{"name":"things"}' });
  for (const name of ["../../etc/passwd", "/etc/passwd", "a/../b", "..%2f..", "a\0b"]) {
    const at = `${storage.url}/upload/storage/v1/b/things/o?uploadType=media&name=`;
    const put = await fetch(`${at}${encodeURIComponent(name)}`, { method: "POST", body: name });
    expect(put.status).toBe(200);
    const path = `${storage.url}/storage/v1/b/things/o/${encodeURIComponent(name)}?alt=media`;
    expect(await (await fetch(path)).text()).toBe(name);
  }
});

const AT = "v1/projects/acme/locations/us-central1";

/** A server of each way in which a body comes in, and a request that has one. */
const TAKERS: readonly (readonly [
  name: string,
  start: () => Promise<RunningServer>,
  method: string,
  path: string,
  tooLong: number,
])[] = [
  ["an API by its descriptors", startPubsub, "PUT", "v1/projects/acme/topics/t", 413],
  ["Cloud SQL", startCloudSql, "POST", "sql/v1beta4/projects/acme/instances", 413],
  ["Backup for GKE", startGkeBackup, "POST", `${AT}/backupPlans?backupPlanId=p`, 413],
  ["Cloud Storage", startStorage, "POST", "storage/v1/b?project=acme", 413],
  ["the issuer", startIdentity, "POST", "token", 413],
  ["the issuer of access tokens", startIdentity, "POST", "accessToken", 413],
  ["IAM", startIam, "POST", "v1/projects/acme/serviceAccounts", 413],
  ["Monitoring", startMonitoring, "POST", "v3/projects/acme/alertPolicies", 413],
  ["dashboards", startMonitoring, "POST", "v1/projects/acme/dashboards", 413],
  ["Slack", async () => startSlack(), "POST", "api/chat.postMessage", 413],
  ["GitHub", async () => startGithub(), "POST", "repos/acme/web/deployments", 401],
];

const TOO_LONG = 21_000_000;
const TOO_DEEP = 100_000;
const TOLD_MAX = 1000;

test.each(TAKERS)(
  "%s takes no body without an end, and none without a floor",
  async (_, start, method, path, tooLong) => {
    const server = await start();
    try {
      const send = async (body: string): Promise<Response> =>
        fetch(`${server.url}/${path}`, {
          method,
          headers: { "content-type": "application/json" },
          body,
        });
      const long = await send(`{"name":"${"a".repeat(TOO_LONG)}"}`);
      expect([long.status, long.headers.get("connection")]).toEqual([
        tooLong,
        tooLong === 413 ? "close" : "keep-alive",
      ]);
      const deep = await send(`${"[".repeat(TOO_DEEP)}${"]".repeat(TOO_DEEP)}`);
      const told = await deep.text();
      expect(deep.status, told).toBeLessThan(500);
      expect(told.length).toBeLessThan(TOLD_MAX);
    } finally {
      await server.close();
    }
  },
);
