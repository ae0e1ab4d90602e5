import { expect, test } from "vitest";
import { parseInstallation } from "../../infra/platform/installation-file.ts";
import type { NoticeSettings } from "../../infra/platform/settings.ts";
import { noticeEnvironment } from "../../infra/platform/table/functions.ts";
import { readConfig } from "../../shared/config.ts";
import { PLATFORM_CHANNEL } from "../../shared/domain/notices/channel.ts";
import { somePlatform } from "../support/platform/settings.ts";
import { present } from "../support/present.ts";

const BASE = "project: acme-slipway\nlocation: us-central1\n";

function noticesOf(section: string): NoticeSettings {
  const { installation, problems } = parseInstallation(`${BASE}${section}`);
  return present(installation, JSON.stringify(problems)).settings.notices;
}

const CHANNEL = { environments: [], categories: [], on: ["stuck", "break-glass"] };

test("the installation's channels hear of what presses, unless they say of what", () => {
  const notices = noticesOf(
    "notices: {slackToken: s, channels: ['#a', {slack: '#b', on: [done], categories: [external]}]}",
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
  expect(noticesOf("notices: {slackToken: s}").defaults).toEqual([PLATFORM_CHANNEL]);
  expect(noticesOf("").defaults).toEqual([]);
  expect(noticesOf("notices: {slackToken: s, defaults: []}").defaults).toEqual([]);
  expect(noticesOf("notices: {slackToken: s, defaults: ['#of-<service>']}").defaults).toEqual([
    { channel: { kind: "slack", name: "#of-<service>" }, on: [], environments: [], categories: [] },
  ]);
});

test("what the file says is what the function is told", () => {
  const notices = noticesOf("notices: {slackToken: s, channels: ['#a'], defaults: ['#b']}");
  const environment = noticeEnvironment(somePlatform({ notices }));
  const config = readConfig({ SLIPWAY_PROJECT: "acme-slipway", ...environment });
  expect(config.notices).toMatchObject({
    everywhere: notices.channels,
    byDefault: notices.defaults,
  });
});

test.each([
  ["channels: [slipway]", "notices.channels[0].slack", "must be a channel's name"],
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
