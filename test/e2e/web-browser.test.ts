import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import { send } from "../../infra/local/rest.ts";
import { listPolicies } from "../../infra/local/sample-resources.ts";
import { LOCAL_PEOPLE } from "../../infra/local/settings.ts";
import type { LocalRole } from "../../infra/local/settings.ts";
import {
  faults,
  hasNoBrowser,
  picture,
  placesOn,
  startBrowser,
  visit,
} from "../support/browser.ts";
import type { Look, Visitor } from "../support/browser.ts";
import { promotionEnds, readService, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

/** What people write who mean no good, or no harm: markup, turned text, a long word, signs. */
const HOSTILE = `<script>alert(1)</script> \u202Eturned\u202C "'& ${"long".repeat(60)} 🚢`;

/** A window as narrow as it gets. */
const PHONE: Look = { colorScheme: "dark", width: 320 };

/** How high an element is shown. */
async function heightOf(shown: Locator): Promise<number> {
  return (await shown.boundingBox())?.height ?? 0;
}

/** Fills in a form of an act and sees what would happen. */
async function tryAct(visitor: Visitor, fields: Readonly<Record<string, string>>): Promise<string> {
  const { page } = visitor;
  for (const [label, value] of Object.entries(fields)) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await page.getByRole("button", { name: "Show what would happen" }).click();
  await page.waitForLoadState();
  return page.locator("main").innerText();
}

/** The id of the promotion whose page is open. */
function promotionOn({ page }: Visitor): string {
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

/** Each story has services and visitors of its own, so that they go on side by side, and none waits for another. */
describe.skipIf(hasNoBrowser()).concurrent("a person with a browser", () => {
  let world: LocalWorld;
  let browser: Browser;

  async function signIn(role: LocalRole, look: Look = {}): Promise<Visitor> {
    const entry = { url: world.file.dashboard, person: LOCAL_PEOPLE[role] };
    return visit(browser, entry, look);
  }

  beforeAll(async () => {
    [world, browser] = await Promise.all([openLocalWorld(), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  /** Pushes an image, and waits until it is in development. */
  async function deliver(image: string, service: string, tag: string): Promise<void> {
    await world.push(image, tag);
    await tagArrives(world, service, { environment: "dev", tag });
  }

  /** Opens an incident of production, and waits until the pages tell of it. */
  async function openIncident(): Promise<void> {
    const monitoring = world.file.endpoints["monitoring"] ?? "";
    const [policy = ""] = await listPolicies(monitoring, "msp-testbed-prod-41c7");
    await send("POST", `${monitoring}/emulator/v1/${policy}:open`, {});
    await until(
      "the incident is known",
      async () => readService(world, "msp-testbed"),
      ({ environments }) => environments[1]?.incidents.length === 1,
    );
  }

  /** Opens a page by its path. */
  async function open({ page }: Visitor, path: string): Promise<void> {
    await page.goto(`${world.file.dashboard}${path}`);
  }

  test("finds a service by its name, and goes to it by the keyboard", async ({ expect }) => {
    const visitor = await signIn("deployer");
    const { page } = visitor;
    await page.getByRole("searchbox", { name: "Service" }).fill(" approv ");
    await page.keyboard.press("Enter");
    await page.waitForURL(/text=\+approv/);
    expect(await page.locator("tbody tr").count()).toBe(1);
    await page.getByRole("link", { name: "Approvals" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/services\/approval-demo$/);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Approvals");
    expect(visitor.complaints).toEqual([]);
  });

  test("promotes past a gate that is closed: sees it first, waits, has it approved, follows it to its end", async ({
    expect,
  }) => {
    const [deployer, approver, onPhone] = await Promise.all([
      signIn("deployer"),
      signIn("approver"),
      signIn("approver", PHONE),
      deliver("approval-demo", "approval-demo", "aaaaaaaaaaaa_1"),
    ]);
    await open(deployer, "/services/approval-demo");
    await deployer.page.getByRole("link", { name: "Promote prod" }).click();
    const shown = await tryAct(deployer, { "Reason, if any": HOSTILE });
    expect(shown).toContain("Nothing has been done yet");
    expect(shown).toContain("It would wait");
    expect(shown).toMatch(/approval\s+Closed/);
    await picture(deployer.page, "promote-preview");
    expect(await faults(deployer.page)).toEqual([]);
    await deployer.page.getByRole("button", { name: "Promote" }).click();
    await deployer.page.waitForURL(/\/promotions\//);
    expect(await deployer.page.getByRole("link", { name: "Approve" }).count()).toBe(0);
    const id = promotionOn(deployer);
    // The way back is the form, and no question of the browser's whether to send it again.
    await deployer.page.goBack();
    expect(await deployer.page.getByLabel("Reason, if any").inputValue()).toBe("");

    await open(approver, `/promotions/${id}`);
    await picture(approver.page, "promotion-waiting");
    await approver.page.getByRole("link", { name: "Approve" }).click();
    expect(await approver.page.locator("main").innerText()).toContain("What you approve");
    await picture(approver.page, "approve");
    expect(await faults(approver.page)).toEqual([]);
    await approver.page.getByRole("button", { name: "Approve" }).click();
    await approver.page.waitForURL(/\/promotions\/[^/]+$/);
    await open(onPhone, `/promotions/${id}`);
    const looks = [approver, onPhone].map(({ page }) => page);
    const places = await Promise.all(looks.map(placesOn));
    await approver.page.getByRole("button", { name: `Copy ${id}`, exact: true }).focus();
    expect(await promotionEnds(world, id)).toMatchObject({ state: "SUCCEEDED" });
    // The pages tell of the end by themselves.
    await Promise.all(
      looks.map(async (page) => page.getByRole("status").getByText("Succeeded").waitFor()),
    );
    expect(await approver.page.locator("main").getAttribute("data-live")).toBeNull();
    expect(await approver.page.locator("main").innerText()).toMatch(/Succeeded\s+It ended/);
    // While it went on nothing has moved, and nobody was taken away from where they were.
    for (const [index, after] of (await Promise.all(looks.map(placesOn))).entries()) {
      const before = places[index] ?? {};
      const known = Object.entries(after).filter(([name]) => name in before);
      expect(known.length).toBeGreaterThan(25);
      expect(before).toMatchObject(Object.fromEntries(known));
    }
    // What is cut off in a narrow window is whole for whoever goes there, and moves nothing.
    const message = onPhone.page.locator(".told", { hasText: "approvals-migrate/executions" });
    await message.scrollIntoViewIfNeeded();
    const [cut, held] = [await heightOf(message), await placesOn(onPhone.page)];
    await message.focus();
    expect(await heightOf(message)).toBeGreaterThan(cut);
    expect(await placesOn(onPhone.page)).toEqual(held);
    const focused = await approver.page.evaluate(
      "document.activeElement.getAttribute('aria-label')",
    );
    expect(focused).toBe(`Copy ${id}`);
    await picture(approver.page, "promotion-done");
    await picture(onPhone.page, "promotion-done-live-small");
    const all = [deployer, approver, onPhone].flatMap(({ complaints }) => complaints);
    expect(all).toEqual([]);
  });

  test("promotes without scripts, finds what was deployed before an incident, takes it back with its data, and reads it in the numbers", async ({
    expect,
  }) => {
    const oncall = await signIn("oncall", { javaScriptEnabled: false });
    const { page } = oncall;
    for (const tag of ["aaaaaaaaaaaa_1", "bbbbbbbbbbbb_2"]) {
      await deliver("msp-example", "msp-testbed", tag);
      await open(oncall, "/services/msp-testbed/environments/prod/promote");
      await tryAct(oncall, {});
      await page.getByRole("button", { name: "Promote" }).click();
      await page.waitForURL(/\/promotions\//);
      expect(await promotionEnds(world, promotionOn(oncall))).toMatchObject({ state: "SUCCEEDED" });
    }
    await openIncident();
    await open(oncall, "/services/msp-testbed/timeline?span=hour");
    expect(await page.locator("svg line.opened").count()).toBe(1);
    expect(await page.locator("svg title", { hasText: /^bbbbbbbbbbbb_2, manual/ }).count()).toBe(1);
    expect(await page.locator("main").innerText()).toMatch(/incident\.opened\s+prod/);
    await picture(page, "flow-timeline");

    await open(oncall, "/services/msp-testbed/environments/prod/rollback");
    await page.getByLabel("Bring back the data from before the release").check();
    const judged = await tryAct(oncall, { Reason: "errors since noon" });
    expect(judged).toMatch(/Safe[^]*Data would be lost: what was written in prod since/);
    await picture(page, "flow-rollback");
    await page.getByRole("button", { name: "Roll back" }).click();
    await page.waitForURL(/\/promotions\//);
    expect(await promotionEnds(world, promotionOn(oncall))).toMatchObject({ state: "SUCCEEDED" });
    await page.reload();
    expect(await page.locator("main").innerText()).toMatch(/restore of .*: done/);
    const { body } = await world.call("viewer", "GET /v1/services/msp-testbed");
    expect(body).toMatchObject({ environments: [{}, { current: { tag: "aaaaaaaaaaaa_1" } }] });

    await open(oncall, "/numbers?service=msp-testbed");
    expect(await page.getByRole("img", { name: "Deployments a week" }).count()).toBe(1);
    const week = page.getByRole("table", { name: "Numbers by week" }).getByRole("row").last();
    const [deployments, , , failed] = await week.getByRole("cell").allInnerTexts();
    expect([deployments, failed]).toEqual(["2", "1 (50%)"]);
    await picture(page, "flow-numbers");
    expect(oncall.complaints).toEqual([]);
  });

  test("holds and lifts without scripts", async ({ expect }) => {
    const oncall = await signIn("oncall", { javaScriptEnabled: false });
    const { page } = oncall;
    await open(oncall, "/services/parcel-tracker/hold");
    expect(await tryAct(oncall, { Reason: HOSTILE })).toContain("no promotion that is open now");
    await page.getByRole("button", { name: "Hold" }).click();
    await page.waitForURL(/\/holds$/);
    expect(await page.locator("main").innerText()).toContain("<script>alert(1)</script>");

    const held = page.getByRole("row").filter({ hasText: "parcel-tracker" });
    await held.getByRole("link", { name: /^Lift/ }).click();
    await page.getByRole("button", { name: "Lift the hold" }).click();
    await page.waitForURL(/\/holds$/);
    expect(await held.count()).toBe(0);
    expect(oncall.complaints).toEqual([]);
  });

  test("waits for few bytes: a page and, once, what it is dressed in", async ({ expect }) => {
    const visitor = await signIn("viewer");
    await open(visitor, "/services/msp-testbed");
    await visitor.page.waitForLoadState("networkidle");
    expect(visitor.requests.length).toBeGreaterThan(0);
    expect(visitor.requests.every(({ bytes }) => bytes < 50_000)).toBe(true);
    // What has its hash in its name came with the page before.
    const again = await visitor.page.evaluate(
      "performance.getEntriesByType('resource').filter(({ transferSize }) => transferSize > 0).map(({ name }) => name)",
    );
    expect(again).toEqual([]);
    expect(visitor.complaints).toEqual([]);
  });
});
