import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { environmentId } from "../../shared/domain/ids.ts";
import { NumbersView } from "../../shared/wire/api/numbers.ts";
import { PlacedTimelineList } from "../../shared/wire/api/timeline.ts";
import { PEOPLE } from "../support/api-world.ts";
import { LOCAL_PAGES, serveWebWorld } from "../support/web-world.ts";
import type { WebWorld } from "../support/web-world.ts";
import { release, startRecovery } from "./api-recovery-setting.ts";

let web: WebWorld;

beforeAll(async () => {
  web = await serveWebWorld(await startRecovery(LOCAL_PAGES));
  for (let number = 3; number <= 60; number += 1) {
    await release(web.api, number);
  }
});
afterAll(async () => web.close());

/** What a picture says of each of its bars, from its title. */
function barsOf(text: string): readonly { readonly left: number; readonly width: number }[] {
  const found = text.matchAll(
    /<rect\s+class="(?:shade\d|back)"\s+x="(?<x>[\d.]+)"\s+y="[\d.]+"\s+width="(?<width>[\d.]+)"/g,
  );
  return [...found].map(({ groups }) => ({
    left: Number(groups?.["x"]),
    width: Number(groups?.["width"]),
  }));
}

describe("the timeline", () => {
  test("draws a hundred bars within its picture, each as wide as can be seen, and lists the same", async () => {
    const { status, text } = await web.open("viewer", "/services/web/timeline?span=day");
    expect(status).toBe(200);
    const bars = barsOf(text);
    expect(bars).toHaveLength(100);
    expect(bars.every(({ left, width }) => left >= 110 && left + width <= 1000 && width >= 2)).toBe(
      true,
    );
    const [, table = ""] = text.split('aria-label="Deployments, the newest first"');
    expect([...(table.split("</table>")[0] ?? "").matchAll(/<tr role="row"/g)]).toHaveLength(101);
    expect(text).toContain("There is more than is drawn");
  });

  test("costs as many reads after sixty releases as after any: a page of deployments and the last records", async () => {
    const { calls } = web.api.memory;
    const before = calls.made.length;
    await web.open("viewer", "/services/web/timeline?span=month");
    const made = calls.made.slice(before).filter((call) => call.startsWith("store."));
    expect(made.toSorted()).toEqual(["store.read", "store.records", "store.timeline"]);
  });

  test("crosses every lane with an incident, from its opening to its closing", async () => {
    const { records } = web.api.memory.world.store;
    const kept = records.get("web") ?? [];
    const now = web.api.memory.clock.now();
    const last = kept.at(-1);
    if (last === undefined) {
      throw new Error("the service has a record");
    }
    const incident = {
      ...last,
      kind: "incident.opened" as const,
      time: now,
      environment: environmentId("prod"),
      reason: "<b>errors</b>",
      details: { incident: "i-1", severity: "ERROR" },
    };
    records.set("web", [...kept.slice(0, -1), incident]);
    const { text } = await web.open("viewer", "/services/web/timeline?span=hour");
    expect(text).toMatch(/<rect\s+class="incident"/);
    const [, height = ""] = /viewBox="0 0 1000 (\d+)"/.exec(text) ?? [];
    expect(text).toMatch(new RegExp(`<line\\s+class="opened"[^>]*y1="18"[^>]*y2="${height}"`));
    expect(text).toContain("&lt;b&gt;errors&lt;/b&gt;");
    records.set("web", kept);
  });

  test("is nobody's who may not read the service", async () => {
    expect((await web.open("stranger", "/services/web/timeline")).status).toBe(404);
  });
});

describe("what changed anywhere", () => {
  test("is two lists of the last hour, the newest first, page by page, for whoever may read all", async () => {
    const { calls } = web.api.memory;
    const before = calls.made.length;
    const { status, text } = await web.open("viewer", "/changed?span=week");
    expect(status).toBe(200);
    expect(calls.made.slice(before).toSorted()).toEqual([
      "store.happeningsOfAll",
      "store.timelineOfAll",
    ]);
    expect([...text.matchAll(/href="\/promotions\/r-/g)]).toHaveLength(50);
    expect(barsOf(text)).toHaveLength(50);
    expect([...text.matchAll(/<text class="lane"[^>]*>\s*(?<name>web \w+)/g)]).toHaveLength(2);
    const [next = ""] =
      /href="(?<path>\/changed\?[^"]*)" rel="next">Earlier dep/.exec(text)?.slice(1) ?? [];
    const second = await web.open("viewer", next.replaceAll("&amp;", "&"));
    expect([...second.text.matchAll(/href="\/promotions\/r-/g)]).toHaveLength(50);
    expect(second.text).not.toContain("data-live");
    expect((await web.open("stranger", "/changed")).status).toBe(403);
    expect((await web.open("viewer", "/changed?deployments=nonsense")).status).toBe(400);
  });

  test("is JSON as well, of a span of time", async () => {
    const { body } = await web.api.call("viewer", "GET /v1/timeline?pageSize=2&from=2026-11-01");
    const { entries, nextPageToken } = PlacedTimelineList.parse(body);
    expect(entries).toMatchObject([{ service: "web" }, { service: "web" }]);
    expect(nextPageToken).not.toBe("");
    const now = new Date(web.api.memory.clock.now()).toISOString();
    const span = `from=2026-11-01T00:00:00Z&to=${now}`;
    const happened = await web.api.call("viewer", `GET /v1/timeline/happenings?${span}`);
    expect(JSON.stringify(happened.body)).toContain("service.applied");
    const empty = await web.api.call("viewer", "GET /v1/timeline?from=2026-01-01&to=2026-02-01");
    expect(empty.body).toEqual({ entries: [], nextPageToken: "" });
    for (const [who, query, code] of [
      ["stranger", "", 403],
      ["viewer", "?from=2026-03-01&to=2026-02-01", 400],
      ["viewer", "?from=soon", 400],
    ] as const) {
      expect((await web.api.call(who, `GET /v1/timeline${query}`)).status).toBe(code);
    }
  });
});

const Sum = z.object({ deployments: z.number(), changes: z.number() });

describe("the numbers", () => {
  test("are the API's, week by week, on the page and as comma-separated values", async () => {
    const from = new Date(web.api.memory.clock.now() - 77 * 86_400_000).toISOString();
    const { body } = await web.api.call("viewer", `GET /v1/numbers?service=web&from=${from}`);
    const told = NumbersView.parse(body);
    expect(told.deployments).toBe(60);
    const { text, headers } = await web.open("viewer", "/numbers.csv?service=web");
    expect(headers.get("content-type")).toContain("text/csv");
    const [head = "", ...rows] = text.trimEnd().split("\r\n");
    expect(rows).toHaveLength(12);
    const at = (name: string): number => head.split(",").indexOf(name);
    const sum = (name: string): number =>
      rows.reduce((all, row) => all + Number(row.split(",")[at(name)]), 0);
    expect({ deployments: sum("deployments"), changes: sum("changes") }).toEqual(Sum.parse(told));
    const page = await web.open("viewer", "/numbers?service=web");
    expect(page.text).toMatch(/aria-label="Deployments a week"/);
  });

  test("are of what one may read alone, and of a service or an owner", async () => {
    expect((await web.open("stranger", "/numbers?service=web")).status).toBe(404);
    expect((await web.open("viewer", "/numbers?service=web&owner=x")).status).toBe(400);
    expect((await web.open("viewer", "/numbers?owner=nobody")).text).toContain("0 services");
    expect((await web.open("viewer", "/numbers")).text).toContain(PEOPLE.viewer);
  });
});
