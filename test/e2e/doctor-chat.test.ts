import { afterAll, beforeAll, expect, test } from "vitest";
import { startSecretManager } from "../../emulators/secret-manager/server.ts";
import type { RunningSecretManager } from "../../emulators/secret-manager/server.ts";
import { startSlack } from "../../emulators/slack/server.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";
import { send } from "../../infra/local/rest.ts";
import { channelFindings } from "../../infra/platform/doctor/channels.ts";
import { chatFindings } from "../../infra/platform/doctor/chat.ts";
import { noticeFindings } from "../../infra/platform/doctor/notices.ts";
import { openGoogle } from "../../infra/platform/kinds/google.ts";
import { NOTHING_MENTIONED } from "../../infra/platform/settings.ts";
import { pauseBriefly } from "../support/platform/installing.ts";
import { someSettings } from "../support/platform/settings.ts";

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

async function examine(chat: typeof CHAT = CHAT): Promise<readonly string[]> {
  const google = openGoogle({
    endpoints: { secretmanager: secrets.url },
    localToken: async () => Promise.resolve("ann"),
    pause: pauseBriefly,
  });
  const findings = await chatFindings(
    google,
    { project: PROJECT, chat, slackToken: "token" },
    slack.apiUrl,
  );
  return findings.map(({ severity, message, mend }) => `${severity}: ${message} | ${mend}`);
}

async function examineNotices(): Promise<readonly string[]> {
  const google = openGoogle({
    endpoints: { secretmanager: secrets.url },
    localToken: async () => Promise.resolve("ann"),
    pause: pauseBriefly,
  });
  const mentioned = { ...NOTHING_MENTIONED, webhookSecrets: ["notices_web"] };
  const settings = {
    ...someSettings(),
    project: PROJECT,
    slackToken: null,
    mail: null,
    github: null,
    mentioned,
  };
  const findings = await noticeFindings(google, settings);
  return findings.map(({ severity, message, mend }) => `${severity}: ${message} | ${mend}`);
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
    await send("POST", `${secrets.url}/v1/projects/${PROJECT}/secrets?secretId=${id}`, {
      replication: { automatic: {} },
    });
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
  await send("POST", `${secrets.url}/v1/projects/${PROJECT}/secrets?secretId=notices_web`, {
    replication: { automatic: {} },
  });
  await addVersion("notices_web", "secret");
  expect((await examineNotices())[0]).toMatch(
    /^error: the secret notices_web must have one to 5 lines, each whsec_/,
  );
  await addVersion("notices_web", `whsec_${Buffer.alloc(32, 1).toString("base64")}`);
  expect(await examineNotices()).toEqual([
    "well: 1 secrets by which people are told are in use | ",
  ]);
});

test("the doctor says which channels take nothing, since when, and what they said", () => {
  const channels = [{ channel: "slack #a", since: "2026-11-28T10:00:00Z", reason: "is_archived" }];
  const found = channelFindings([
    { id: "web", channels },
    { id: "api", channels: [] },
  ]);
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    "warning: nobody is told of web by slack #a since 2026-11-28T10:00:00Z: is_archived",
  ]);
  expect(channelFindings([{ id: "api", channels: [] }])[0]?.severity).toBe("well");
});
