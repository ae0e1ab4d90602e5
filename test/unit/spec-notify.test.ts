import { describe, expect, test } from "vitest";
import { toNotify } from "../../shared/wire/spec/notify-section.ts";
import { problemsOf, readSpec, told, usable } from "./spec-support.ts";

const base = readSpec("base");

/** The secret of the service in the file. */
const OWN = `notices_${usable(base).service.id}`;

function notify(entries: string): string {
  return `${base}delivery: {notify: ${entries}}\n`;
}

describe("who is told", () => {
  test.each([
    "[]",
    "[{slack: '#alerts-web-prod'}]",
    "[{slack: '#alerts-web-prod', on: [waiting, done, failed, rolled-back]}]",
    "[{slack: '#a', environments: [dev, prod], categories: [test]}, {slack: '#b'}]",
    "[{slack: '#größe_1'}]",
    "[{webhook: 'https://hooks.example.com/a?b=1', on: [done]}]",
    `[{webhook: 'https://hooks.example.com', secret: ${OWN}_2}]`,
    "[{webhook: 'http://127.0.0.1:8080/'}]",
    "[{mail: [web@example.com], on: [failed]}]",
    "[{mail: [web@example.com, sre@example.com]}]",
  ])("may be %s", (entries) => {
    expect(problemsOf(notify(entries))).toEqual(told([]));
  });

  test.each([
    ["[{slack: alerts}]", "must be a channel's name, such as '#alerts-web-prod', in quotes"],
    ["[{slack: '#Alerts'}]", "must be a channel's name"],
    ["[{slack: '#a b'}]", "must be a channel's name"],
    [`[{slack: '#${"a".repeat(81)}'}]`, "must be a channel's name"],
    ["[{webhook: 'http://hooks.example.com'}]", "must begin with https://"],
    ["[{webhook: 'ftp://127.0.0.1'}]", "must begin with https://"],
    ["[{webhook: hooks}]", "must be an address"],
    [`[{webhook: 'https://h.example.com/${"a".repeat(500)}'}]`, "must be an address"],
    ["[{webhook: 'https://ann:pw@hooks.example.com'}]", "must have no name, password"],
    ["[{webhook: 'https://h.example.com', secret: notices_other}]", `must be ${OWN}`],
    ["[{webhook: 'https://h.example.com', secret: 'a b'}]", "must be the id of a secret"],
    ["[{slack: '#a', webhook: 'https://h.example.com'}]", "says slack and webhook to tell"],
    [`[{slack: '#a', secret: ${OWN}}]`, "is for a webhook alone"],
    ["[{mail: ['Web <web@example.com>']}]", "must be an address, such as web-team@example.com"],
    ["[{mail: []}]", "needs at least 1 entry"],
    ["[{mail: a@b.co}]", "must be a list"],
    [
      `[{mail: [${Array.from({ length: 11 }, (_, index) => `a${index}@example.com`).join()}]}]`,
      "at most 10 entries",
    ],
    ["[{mail: [a@example.com], slack: '#a'}]", "says slack and mail to tell people"],
    ["[{github: false}]", "must be true: build.source.repo says where"],
    ["[{on: [done]}]", "says nowhere to tell people: give it one of slack"],
    ["[{slack: '#a', on: [finished]}]", "must be one of started, waiting"],
    ["[{slack: '#a', environments: [production]}]", "is no environment of this file: it has"],
    ["[{slack: '#a', category: [test]}]", 'there is no key "category"; did you mean'],
    ["{slack: '#a'}", "must be a list"],
  ])("must not be %s", (entries, complaint) => {
    const messages = problemsOf(notify(entries)).map(({ message }) => message);
    expect(messages).toEqual([expect.stringContaining(complaint)]);
  });
});

test.each([
  ["github.com/acme/web", 0],
  ["https://github.com/acme/web.git", 0],
  ["gitlab.com/team/group/web", 1],
  [null, 1],
])("promotions are shown at the commits of %s: %i problems", (repo, count) => {
  const source = repo === null ? "" : `\n  source: {repo: ${repo}}`;
  const text = notify("[{github: true}]").replace(/^build:/m, `build:${source}`);
  const complaints = problemsOf(text).filter(({ message }) => message.includes("GitHub's"));
  expect(complaints).toHaveLength(count);
});

function rulesOf(text: string): ReturnType<typeof toNotify> {
  const { delivery, service } = usable(text);
  return toNotify(delivery.notify, service.id);
}

test("mail is one channel however its addresses are written", () => {
  const [first, second] =
    rulesOf(
      notify(
        "[{mail: [b@example.com, A@example.com, a@example.com]}, {mail: [a@example.com, B@example.com]}]",
      ),
    ) ?? [];
  expect(first?.channel).toEqual({ kind: "mail", to: ["a@example.com", "b@example.com"] });
  expect(second?.channel).toEqual(first?.channel);
});

test("each entry is a rule, and no entries are not the same as nothing said", () => {
  const rule = { channel: { kind: "slack", name: "#a" }, environments: [], categories: [] };
  expect(rulesOf(notify("[{slack: '#a', on: [done]}]"))).toEqual([{ ...rule, on: ["done"] }]);
  expect(rulesOf(notify("[]"))).toEqual([]);
  expect(rulesOf(base)).toBeNull();
});
