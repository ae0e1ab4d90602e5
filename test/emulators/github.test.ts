import { generateKeyPairSync } from "node:crypto";
import { createAppAuth } from "@octokit/auth-app";
import { request } from "@octokit/request";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { faultPlan } from "../../emulators/kit/faults.ts";
import { startGithub } from "../../emulators/github/server.ts";
import type { RunningGithub } from "../../emulators/github/server.ts";
import { openRecorder } from "../support/github-recorder.ts";
import type { Recorder } from "../support/github-recorder.ts";

const OLD = "1".repeat(40);
const SHA = "2".repeat(40);
const REPO = { owner: "acme", repo: "web" } as const;
const PULL = {
  number: 7,
  title: "Faster",
  commits: [SHA],
  merged_at: "1970-01-01T00:00:01Z",
  locked: false,
};
const KEYS = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  // As GitHub hands them out.
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

const faults = faultPlan();
let github: RunningGithub;
let recorder: Recorder;
let api: typeof request;

beforeAll(async () => {
  github = await startGithub({
    faults,
    repositories: [{ name: "acme/web", commits: [OLD, SHA], pulls: [PULL] }],
    app: { publicKey: KEYS.publicKey },
  });
  recorder = await openRecorder(github.url);
  api = request.defaults({
    baseUrl: recorder.url,
    headers: { authorization: "token ghp_local" },
    request: { redirect: "manual" },
  });
});

beforeEach(() => {
  github.reset();
  recorder.forget();
});

afterEach(() => {
  const broken = recorder.calls.flatMap((call) => call.broken);
  if (broken.length > 0) {
    throw new Error(broken.join("\n"));
  }
});

afterAll(async () => {
  await recorder.close();
  await github.close();
});

/** What GitHub's client throws. */
const Refusal = z.object({
  status: z.number(),
  message: z.string(),
  response: z.object({ headers: z.record(z.string(), z.unknown()) }).optional(),
});

/** The status and the message of a refusal; null where there is none. */
async function refusal(act: () => Promise<unknown>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    const { status, message } = Refusal.parse(error);
    return `${status} ${message.split(" - ")[0]}`;
  }
}

const CREATE = "POST /repos/{owner}/{repo}/deployments";
const SAY = "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses";
const STATUSES = "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses";

async function deploy(about: object = {}): Promise<number> {
  const plain = {
    ref: SHA,
    auto_merge: false,
    required_contexts: [],
    transient_environment: false,
    environment: "web/prod",
  };
  const { data } = await api(CREATE, { ...REPO, ...plain, ...about });
  return "id" in data ? Number(data.id) : 0;
}

describe("a deployment", () => {
  test("is listed by its environment, newest first, with its payload and how it stands", async () => {
    const first = await deploy({ payload: { promotion: "p1" } });
    const second = await deploy({ payload: { promotion: "p2" } });
    await deploy({ environment: "web/dev" });
    const list = { ...REPO, environment: "web/prod" };
    const { data } = await api("GET /repos/{owner}/{repo}/deployments", list);
    expect(data.map(({ id, payload }) => [id, payload])).toEqual([
      [second, { promotion: "p2" }],
      [first, { promotion: "p1" }],
    ]);
    const said = { state: "queued", log_url: "http://slipway", description: "waits" } as const;
    const about = { ...REPO, deployment_id: first, auto_inactive: false };
    await api(SAY, { ...about, ...said });
    await api(SAY, { ...about, state: "in_progress" });
    const statuses = await api(STATUSES, { ...REPO, deployment_id: first });
    expect(statuses.data.map(({ state }) => state)).toEqual(["in_progress", "queued"]);
  });

  test.each([
    ["that merges", { auto_merge: true }, "auto_merge"],
    ["that asks for green", { required_contexts: undefined }, "required_contexts"],
    ["that goes by itself", { transient_environment: true }, "transient_environment"],
    ["of a task", { task: "deploy:migrations" }, "task"],
  ])("%s is not here", async (_, about, field) => {
    expect(await refusal(async () => deploy(about))).toBe(
      `501 This emulator does not have ${field} as it is given, or left out`,
    );
    expect(github.deployments("acme/web")).toEqual([]);
  });

  test("of a commit that is not there is refused, as is a text that is too long", async () => {
    expect(await refusal(async () => deploy({ ref: "f".repeat(40) }))).toBe(
      `422 No ref found for: ${"f".repeat(40)}`,
    );
    expect(await refusal(async () => deploy({ description: "x".repeat(141) }))).toContain("140");
    expect(await deploy({ description: "x".repeat(140) })).toBeGreaterThan(0);
    expect(await deploy({ ref: SHA.slice(0, 12) })).toBeGreaterThan(0);
  });
});

describe("a commit", () => {
  test("is given a status by its whole name alone, and lists them with the newest first", async () => {
    const route = "POST /repos/{owner}/{repo}/statuses/{sha}";
    expect(
      await refusal(async () => api(route, { ...REPO, sha: SHA.slice(0, 12), state: "success" })),
    ).toBe(`422 No commit found for SHA: ${SHA.slice(0, 12)}`);
    await api(route, { ...REPO, sha: SHA, state: "pending", context: "slipway/web" });
    await api(route, { ...REPO, sha: SHA, state: "success", context: "slipway/web" });
    const { data } = await api("GET /repos/{owner}/{repo}/commits/{ref}/statuses", {
      ...REPO,
      ref: SHA,
    });
    expect(data.map(({ state }) => state)).toEqual(["success", "pending"]);
  });

  test("leads to the pull request that brought it, whose comments are in order", async () => {
    const pulls = "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls";
    const { data } = await api(pulls, { ...REPO, commit_sha: SHA });
    expect(data.map(({ number, merged_at }) => [number, merged_at])).toEqual([
      [7, "1970-01-01T00:00:01Z"],
    ]);
    expect((await api(pulls, { ...REPO, commit_sha: OLD })).data).toEqual([]);
    const comments = "/repos/{owner}/{repo}/issues/{issue_number}/comments" as const;
    for (const body of ["one", "two", "three"]) {
      await api(`POST ${comments}`, { ...REPO, issue_number: 7, body });
    }
    const page = { ...REPO, issue_number: 7, per_page: 2 };
    const first = await api(`GET ${comments}`, page);
    expect(first.data.map(({ body }) => body)).toEqual(["one", "two"]);
    const second = await api(`GET ${comments}`, { ...page, page: 2 });
    expect(second.data.map(({ body }) => body)).toEqual(["three"]);
    expect(
      await refusal(async () => api(`GET ${comments}`, { ...REPO, issue_number: 8 })),
    ).toContain("404");
  });
});

describe("a repository", () => {
  test.each([
    [{ isArchived: true }, "403 Repository was archived so is read-only."],
    [{ isReachable: false }, "404 Not Found"],
  ])("that is %j refuses", async (change, expected) => {
    github.change("acme/web", change);
    expect(await refusal(async () => deploy())).toBe(expected);
  });

  test("that moved says where to, to readers and to writers", async () => {
    github.change("acme/web", { movedTo: 99 });
    const read = await api("GET /repos/{owner}/{repo}/deployments", REPO);
    expect([read.status, read.headers.location]).toEqual([
      301,
      `${github.url}/repositories/99/deployments`,
    ]);
    const written = await api(CREATE, { ...REPO, ref: SHA });
    expect(written.status).toBe(307);
    recorder.forget();
  });
});

describe("who calls", () => {
  test("is an installation by a token that the app's key gives, for an hour", async () => {
    const auth = createAppAuth({
      appId: github.app().id,
      privateKey: KEYS.privateKey,
      request: request.defaults({ baseUrl: recorder.url }),
    });
    const { token: jwt } = await auth({ type: "app" });
    const authorization = { ...REPO, headers: { authorization: `bearer ${jwt}` } };
    const { data } = await api("GET /repos/{owner}/{repo}/installation", authorization);
    const { token } = await auth({ type: "installation", installationId: data.id });
    const as = api.defaults({ headers: { authorization: `token ${token}` } });
    expect((await as("GET /repos/{owner}/{repo}/deployments", REPO)).data).toEqual([]);
    github.set({ permissions: { deployments: "read" } });
    expect(await refusal(async () => as(CREATE, { ...REPO, ref: SHA }))).toBe(
      "403 Resource not accessible by integration",
    );
    github.forgetTokens();
    expect(await refusal(async () => as(CREATE, { ...REPO, ref: SHA }))).toBe(
      "401 Bad credentials",
    );
  });

  test.each([
    ["nobody", ""],
    ["a stranger", "token ghp_other"],
    ["a forger", `bearer ${Buffer.from('{"alg":"RS256"}').toString("base64url")}.e30.AAAA`],
  ])("is refused as %s", async (_, authorization) => {
    const call = api("GET /repos/{owner}/{repo}/installation", {
      ...REPO,
      headers: { authorization },
    });
    expect(await refusal(async () => call)).toContain("401");
  });
});

describe("too many calls", () => {
  test("are refused with when to come again", async () => {
    const until = Math.ceil(Date.now() / 1000) + 600;
    github.limitUntil(until * 1000);
    const list = "GET /repos/{owner}/{repo}/deployments";
    const answers = [];
    const headersOf = async (): Promise<unknown> => {
      try {
        return await api(list, REPO);
      } catch (error) {
        const { status, response } = Refusal.parse(error);
        return { status, headers: response?.headers };
      }
    };
    answers.push(await headersOf());
    github.limitUntil(0);
    faults.add({
      method: "list-deployments",
      call: 1,
      kind: "status",
      status: "RESOURCE_EXHAUSTED",
    });
    answers.push(await headersOf());
    expect(answers).toMatchObject([
      {
        status: 403,
        headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(until) },
      },
      { status: 429, headers: { "retry-after": "60" } },
    ]);
  });
});

test("the page shows what was said of each commit, and no mark that is for programs", async () => {
  const id = await deploy();
  await api(SAY, {
    ...REPO,
    deployment_id: id,
    state: "in_progress",
    auto_inactive: false,
    description: "<is under way>",
  });
  const about = { ...REPO, issue_number: 7, body: "<!-- mark -->\nIt is in production." };
  await api("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", about);
  const page = await (await fetch(github.url)).text();
  expect(page).toContain("acme/web");
  expect(page).toContain("web/prod");
  expect(page).toContain("&lt;is under way&gt;");
  expect(page).toContain("It is in production.");
  expect(page).not.toContain("mark");
});
