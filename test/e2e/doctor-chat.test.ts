import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGithub } from "../../emulators/github/server.ts";
import type { RunningGithub } from "../../emulators/github/server.ts";
import { startSecretManager } from "../../emulators/secret-manager/server.ts";
import type { RunningSecretManager } from "../../emulators/secret-manager/server.ts";
import { startSlack } from "../../emulators/slack/server.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";
import { send } from "../../infra/local/rest.ts";
import type { Finding } from "../../infra/platform/doctor/finding.ts";
import { githubFindings } from "../../infra/platform/doctor/github.ts";
import {
  NOTICE_AGE_MS_MAX,
  subscriptionFinding,
} from "../../infra/platform/doctor/subscription.ts";
import { channelFindings } from "../../infra/platform/doctor/channels.ts";
import { chatFindings } from "../../infra/platform/doctor/chat.ts";
import { noticeFindings } from "../../infra/platform/doctor/notices.ts";
import type { GithubSettings } from "../../infra/platform/github-file.ts";
import { openGoogle } from "../../infra/platform/kinds/google.ts";
import type { Endpoints, Google } from "../../infra/platform/kinds/google.ts";
import { NOTHING_MENTIONED } from "../../infra/platform/settings.ts";
import { startAnswering } from "../support/answering-server.ts";
import { pauseBriefly } from "../support/platform/installing.ts";
import { somePlatform, someSettings } from "../support/platform/settings.ts";

const PROJECT = "acme-slipway";
const CHAT = { signingSecret: "signing", team: "T0LOCAL", people: [] };

let slack: RunningSlack;
let secrets: RunningSecretManager;
beforeAll(async () => {
  [slack, secrets] = await Promise.all([startSlack(), startSecretManager()]);
});
afterAll(async () => {
  await Promise.all([slack.close(), secrets.close()]);
});

/** Google's APIs, of which the one with secrets is here; others where a test says. */
function googleAt(endpoints: Endpoints = {}): Google {
  return openGoogle({
    endpoints: { secretmanager: secrets.url, ...endpoints },
    localToken: async () => Promise.resolve("ann"),
    pause: pauseBriefly,
  });
}

function asLines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ severity, message, mend }) => `${severity}: ${message} | ${mend}`);
}

async function examine(chat: typeof CHAT = CHAT): Promise<readonly string[]> {
  const settings = { project: PROJECT, chat, slackToken: "token" };
  return asLines(await chatFindings(googleAt(), settings, slack.apiUrl));
}

async function examineNotices(): Promise<readonly string[]> {
  const mentioned = { ...NOTHING_MENTIONED, webhookSecrets: ["notices_web"] };
  const nothing = { slackToken: null, mail: null, github: null };
  const settings = { ...someSettings(), project: PROJECT, ...nothing, mentioned };
  return asLines(await noticeFindings(googleAt(), settings));
}

async function addSecret(id: string): Promise<void> {
  await send("POST", `${secrets.url}/v1/projects/${PROJECT}/secrets?secretId=${id}`, {
    replication: { automatic: {} },
  });
}

async function addVersion(id: string, value: string): Promise<void> {
  const payload = { data: Buffer.from(value).toString("base64") };
  await send("POST", `${secrets.url}/v1/projects/${PROJECT}/secrets/${id}:addVersion`, { payload });
}

test("chat is well when its secrets are there and Slack takes the token, and says what mends it before", async () => {
  const [signing = "", token = ""] = await examine();
  expect(signing).toMatch(
    /^error: the secret signing has no version .* \| gcloud secrets versions add signing/,
  );
  expect(token).toContain("gcloud secrets versions add token --project=acme-slipway");
  for (const id of ["signing", "token"]) {
    await addSecret(id);
    await addVersion(id, "xoxb-wrong");
  }
  expect((await examine())[0]).toContain(
    "error: Slack does not take the token in token: invalid_auth",
  );
  await addVersion("token", slack.token());
  expect((await examine({ ...CHAT, team: "T0OTHER" }))[0]).toContain("for the workspace T0LOCAL");
  expect(await examine()).toEqual(["well: Slack takes the token, and says who people are | "]);
});

test("the secrets that sign what webhooks are told are in use and fit, or the doctor says what mends them", async () => {
  expect(await examineNotices()).toEqual([
    "error: the secret notices_web has no version in use, so nobody is told with it | gcloud secrets versions add notices_web --project=acme-slipway --data-file=-",
  ]);
  await addSecret("notices_web");
  await addVersion("notices_web", "secret");
  expect((await examineNotices())[0]).toMatch(
    /^error: the secret notices_web must have one to 5 lines, each whsec_/,
  );
  await addVersion("notices_web", `whsec_${Buffer.alloc(32, 1).toString("base64")}`);
  expect(await examineNotices()).toEqual([
    "well: 1 secrets by which people are told are in use | ",
  ]);
});

describe("GitHub", () => {
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  let github: RunningGithub;
  beforeAll(async () => {
    github = await startGithub({
      repositories: ["acme/web", "acme/hidden", "acme/gone"].map((name) => ({ name })),
      app: { publicKey: keys.publicKey },
    });
    github.change("acme/hidden", { isReachable: false });
    await Promise.all(["github-key", "github-token"].map(addSecret));
  });
  afterAll(async () => {
    await github.close();
  });
  const APP = { kind: "app", app: "4711", key: "github-key" } as const;

  async function look(
    repositories: readonly string[],
    identity: GithubSettings["identity"] = APP,
  ): Promise<readonly string[]> {
    const mentioned = {
      ...NOTHING_MENTIONED,
      shownRepositories: repositories.map((name) => `github.com/${name}`),
    };
    const settings = { project: PROJECT, github: { identity, host: "github.com", api: null } };
    return asLines(await githubFindings(googleAt(), { ...settings, mentioned }, github.url));
  }

  test("is well for a repository whose app may write, and says what mends it where it is not", async () => {
    expect(await look(["acme/web"])).toEqual([
      "error: the secret github-key has no version in use, so nothing is shown on GitHub | gcloud secrets versions add github-key --project=acme-slipway --data-file=-",
    ]);
    await addVersion("github-key", "no key");
    const [unread = ""] = await look(["acme/web"]);
    expect(unread).toMatch(
      /^error: the secret holds no private key .* \| gcloud secrets versions add/,
    );
    await addVersion("github-key", keys.privateKey);
    expect(await look(["acme/web", "acme/hidden", "acme/none"])).toEqual([
      "well: acme/web is shown, and takes what is said of it | ",
      expect.stringMatching(
        /^error: GitHub shows us no acme\/hidden: .* \| https:\/\/github.com\/org/,
      ),
      expect.stringMatching(/^error: GitHub shows us no acme\/none: install the app on it/),
    ]);
    github.change("acme/gone", { isSuspended: true });
    expect((await look(["acme/gone"]))[0]).toContain("the app's installation is suspended | https");
    github.set({ permissions: { deployments: "read", statuses: "write" } });
    expect((await look(["acme/web"]))[0]).toContain(
      "acme/web: the app may not write: Deployments, Pull requests | https://github.com/organizations/acme/settings/installations",
    );
    expect((await look([]))[0]).toMatch(/^warning: it is set up, and no service .* is shown/);
  });

  test("is asked with a token what it shows", async () => {
    const token = { kind: "token", token: "github-token" } as const;
    await addVersion("github-token", "ghp_wrong");
    expect((await look(["acme/web"], token))[0]).toMatch(
      /^error: GitHub does not take our token .* \| gcloud secrets versions add github-token/,
    );
    await addVersion("github-token", github.app().token ?? "");
    expect((await look(["acme/web"], token))[0]).toMatch(/^well: acme\/web is shown; whether/);
  });
});

function aged(seconds: number): object {
  return { timeSeries: [{ points: [{ value: { int64Value: String(seconds) } }] }] };
}

test("the subscription of on-notice is there, pushes to it and is not behind, or the doctor says what mends it", async () => {
  const server = await startAnswering();
  const google = googleAt({ pubsub: server.url, monitoring: server.url });
  const url = "https://on-notice-200000000001.europe-west3.run.app";
  const pushing = { pushConfig: { pushEndpoint: url } };
  const look = async (subscription: object | null, age: object): Promise<string> => {
    server.answerBy((path) =>
      path.includes("/subscriptions/")
        ? { status: subscription === null ? 404 : 200, body: JSON.stringify(subscription ?? {}) }
        : { status: 200, body: JSON.stringify(age) },
    );
    return asLines([await subscriptionFinding(google, somePlatform(), 0)]).join("");
  };
  const apply = ", so nobody is told | slipway install apply";
  const id = "slipway-on-notice-slipway-audit";
  try {
    expect(await look(null, {})).toBe(`error: the subscription ${id} is not there${apply}`);
    expect(await look({}, {})).toBe(`error: the subscription ${id} pushes nowhere${apply}`);
    const astray = { pushConfig: { pushEndpoint: "https://other.example.com" } };
    expect(await look(astray, {})).toContain(`${id} pushes to https://other.example.com${apply}`);
    expect(await look({ ...pushing, detached: true }, {})).toContain("is cut off from its topic");
    expect(await look(pushing, {})).toBe(`well: the subscription ${id} pushes to on-notice | `);
    const most = NOTICE_AGE_MS_MAX / 1000;
    expect(await look(pushing, aged(most))).toContain("; nothing waits in it for long");
    expect(await look(pushing, aged(most + 1))).toBe(
      `warning: messages have waited for 30 min in the subscription ${id} | gcloud functions logs read on-notice --gen2 --project=acme-slipway --region=europe-west3`,
    );
    expect(server.asked.at(-1)).toContain("oldest_unacked_message_age");
  } finally {
    await server.close();
  }
});

test("the doctor says which channels take nothing, since when, and what they said", () => {
  const channels = [{ channel: "slack #a", since: "2026-11-28T10:00:00Z", reason: "is_archived" }];
  const services = [
    { id: "web", channels },
    { id: "api", channels: [] },
  ];
  const own = [{ channel: "mail a@b.c", since: "2026-11-27T10:00:00Z", reason: "550" }];
  const found = channelFindings(services, own);
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    "warning: nobody is told of the installation by mail a@b.c since 2026-11-27T10:00:00Z: 550",
    "warning: nobody is told of web by slack #a since 2026-11-28T10:00:00Z: is_archived",
  ]);
  expect(found[0]?.mend).toContain("notices.channels in slipway.yaml");
  expect(channelFindings([{ id: "api", channels: [] }], [])[0]?.severity).toBe("well");
});
