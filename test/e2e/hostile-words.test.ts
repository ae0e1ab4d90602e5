import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PEOPLE } from "../support/api-world.ts";
import { HOSTILE_WORDS, STEADY } from "../support/hostile-text.ts";
import { startRichWeb } from "../support/rich-web.ts";
import { crawl } from "../support/web-crawl.ts";
import type { FoundPage } from "../support/web-crawl.ts";
import type { WebWorld } from "../support/web-world.ts";
import { cliIn, tokensOf, writeLocalFile } from "./cli-setting.ts";
import type { RunCli } from "./cli-setting.ts";

let web: WebWorld;
let folder: string;
let run: RunCli;

beforeAll(async () => {
  web = await startRichWeb(HOSTILE_WORDS);
  folder = await mkdtemp(join(tmpdir(), "slipway-hostile-"));
  await writeLocalFile(web.api, folder, await tokensOf(web.api, 3600));
  run = cliIn(folder);
});
afterAll(async () => {
  await web.close();
  await rm(folder, { recursive: true });
});

/** Fields that people write or that come from elsewhere, by a part of each that nothing else has. */
const FIELDS = [
  "Shop",
  "storefront",
  "kim@example.com",
  "replicas: 3",
  "Too many server errors",
  "loses orders",
  "for the new rates",
  "looked at it",
  "bank@by-hand",
  "errors since noon",
  "the container did not start",
  "rates move at noon",
  "inventory",
  "has no field state",
  "the message has no digest",
  "6666666666",
] as const;

function problemsOf({ path, status, text }: FoundPage): readonly string[] {
  return [
    ...(status === 200 ? [] : [`${path} answers ${status}`]),
    ...(/<script>alert|<img src=x/.test(text) ? [`${path} has markup of another`] : []),
    ...(STEADY.test(text) ? [] : [`${path} has what moves or hides text`]),
  ];
}

describe("hostile words", () => {
  test("are shown on every page on which they stand, and do nothing there", async () => {
    const found = await crawl(async (path) => web.openAs(PEOPLE.oncall, path));
    // What is no page has rows that end as its format wants it.
    const pages = found.filter(({ text }) => text.startsWith("<!doctype html>"));
    expect(pages.length).toBeGreaterThan(100);
    expect(pages.flatMap(problemsOf)).toEqual([]);
    const page = "/services/shop/environments/prod/rollback";
    const preview = await web.sendAs(PEOPLE.oncall, { page }, { reason: "errors" });
    expect(problemsOf({ path: page, ...preview })).toEqual([]);
    const shown = [preview, ...pages].map(({ text }) => text).join("\n");
    const missing = FIELDS.filter(
      (field) => !shown.includes(`${field}&lt;script&gt;alert(1)&lt;/script&gt;`),
    );
    expect(missing).toEqual([]);
  });

  test.for([
    ["status", "Too many server errors"],
    ["status bank", "bank@by-hand"],
    ["releases shop", "loses orders"],
    ["promotions failed", "the container did not start"],
    ["timeline back", "v21"],
    ["decisions", "the message has no digest"],
    ["audit tail bank", "rates move at noon"],
    ["explain bank prod", "rates move at noon"],
    ["changes shop prod", "kim@example.com"],
  ] as const)("stand in their row of slipway %s, and move nothing", async ([words, shown]) => {
    const { out, err } = await run(words.split(" "));
    expect(err).toBe("");
    expect(out).toContain(shown);
    expect(out).toMatch(STEADY);
    expect(out.split("\n").filter((row) => /^(?:fake|second)/.test(row))).toEqual([]);
  });
});
