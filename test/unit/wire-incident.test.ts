import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Message } from "../../shared/wire/envelope.ts";
import { parseIncident } from "../../shared/wire/incident.ts";

const FIXTURES = new URL("../fixtures/", import.meta.url);

function aMessage(text: string): Message {
  return { id: "1", attributes: {}, publishTime: null, attempt: null, text };
}

function fixture(name: string): string {
  return readFileSync(new URL(`monitoring-${name}.json`, FIXTURES), "utf8");
}

/** The shapes are those of https://cloud.google.com/monitoring/support/notification-options */
describe("a message of Monitoring's channel", () => {
  test.each([
    ["an incident that opened", "incident-opened"],
    ["one that closed, with its state in upper case", "incident-closed"],
    [
      "one that another project's metrics scope raised: both are looked at",
      "incident-other-project",
    ],
    ["one of no resource", "incident-without-resource"],
    ["a trial of the channel, of which nothing is real", "channel-trial"],
  ])("says where to look for %s", (_, name) => {
    const expected: unknown = JSON.parse(fixture(`${name}-output`));
    expect(parseIncident(aMessage(fixture(`${name}-input`)))).toEqual({
      ok: true,
      value: expected,
    });
  });

  test.each([
    ["text that is not JSON", "incident!"],
    ["no incident", JSON.stringify({ version: "1.2" })],
    ["an incident of no project", JSON.stringify({ version: "1.2", incident: {} })],
    [
      "a project without a name",
      JSON.stringify({ version: "1.2", incident: { scoping_project_id: "" } }),
    ],
    ["no version", JSON.stringify({ incident: { scoping_project_id: "acme" } })],
  ])("with %s is refused, and says why", (_, text) => {
    const parsed = parseIncident(aMessage(text));
    expect(parsed.ok).toBe(false);
  });
});
