import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PEOPLE } from "../support/api-world.ts";
import { EVERYBODY, startRichWeb } from "../support/rich-web.ts";
import { actOf, crawl } from "../support/web-crawl.ts";
import type { FoundPage } from "../support/web-crawl.ts";
import { serveWebWorld } from "../support/web-world.ts";
import type { WebWorld } from "../support/web-world.ts";

/** What is filled in where a form asks for something. */
const FILLED = { reason: "because", backup: "r-3000000000000000-0a1b2c-to-prod-0003-b1" };

let web: WebWorld;

/** What each person finds. */
const found = new Map<string, readonly FoundPage[]>();

beforeAll(async () => {
  const { api } = await startRichWeb();
  await api.call("oncall", "POST /v1/holds", { scope: "all", reason: "everything stands still" });
  // What is decided is done by nobody, so that it can be taken back.
  const work = { wake: async () => Promise.resolve() };
  const { wiring } = api;
  web = await serveWebWorld({
    ...api,
    wiring: { ...wiring, ports: { ...wiring.ports, work } },
  });
  for (const person of EVERYBODY) {
    found.set(person, await crawl(async (path) => web.openAs(person, path)));
  }
});
afterAll(async () => web.close());

function actsOf(person: string): readonly string[] {
  const paths = (found.get(person) ?? []).map(({ path }) => path);
  return paths.filter((path) => actOf(path) !== null);
}

function pageOf(page: string, person: string): string {
  return (found.get(person) ?? []).find(({ path }) => path === page)?.text ?? "";
}

/** What a browser sends of a form in which nobody has changed anything: boxes that are ticked, and choices. */
function chosenIn(page: string, person: string): Readonly<Record<string, string>> {
  const text = pageOf(page, person);
  const boxes = [
    ...text.matchAll(/<input\s+type="checkbox"[^>]*\sname="(?<name>\w+)"[^>]*\schecked/g),
  ];
  const choices = [
    ...text.matchAll(/<select[^>]*\sname="(?<name>\w+)"[^>]*>\s*(?<options>.*?)<\/select>/gs),
  ];
  return Object.fromEntries([
    ...boxes.map(({ groups }) => [groups?.["name"] ?? "", "yes"] as const),
    ...choices.map(
      ({ groups }) => [groups?.["name"] ?? "", chosenOf(groups?.["options"] ?? "")] as const,
    ),
  ]);
}

function chosenOf(options: string): string {
  const chosen =
    /<option value="([^"]*)" selected/.exec(options) ?? /<option value="([^"]*)"/.exec(options);
  return chosen?.[1] ?? "";
}

const MAPS = [
  ...(["services", "releases", "images", "promotions"] as const),
  ...(["timeline", "backups", "records"] as const),
] as const;

/** Does something, and makes the store be as it was: what it keeps is replaced, and never changed. */
async function undone<Value>(act: () => Promise<Value>): Promise<Value> {
  const { store, published } = web.api.memory.world;
  const { control } = store;
  const told = published.length;
  const kept = MAPS.map((name) => [name, new Map<string, unknown>(store[name])] as const);
  try {
    return await act();
  } finally {
    store.control = control;
    published.length = told;
    for (const [name, entries] of kept) {
      const now: Map<string, unknown> = store[name];
      now.clear();
      entries.forEach((value, key) => now.set(key, value));
    }
  }
}

/** Who may read nothing is told so on the overview, and on the list of holds. */
function isForNobody(path: string, person: string): boolean {
  return person === PEOPLE.stranger && (path === "/" || path === "/holds");
}

describe("whoever signs in", () => {
  test.for(EVERYBODY)("as %s is led to no page that they are refused", (person) => {
    const refused = (found.get(person) ?? [])
      .filter(({ path, status }) => status !== 200 && !isForNobody(path, person))
      .map(({ path, status }) => `${status} ${path}`);
    expect(refused).toEqual([]);
  });

  test.for(EVERYBODY)("as %s sees no button for what they may not do", async (person) => {
    const refused: string[] = [];
    for (const page of actsOf(person)) {
      const isShownFirst = pageOf(page, person).includes("Show what would happen");
      for (const meant of isShownFirst ? [{}, { confirmed: "yes" }] : [{}]) {
        const { status, text } = await undone(async () =>
          web.sendAs(person, { page }, { ...FILLED, ...chosenIn(page, person), ...meant }),
        );
        if (status === 403 || status >= 500) {
          refused.push(`${status} ${page}: ${/role="alert">(.*?)<\/p>/s.exec(text)?.[1] ?? ""}`);
        }
      }
    }
    expect(refused).toEqual([]);
  });

  test("is told of a service that cannot be read what is wrong with it, and what mends that", () => {
    for (const path of ["/services/torn", "/services/torn/timeline?span=hour"]) {
      const text = pageOf(path, PEOPLE.viewer);
      expect(text).toContain('<bdi class="whole">torn cannot be read</bdi></h1>');
      expect(text).toContain("has no field state");
      expect(text).toContain("Put that one document back");
      expect(text).toContain('href="/audit?service=torn"');
    }
    expect(pageOf("/audit?service=torn", PEOPLE.viewer)).toContain("Intact");
  });

  test("is told what would help, with a link to what they may do, and nobody in a circle", () => {
    const page = "/services/bank/environments/prod";
    const lift = /<a href="\/holds\/[^"]+\/lift"\s*><bdi class="whole">Lift the hold</;
    expect(pageOf(page, PEOPLE.oncall)).toMatch(lift);
    expect(pageOf(page, PEOPLE.viewer)).toMatch(/<li>\s*<bdi class="whole">Lift the hold</);
    expect(pageOf(page, PEOPLE.viewer)).not.toContain("slipway hold lift");
    expect(pageOf("/", PEOPLE.stranger)).toContain("may not read any service");
    expect(pageOf("/", PEOPLE.stranger)).not.toContain("Go to the overview");
  });

  test("sees of a promotion that waits its tag, and by what each gate opens", () => {
    const [waiting = ""] =
      pageOf("/services/bank", PEOPLE.viewer).match(/\/promotions\/[^"]+/) ?? [];
    const text = pageOf(waiting, PEOPLE.viewer);
    expect(text).toMatch(/<dt>Release<\/dt>\s*<dd>[^]*?v12/);
    expect(text).toContain("enough people have approved");
    expect(text).toMatch(
      /<time [^>]*>in 2 hours<\/time\s*>\s*<div class="label">[-\d]{10} [:\d]{8}</,
    );
  });

  test("is offered no way back where nothing runs", () => {
    const ways = EVERYBODY.flatMap(actsOf).filter((path) => actOf(path) === "rollback");
    expect(ways.filter((path) => path.startsWith("/services/empty/"))).toEqual([]);
    expect(ways).toContain("/services/shop/environments/prod/rollback");
  });

  test("finds every act that there is, if somebody may do it", () => {
    const acts = new Set(
      EVERYBODY.flatMap((person) => actsOf(person).map((path) => actOf(path) ?? "")),
    );
    expect([...acts].toSorted((one, other) => one.localeCompare(other))).toEqual([
      "approve",
      "cancel",
      "hold",
      "lift",
      "mark",
      "migrate",
      "new",
      "promote",
      "reject",
      "restore",
      "retry",
      "rollback",
      "unmark",
    ]);
  });
});
