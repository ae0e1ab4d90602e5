import { expect, test } from "vitest";
import { parseInstallation } from "../../infra/platform/installation-file.ts";
import { noticeSecrets } from "../../infra/platform/settings.ts";
import type { NoticeSettings, Settings } from "../../infra/platform/settings.ts";
import { noticeEnvironment } from "../../infra/platform/table/functions.ts";
import { readConfig } from "../../shared/config.ts";
import { PLATFORM_CHANNEL } from "../../shared/domain/notices/channel.ts";
import { somePlatform } from "../support/platform/settings.ts";
import { present } from "../support/present.ts";

const BASE = "project: acme-slipway\nlocation: us-central1\n";

function settingsOf(section: string): Settings {
  const { installation, problems } = parseInstallation(`${BASE}${section}`);
  return present(installation, JSON.stringify(problems)).settings;
}

function noticesOf(section: string): NoticeSettings {
  return settingsOf(section).notices;
}

const CHANNEL = { environments: [], categories: [], on: ["stuck", "break-glass"] };

test("the installation's channels hear of what presses, unless they say of what", () => {
  const notices = noticesOf(
    "slack: {token: s}\nnotices: {channels: ['#a', {slack: '#b', on: [done], categories: [external]}]}",
  );
  expect(notices.channels).toEqual([
    { ...CHANNEL, channel: { kind: "slack", name: "#a" } },
    {
      channel: { kind: "slack", name: "#b" },
      on: ["done"],
      environments: [],
      categories: ["external"],
    },
  ]);
});

test("a service that says nothing has the Managed Services Platform's channels where Slack is, or what the file says", () => {
  expect(noticesOf("slack: {token: s}").defaults).toEqual([PLATFORM_CHANNEL]);
  expect(noticesOf("").defaults).toEqual([]);
  expect(noticesOf("slack: {token: s}\nnotices: {defaults: []}").defaults).toEqual([]);
  expect(noticesOf("slack: {token: s}\nnotices: {defaults: ['#of-<service>']}").defaults).toEqual([
    { channel: { kind: "slack", name: "#of-<service>" }, on: [], environments: [], categories: [] },
  ]);
});

test("what the file says is what the function is told", () => {
  const notices = noticesOf("slack: {token: s}\nnotices: {channels: ['#a'], defaults: ['#b']}");
  const environment = noticeEnvironment(somePlatform({ notices }));
  const config = readConfig({ SLIPWAY_PROJECT: "acme-slipway", ...environment });
  expect(config.notices).toMatchObject({
    everywhere: notices.channels,
    byDefault: notices.defaults,
  });
});

test.each([
  ["notices: {slackToken: s}", "notices.slackToken", "is slack.token now"],
  [
    "slack: {token: s}\nchat: {signingSecret: x, token: s, team: T012AB3CD}",
    "chat.token",
    "is slack.token now",
  ],
  ["chat: {signingSecret: x, team: T012AB3CD}", "chat", "needs the bot's token too"],
])("the token of Slack's bot has one place: %j is refused at %s", (text, path, complaint) => {
  const { installation, problems } = parseInstallation(`${BASE}${text}`);
  expect(installation).toBeNull();
  expect(problems.map((problem) => problem.path)).toEqual([path]);
  expect(problems[0]?.message).toContain(complaint);
});

test("mail goes to the domain of its sender, unless the file names others", () => {
  const relay = "relay: smtp://smtp.example.com, from: slipway@Example.com";
  expect(settingsOf(`mail: {${relay}}`).mail).toEqual({
    relay: "smtp://smtp.example.com",
    from: "slipway@Example.com",
    user: null,
    password: null,
    domains: ["example.com"],
  });
  const whole = settingsOf(`mail: {${relay}, user: u, password: p, domains: [a.example.com]}`);
  expect(noticeSecrets(whole)).toEqual(["p"]);
  const environment = noticeEnvironment(somePlatform({ mail: whole.mail }));
  const { notices } = readConfig({ SLIPWAY_PROJECT: "acme-slipway", ...environment });
  expect(notices.mail).toEqual({
    host: "smtp.example.com",
    port: 587,
    isTls: false,
    isLoopback: false,
    from: "slipway@Example.com",
    user: "u",
    passwordSecret: "projects/acme-slipway/secrets/p",
    domains: ["a.example.com"],
  });
});

test.each([
  ["mail: {relay: smtp.example.com, from: a@example.com}", "mail.relay", "must be smtp://"],
  ["mail: {relay: 'smtp://h.example.com', from: Slipway}", "mail.from", "must be an address"],
  ["mail: {relay: 'smtp://h.example.com', from: a@example.com, user: u}", "mail", "needs both"],
])("%j is refused at %s, which %s", (text, path, complaint) => {
  const { installation, problems } = parseInstallation(`${BASE}${text}`);
  expect(installation).toBeNull();
  expect(problems.map((problem) => problem.path)).toEqual([path]);
  expect(problems[0]?.message).toContain(complaint);
});

test.each([
  ["channels: [slipway]", "notices.channels[0].slack", "must be a channel's name"],
  [
    "channels: [{webhook: 'http://a.example.com'}]",
    "notices.channels[0].webhook",
    "must begin with https",
  ],
  ["channels: ['#a<team>']", "notices.channels[0].slack", "must be a channel's name"],
  ["channels: [{on: [done]}]", "notices.channels[0]", "must say in one place whom to tell"],
  ["channels: [{slack: '#a', on: [finished]}]", "notices.channels[0].on[0]", "must be one of"],
  [
    "channels: [{slack: '#a', environments: [prod]}]",
    "notices.channels[0]",
    "there is no key environments here",
  ],
  ["channels: [7]", "notices.channels[0]", "must be a mapping"],
])("%s is refused at %s: %s", (section, path, complaint) => {
  const { installation, problems } = parseInstallation(`${BASE}notices: {${section}}`);
  expect(installation).toBeNull();
  expect(problems.map((problem) => problem.path)).toEqual([path]);
  expect(problems[0]?.message).toContain(complaint);
});
