import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../functions/names.ts";
import { DEPLOYABLE, isCurrent } from "../../infra/build/current.ts";
import { writeDeployable } from "../../infra/build/deployable.ts";
import { REPOSITORY, sourcesDigest } from "../../infra/build/sources.ts";
import { LOCAL_EVENTS_ACCOUNT, LOCAL_PEOPLE } from "../../infra/local/settings.ts";
import { creation, openCloudFunctions } from "../emulators/cloud-functions-setting.ts";
import {
  answerAlone,
  deploy,
  ending,
  environmentOn,
  filesLoaded,
  handedOn,
  installDeployable,
} from "../support/deployed.ts";
import type { Asked, Installed, Start } from "../support/deployed.ts";
import { openKnownApp, SHOWN_ON_GITHUB, TAG_ON_GITHUB } from "../support/github-app.ts";
import type { KnownApp } from "../support/github-app.ts";
import { deliveryOf, pushed } from "../support/image-event.ts";
import { smallSpec } from "../support/local-spec.ts";
import { succeededRollout } from "../support/local-rollouts.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { signedCommand } from "../support/signed-command.ts";
import { toldDelivery } from "../support/told-event.ts";
import { until } from "../support/until.ts";

/** Longer than the rest of a message takes, so that what is asked for is cut off in the middle. */
const CUT_MS = 2000;

const BYTES_LIMIT = 9_000_000;
const ZIPPED_BYTES_LIMIT = 2_000_000;

let installed: Installed;
let world: LocalWorld;
let app: KnownApp;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  [installed, world] = await Promise.all([installDeployable(), openLocalWorld()]);
  app = await openKnownApp(world);
  await world.stopTicks();
  await world.apply(smallSpec("web", SHOWN_ON_GITHUB));
  await world.apply(smallSpec("cut"));
  // From here on nobody delivers but the tests.
  await world.stopDeliveries();
  environment = { ...(await environmentOn(world.file)), ...app.environment };
});

afterAll(async () => {
  await world.close();
  await app.close();
  await installed.remove();
});

function filesIn(folder: string): ReadonlyMap<string, Buffer> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
}

function starting(target: string, change: Readonly<Record<string, string>> = {}): Start {
  return { folder: installed.folder, target, environment: { ...environment, ...change } };
}

test("the functions of the local cloud run from what is deployed, built of these sources", () => {
  expect(isCurrent(DEPLOYABLE)).toBe(true);
});

test("the same sources give the same bytes, and none that tell of this machine", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-again-"));
  try {
    await writeDeployable(folder);
    const again = filesIn(folder);
    expect(again).toEqual(filesIn(DEPLOYABLE));
    expect([...again.values()].some((bytes) => bytes.includes(REPOSITORY))).toBe(false);
    const isImport = /from\s*["'`](?:node:)?http["'`]/;
    // An import of Node's HTTP loads a client that most functions never use.
    expect([...again.values()].some((bytes) => isImport.test(bytes.toString()))).toBe(false);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("what is deployed is small, and is JavaScript and two files of npm's alone", () => {
  const files = filesIn(DEPLOYABLE);
  const names = [...files.keys()].filter((name) => !name.endsWith(".js"));
  expect(names.toSorted()).toEqual(["package-lock.json", "package.json"]);
  const all = Buffer.concat([...files.values()]);
  expect(all.byteLength).toBeLessThan(BYTES_LIMIT);
  expect(deflateRawSync(all).byteLength).toBeLessThan(ZIPPED_BYTES_LIMIT);
});

test("npm finds one dependency there, and no step but the one that the cloud's build runs", () => {
  const manifest: unknown = JSON.parse(readFileSync(join(DEPLOYABLE, "package.json"), "utf8"));
  expect(manifest).toEqual({
    name: "slipway-functions",
    version: "0.1.0",
    private: true,
    license: "Apache-2.0",
    type: "module",
    main: "index.js",
    scripts: { "gcp-build": "node fill-compile-cache.js" },
    dependencies: { "@google-cloud/functions-framework": "5.0.5" },
    engines: { node: "24" },
    slipway: { sources: sourcesDigest() },
  });
  expect(installed.told).toMatch(/^compiled \d+ files of the bundle, for Node v24\./);
});

/** The files of the bundle that a function has loaded when it has answered a request, told by variables besides. */
async function loadedBy(
  target: string,
  request: Parameters<typeof filesLoaded>[1],
  variables: Readonly<Record<string, string>> = {},
): Promise<ReadonlySet<string>> {
  return filesLoaded(starting(target, variables), request, (audience) =>
    handedOn(world.file, LOCAL_EVENTS_ACCOUNT, audience),
  );
}

const tick = { path: "/", method: "POST", body: deliveryOf("0", { kind: "minute" }) };

function clientsIn(names: ReadonlySet<string>): readonly string[] {
  return [...names].filter((name) => name.startsWith("google-cloud-"));
}

test("a function loads what it needs from what the build has compiled, and no client of Google's else", async () => {
  const [onTick, api] = await Promise.all([
    loadedBy("on-tick", tick),
    loadedBy("api", { path: "/openapi.json" }),
  ]);
  expect(clientsIn(onTick)).toEqual(["google-cloud-firestore"]);
  expect([onTick.has("create-wiring"), onTick.has("api")]).toEqual([true, false]);
  expect(clientsIn(api)).toEqual([]);
  expect([api.has("create-wiring"), api.has("api")]).toEqual([false, true]);
});

/** The files of the bundle that tell of traces. */
const TELLING = ["watch", "watched-ports", "otlp"];

test("nothing that tells of traces is loaded where nobody is told", async () => {
  const variables = { SLIPWAY_OTLP_ENDPOINT: "http://127.0.0.1:9" };
  const [quiet, telling] = await Promise.all([
    loadedBy("on-tick", tick),
    loadedBy("on-tick", tick, variables),
  ]);
  expect(TELLING.filter((name) => quiet.has(name))).toEqual([]);
  expect(TELLING.filter((name) => telling.has(name))).toEqual(TELLING);
});

/** The functions that answered. */
const answered: string[] = [];

/** What a function that runs alone answers. */
async function answerOf(target: string, request: Asked): Promise<unknown> {
  const body = await answerAlone(starting(target), world.file, request);
  answered.push(target);
  return body;
}

/** Delivers a message to a function that runs alone, as a push subscription does. */
async function deliver(target: string, message: string): Promise<unknown> {
  const init = { method: "POST", body: message };
  return answerOf(target, { path: "/", init, email: LOCAL_EVENTS_ACCOUNT });
}

test("each function answers its event alone, started as the platform starts it", async () => {
  const notification = pushed("web", await world.push("web", TAG_ON_GITHUB), TAG_ON_GITHUB);
  expect(await deliver("on-image-push", deliveryOf("1", notification))).toMatchObject({
    outcome: "decided",
  });
  const [, , , , , pipeline = "", , release = "", , rollout = ""] = (
    await succeededRollout(world)
  ).split("/");
  const attributes = {
    Action: "Succeed",
    ResourceType: "Rollout",
    DeliveryPipelineId: pipeline,
    ReleaseId: release,
    RolloutId: rollout,
  };
  const message = { message: { messageId: "2", attributes } };
  expect(await deliver("on-deploy-notification", JSON.stringify(message))).toMatchObject({
    outcome: "decided",
  });
  const incident = { version: "1.2", incident: { scoping_project_id: "web-prod-1a2b" } };
  expect(await deliver("on-incident", deliveryOf("3", incident))).toMatchObject({
    outcome: "decided",
  });
  expect(await deliver("on-tick", deliveryOf("4", { kind: "minute" }))).toMatchObject({
    outcome: "decided",
  });
  const asked = { path: "/v1/services/web", init: {}, email: LOCAL_PEOPLE.viewer };
  expect(await answerOf("api", asked)).toMatchObject({
    environments: [{ id: "dev", current: { tag: TAG_ON_GITHUB } }, { id: "prod" }],
  });
  const body = JSON.stringify({ reason: "it works in dev" });
  const path = "/v1/services/web/environments/prod:promote";
  await answerOf("api", { path, email: LOCAL_PEOPLE.deployer, init: { method: "POST", body } });
  const wakeUp = { kind: "service", service: "web", look: null };
  const done = { outcome: "decided", why: "web: done" };
  expect(await deliver("on-work", deliveryOf("5", wakeUp))).toEqual(done);
  const told = await toldDelivery(world, "web");
  expect(await deliver("on-notice", told)).toMatchObject({ outcome: "decided" });
  // The app's key is one of PKCS#1, which has to be converted.
  expect(app.shown()).toEqual(["web/dev", "web/prod"]);
  const page = { path: "/sign-in", init: {}, email: LOCAL_PEOPLE.viewer };
  expect(await answerOf("web", page)).toContain(LOCAL_PEOPLE.viewer);
  const init = signedCommand(world.cloud.emulators.slack, "help");
  const help = await answerOf("chat", { path: "/", init, email: "" });
  expect(JSON.stringify(help)).toContain("/slipway status [SERVICE]");
  expect(new Set(answered)).toEqual(new Set(FUNCTION_NAMES));
});

test("a wrong configuration ends the start, and one line names every variable", async () => {
  const start = starting("on-tick", { SLIPWAY_PROJECT: "", SLIPWAY_OWNERS: "nobody" });
  const { code, wrote } = await ending(start);
  expect(code).not.toBe(0);
  const lines = wrote.split("\n").filter((line) => line.includes("SLIPWAY_"));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    severity: "ERROR",
    message: "the functions cannot start",
  });
  expect(lines[0]).toMatch(/SLIPWAY_PROJECT: .*; SLIPWAY_OWNERS\.0: /);
});

test("a function that is ended in the middle of a message has not taken it: it comes again", async () => {
  const notification = pushed("cut", await world.push("cut", "v1"), "v1");
  const { faults } = world.cloud.emulators.cloudDeploy;
  const before = faults.calls("CreateRelease");
  faults.add({ method: "CreateRelease", call: 1, kind: "delay", delayMs: CUT_MS });
  const deployed = await deploy(starting("on-image-push"));
  const token = handedOn(world.file, LOCAL_EVENTS_ACCOUNT, `${deployed.url}/`);
  const answering = fetch(deployed.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: deliveryOf("6", notification),
  });
  await until(
    "the release is asked for",
    async () => faults.calls("CreateRelease"),
    (calls) => calls > before,
  );
  const ended = once(deployed.process, "exit");
  deployed.process.kill("SIGTERM");
  // It is refused, or the connection ends without an answer: either way Pub/Sub delivers it again.
  const isTaken = await answering.then(
    ({ ok }) => ok,
    () => false,
  );
  expect(isTaken).toBe(false);
  expect(await ended).toEqual([0, null]);
});

test("Cloud Functions builds and starts it, and takes no deployment whose configuration is wrong", async () => {
  const { server, client, upload, close } = await openCloudFunctions();
  try {
    const deployed = async (project: string): Promise<unknown> => {
      await server.reset();
      const source = await upload(Object.fromEntries(filesIn(DEPLOYABLE)));
      const { function: asked, ...request } = creation(source);
      const buildConfig = { ...asked?.buildConfig, entryPoint: "on-tick" };
      const serviceConfig = { environmentVariables: { SLIPWAY_PROJECT: project } };
      const made = { ...request, functionId: "on-tick", function: { buildConfig, serviceConfig } };
      const [operation] = await client.createFunction(made);
      return operation.promise().then(() => "ACTIVE", String);
    };
    expect(await deployed("acme")).toBe("ACTIVE");
    expect(await deployed("")).toContain("Container Healthcheck failed");
  } finally {
    await close();
  }
});

test("what another Node has compiled is not used, and the log says so", async () => {
  const filledFor = join(installed.folder, ".compile-cache/filled-for");
  const own = readFileSync(filledFor, "utf8");
  writeFileSync(filledFor, own.replace(process.version, "v24.0.0"));
  const deployed = await deploy(starting("api", { NODE_DEBUG_NATIVE: "COMPILE_CACHE" }));
  const wrote = await deployed.stop();
  expect(wrote).not.toContain("was accepted");
  expect(wrote).toMatch(/"severity":"WARNING".*filled for Node v24\.0\.0 .*compile cache not used/);
});
