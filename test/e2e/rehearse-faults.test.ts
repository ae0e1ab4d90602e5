import * as grpc from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";
import { cliIn } from "./cli-setting.ts";
import type { Ran } from "./cli-setting.ts";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  await world.stopTicks();
});

afterAll(async () => {
  await world.close();
});

async function slipway(...words: readonly string[]): Promise<Ran> {
  return cliIn(world.directory)(words);
}

type Asking = { readonly method?: string; readonly body?: unknown; readonly headers?: object };

/** What the local cloud itself answers. */
async function control(
  path: string,
  { method = "GET", body, headers }: Asking = {},
): Promise<{ readonly status: number; readonly json: unknown }> {
  const answer = await fetch(`${world.file.address}/emulator/v1/${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const json: unknown = await answer.json();
  return { status: answer.status, json };
}

const at = "projects/slipway-local/locations/us-central1";

/** A method of each API, and where it is over REST. */
const METHODS: readonly (readonly [api: string, method: string, path: string])[] = [
  ["cloudDeploy", "ListTargets", `v1/${at}/targets`],
  ["cloudRun", "ListServices", `v2/${at}/services`],
  ["firestore", "ListDatabases", "v1/projects/slipway-local/databases"],
  ["pubsub", "ListTopics", "v1/projects/slipway-local/topics"],
  ["identity", "GetKeys", "certs"],
  ["storage", "buckets.list", "storage/v1/b?project=slipway-local"],
  ["cloudSql", "List", "sql/v1beta4/projects/slipway-local/instances"],
  ["gkeBackup", "ListBackupPlans", `v1/${at}/backupPlans`],
  ["monitoring", "ListAlertPolicies", "v3/projects/slipway-local/alertPolicies"],
  ["secretManager", "ListSecrets", "v1/projects/slipway-local/secrets"],
  ["scheduler", "ListJobs", `v1/${at}/jobs`],
  ["iam", "ListServiceAccounts", "v1/projects/slipway-local/serviceAccounts"],
  ["resourceManager", "GetProject", "v3/projects/slipway-local"],
  ["serviceUsage", "GetService", "v1/projects/slipway-local/services/run.googleapis.com"],
  ["cloudBilling", "GetProjectBillingInfo", "v1/projects/slipway-local/billingInfo"],
  ["cloudFunctions", "ListFunctions", `v2/${at}/functions`],
  ["slack", "auth.test", "api/auth.test"],
  ["artifactRegistry", "ListRepositories", `v1/${at}/repositories`],
  ["artifactRegistry", "ListImageTags", "v2/slipway-local/apps/msp-example/tags/list"],
];

async function statusOf(api: string, path: string): Promise<number> {
  const endpoint = world.file.endpoints[api] ?? "";
  const answer = await fetch(`${endpoint.startsWith("http") ? "" : "http://"}${endpoint}/${path}`);
  await answer.body?.cancel();
  return answer.status;
}

const bytes = (value: Buffer): Buffer => value;

/** The code with which a call of Pub/Sub over gRPC ends. */
async function listTopics(): Promise<number> {
  const client = new grpc.Client(
    world.file.endpoints["pubsub"] ?? "",
    grpc.credentials.createInsecure(),
  );
  const project = "projects/slipway-local";
  // `project` is the first field of ListTopicsRequest.
  const request = Buffer.concat([Buffer.from([0x0a, project.length]), Buffer.from(project)]);
  const code = await new Promise<number>((resolve) => {
    client.makeUnaryRequest(
      "/google.pubsub.v1.Publisher/ListTopics",
      bytes,
      bytes,
      request,
      (error) => {
        resolve(error?.code ?? grpc.status.OK);
      },
    );
  });
  client.close();
  return code;
}

describe("a fault", () => {
  test.each(METHODS)(
    "of %s %s befalls it, and it alone, until it is cleared",
    async (api, method, path) => {
      const before = await statusOf(api, path);
      expect(before).not.toBe(503);
      await control("faults", { method: "POST", body: { api, method, status: "UNAVAILABLE" } });
      expect(await statusOf(api, path)).toBe(503);
      const { json } = await control(`faults?api=${api}&method=${method}`, { method: "DELETE" });
      expect(json).toMatchObject({ faults: [{ method, does: "UNAVAILABLE", left: null }] });
      expect(await statusOf(api, path)).toBe(before);
    },
  );

  test("of a method befalls it over gRPC as over REST", async () => {
    const body = { api: "pubsub", method: "ListTopics", status: "ABORTED", times: 2 };
    await control("faults", { method: "POST", body });
    const path = "v1/projects/slipway-local/topics";
    expect([await listTopics(), await statusOf("pubsub", path)]).toEqual([
      grpc.status.ABORTED,
      409,
    ]);
    expect([await listTopics(), await statusOf("pubsub", path)]).toEqual([grpc.status.OK, 200]);
  });

  test("of deliveries loses messages on their way to a function", async () => {
    await slipway("local", "fault", "add", "deliveries", "on-incident", "--times", "1");
    world.publish("slipway-incidents", { version: "1.2" });
    const { out } = await until(
      "the message is lost",
      async () => slipway("local", "fault", "list"),
      (ran) => / 1 +over/.test(ran.out),
    );
    expect(out).toMatch(/deliveries +on-incident +lost before it is done +1 +over/);
  });
});

describe("the commands", () => {
  test("say what was done, list it, and end it", async () => {
    await control("faults", { method: "DELETE" });
    const nothing = await slipway("local", "fault", "list");
    expect(nothing.out).toBe(
      "Nothing goes wrong on purpose. To change that: slipway local fault add --help\n",
    );
    const words = [
      "clouddeploy",
      "createrollout",
      "--status",
      "aborted",
      "--after",
      "--times",
      "3",
    ];
    const added = await slipway("local", "fault", "add", ...words, "--every", "2", "--delay", "5s");
    expect(added).toEqual({
      code: 0,
      err: "",
      out: [
        "cloudDeploy CreateRollout: answered with ABORTED 5s later after it was done, one call in 2, 3 times.",
        "To see how often that was: slipway local fault list",
        "To end it: slipway local fault clear cloudDeploy CreateRollout",
        "",
      ].join("\n"),
    });
    const cleared = await slipway("local", "fault", "clear", "cloudDeploy");
    expect(cleared.out).toBe(
      "Ended: cloudDeploy CreateRollout, answered with ABORTED 5s later after it was done; it has happened 0 times.\n",
    );
  });

  test("refuse what is not there, or out of bounds, and say what is", async () => {
    const refused: readonly (readonly [words: string, message: string])[] = [
      ["cloudDeploi CreateRelease", 'no API cloudDeploi; did you mean "cloudDeploy"?'],
      ["weather Now", "no API weather; it has "],
      ["cloudDeploy CreateRelese", 'no method CreateRelese; did you mean "CreateRelease"?'],
      ["deliveries on-ticks", 'no message goes to on-ticks; did you mean "on-tick"?'],
      ["deliveries on-tick --status ABORTED", "a delivery has no status"],
      ["firestore Commit --status ABORTE", 'did you mean "ABORTED"?'],
      ["firestore Commit --times 0", "a whole number from 1 to 10000"],
      ["firestore Commit --every 10001", "a whole number from 1 to 10000"],
      ["firestore Commit --delay 11m", "at most 10m"],
      ["firestore Commit --before --after", "either --before or --after"],
    ];
    const ran = await Promise.all(
      refused.map(async ([words]) => slipway("local", "fault", "add", ...words.split(" "))),
    );
    for (const [index, [words, message]] of refused.entries()) {
      expect(ran[index], words).toMatchObject({ code: 2, out: "" });
      expect(ran[index]?.err).toContain(message);
    }
    expect((await control("faults")).json).toEqual({ faults: [] });
  });
});

test.each([
  ["a page of another site", { headers: { origin: "https://example.com" } }, 403],
  ["what is no JSON", { body: "{" }, 400],
  [
    "JSON that says it is text, as pages may send it",
    { headers: { "content-type": "text/plain" } },
    400,
  ],
  ["too deep a body", { body: `{"api":${"[".repeat(200)}${"]".repeat(200)}}` }, 400],
  ["unknown fields", { body: { api: "pubsub", method: "Publish", often: 1 } }, 400],
  ["numbers out of bounds", { body: { api: "pubsub", method: "Publish", times: 1e9 } }, 400],
])("%s is refused", async (_, asking, status) => {
  const body = { api: "pubsub", method: "Publish" };
  expect((await control("faults", { method: "POST", body, ...asking })).status).toBe(status);
  expect(JSON.stringify((await control("faults")).json)).not.toContain("Publish");
});

test("there are at most a hundred faults at a time, whoever adds them at once", async () => {
  const body = { api: "slack", method: "api.test", times: 1 };
  const method = "auth.test";
  const asked = Array.from({ length: 120 }, async () =>
    control("faults", { method: "POST", body: { ...body, method } }),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  const Listed = z.object({ faults: z.array(z.object({ left: z.number().nullable() })) });
  const { faults } = Listed.parse((await control("faults")).json);
  expect(faults.filter(({ left }) => left !== 0)).toHaveLength(100);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20);
  await control("faults", { method: "DELETE" });
});

test("where no local cloud runs, the commands say how to start one", async () => {
  const nowhere = await cliIn("/")(["local", "fault", "list"]);
  expect(nowhere).toMatchObject({ code: 2, out: "" });
  expect(nowhere.err).toContain("start it with npm start");
  const stopped = world.directory;
  await world.stop();
  const gone = await cliIn(stopped)(["local", "fault", "list"]);
  expect(gone).toMatchObject({ code: 3, out: "" });
  expect(gone.err).toMatch(/does not answer: start it with npm start/);
});
