import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { holdId, serviceId } from "../../shared/domain/ids.ts";
import { instant } from "../../shared/domain/time.ts";
import { HOSTILE, STEADY } from "../support/hostile-text.ts";
import { openCli } from "./cli-setting.ts";
import type { CliSetting } from "./cli-setting.ts";

let cli: CliSetting;

beforeAll(async () => {
  cli = await openCli();
  await cli.tell({
    kind: "hold-placed",
    hold: {
      id: holdId("hold-1"),
      scope: { kind: "service", service: serviceId("web") },
      reason: HOSTILE,
      by: "user:ann@example.com",
      createdAt: instant(0),
      until: null,
      asOncall: false,
    },
  });
});

afterAll(async () => {
  await cli.close();
});

test("a list shows what is hostile in the row of the hold, and nothing moves", async () => {
  const { out, err } = await cli.run(["hold", "list"]);
  expect(err).toBe("");
  expect(out).toMatch(/hold-1/);
  expect(out).toMatch(STEADY);
  const rows = out.split("\n").filter((row) => row.includes("all is well"));
  for (const row of rows) {
    expect(row).toContain("drawkcab");
  }
  expect(out.split("\n").filter((row) => /^fake|^second|^third/.test(row))).toEqual([]);
});

test("--json gives the very text, escaped", async () => {
  const { out, err } = await cli.run(["hold", "list", "--json"]);
  expect(err).toBe("");
  expect(out).toMatch(STEADY);
  expect(JSON.parse(out)).toMatchObject({ holds: [{ reason: HOSTILE }] });
});

test("what the caller gave is not repeated as it was given", async () => {
  for (const words of [
    ["status", `we\nb\u{1B}[2J`],
    [`no\u{1B}[2Jthing`],
    ["status", "web", "--no\u{202E}thing"],
    ["explain", "web", "\u{202E}prod", "--json"],
  ]) {
    const { code, err } = await cli.run(words);
    expect(code).not.toBe(0);
    expect(err).toMatch(STEADY);
  }
});

test("a specification's own texts stay in the rows of its problems", async () => {
  const file = join(cli.folder, "service.yaml");
  await writeFile(file, `"ser\\nvice\\e[2J\\u202e": 1\n`);
  const { out } = await cli.run(["validate", file]);
  expect(out).toMatch(STEADY);
  expect(
    out
      .trimEnd()
      .split("\n")
      .filter((row) => !/service\.yaml:\d|^1 file/.test(row)),
  ).toEqual([]);
});
