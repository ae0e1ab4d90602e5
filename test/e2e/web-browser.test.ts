import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_PEOPLE } from "../../infra/local/settings.ts";
import type { LocalRole } from "../../infra/local/settings.ts";
import {
  faults,
  hasNoBrowser,
  overhang,
  picture,
  startBrowser,
  visit,
} from "../support/browser.ts";
import type { Look, Visitor } from "../support/browser.ts";
import { promotionEnds, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";

/** What people write who mean no good, or no harm: markup, turned text, a long word, signs. */
const HOSTILE = `<script>alert(1)</script> \u202Eturned\u202C "'& ${"long".repeat(60)} 🚢`;

/** Fills in a form of an act and sees what would happen. */
async function tryAct(visitor: Visitor, fields: Readonly<Record<string, string>>): Promise<string> {
  const { page } = visitor;
  for (const [label, value] of Object.entries(fields)) {
    await page.getByLabel(label, { exact: true }).fill(value);
  }
  await page.getByRole("button", { name: "Show what would happen" }).click();
  return page.locator("main").innerText();
}

/** The id of the promotion whose page is open. */
function promotionOn({ page }: Visitor): string {
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

describe.skipIf(hasNoBrowser())("a person with a browser", () => {
  let world: LocalWorld;
  let browser: Browser;
  let deployer: Visitor;
  let approver: Visitor;
  let oncall: Visitor;

  async function signIn(role: LocalRole, look: Look = {}): Promise<Visitor> {
    const entry = { url: world.file.dashboard, person: LOCAL_PEOPLE[role] };
    return visit(browser, entry, look);
  }

  beforeAll(async () => {
    [world, browser] = await Promise.all([openLocalWorld(), startBrowser()]);
    for (const [image, service] of [
      ["msp-example", "msp-testbed"],
      ["approval-demo", "approval-demo"],
    ] as const) {
      await world.push(image, "aaaaaaaaaaaa_1");
      await tagArrives(world, service, { environment: "dev", tag: "aaaaaaaaaaaa_1" });
    }
    [deployer, approver, oncall] = await Promise.all([
      signIn("deployer"),
      signIn("approver"),
      signIn("oncall", { javaScriptEnabled: false }),
    ]);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  /** Opens a page by its path. */
  async function open({ page }: Visitor, path: string): Promise<void> {
    await page.goto(`${world.file.dashboard}${path}`);
  }

  test("finds a service by its name, and goes to it by the keyboard", async () => {
    const { page } = deployer;
    await open(deployer, "/");
    await page.getByRole("searchbox", { name: "Service" }).fill("approv");
    await page.keyboard.press("Enter");
    await page.waitForURL(/text=approv/);
    expect(await page.locator("tbody tr").count()).toBe(1);
    await page.getByRole("link", { name: "Approvals" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/services\/approval-demo$/);
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Approvals");
  });

  test("promotes past a gate that is closed: sees it first, waits, has it approved, follows it to its end", async () => {
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

    await open(approver, `/promotions/${id}`);
    await picture(approver.page, "promotion-waiting");
    await approver.page.getByRole("link", { name: "Approve" }).click();
    expect(await approver.page.locator("main").innerText()).toContain("What you approve");
    await picture(approver.page, "approve");
    expect(await faults(approver.page)).toEqual([]);
    await approver.page.getByRole("button", { name: "Approve" }).click();
    await approver.page.waitForURL(/\/promotions\/[^/]+$/);
    // The page tells of the end by itself.
    await approver.page.getByRole("status").getByText("Succeeded").waitFor();
    expect(await approver.page.locator("main").getAttribute("data-live")).toBeNull();
    expect(await promotionEnds(world, id)).toMatchObject({ state: "SUCCEEDED" });
    expect(await approver.page.locator("main").innerText()).toMatch(/Succeeded\s+It ended/);
    await picture(approver.page, "promotion-done");
  });

  test("holds and lifts without scripts, and a rollback goes all the same", async () => {
    const { page } = oncall;
    for (const tag of ["aaaaaaaaaaaa_1", "bbbbbbbbbbbb_2"]) {
      await world.push("msp-example", tag);
      await tagArrives(world, "msp-testbed", { environment: "dev", tag });
      await open(oncall, "/services/msp-testbed/environments/prod/promote");
      await tryAct(oncall, {});
      await page.getByRole("button", { name: "Promote" }).click();
      await page.waitForURL(/\/promotions\//);
      expect(await promotionEnds(world, promotionOn(oncall))).toMatchObject({ state: "SUCCEEDED" });
    }
    await open(oncall, "/services/msp-testbed/hold");
    expect(await tryAct(oncall, { Reason: HOSTILE })).toContain("no promotion that is open now");
    await page.getByRole("button", { name: "Hold" }).click();
    await page.waitForURL(/\/holds$/);
    expect(await page.locator("main").innerText()).toContain("<script>alert(1)</script>");

    await open(oncall, "/services/msp-testbed/environments/prod/rollback");
    const judged = await tryAct(oncall, { Reason: "errors since noon" });
    expect(judged).toContain("Safe");
    await page.getByRole("button", { name: "Roll back" }).click();
    await page.waitForURL(/\/promotions\//);
    expect(await promotionEnds(world, promotionOn(oncall))).toMatchObject({ state: "SUCCEEDED" });
    const { body } = await world.call("viewer", "GET /v1/services/msp-testbed");
    expect(body).toMatchObject({ environments: [{}, { current: { tag: "aaaaaaaaaaaa_1" } }] });

    await open(oncall, "/holds");
    await page.getByRole("link", { name: /^Lift/ }).first().click();
    await page.getByRole("button", { name: "Lift the hold" }).click();
    await page.waitForURL(/\/holds$/);
    expect(await page.locator("tbody tr").count()).toBe(1);
  });

  test("sees no button for what they may not do, and is refused all the same", async () => {
    const viewer = await signIn("viewer");
    await open(viewer, "/services/msp-testbed");
    expect(
      await viewer.page.getByRole("link", { name: /Promote|Roll back|Hold the/ }).count(),
    ).toBe(0);
    await open(viewer, "/services/msp-testbed/environments/prod/promote");
    expect(await viewer.page.getByRole("heading", { level: 1 }).innerText()).toBe(
      "You may not do that",
    );
    expect(await viewer.page.locator("main").innerText()).toContain("vera@example.com");
    await viewer.context.close();
  });

  test("finds every page usable: nothing for axe to say, nothing wider than 320 pixels, light and dark", async () => {
    const { body } = await world.call("viewer", "GET /v1/services/approval-demo/promotions");
    const [promotion = ""] = JSON.stringify(body).match(/r-[\w-]+-to-prod-\d+/) ?? [];
    const paths: Readonly<Record<string, string>> = {
      overview: "/",
      service: "/services/msp-testbed",
      environment: "/services/msp-testbed/environments/prod",
      promotion: `/promotions/${promotion}`,
      timeline: "/services/msp-testbed/timeline?span=hour",
      numbers: "/numbers",
      decisions: "/decisions",
      holds: "/holds",
      audit: "/audit?service=approval-demo",
      rollback: "/services/msp-testbed/environments/prod/rollback",
      restore: "/services/msp-testbed/environments/prod/restore",
      nothing: "/nothing",
    };
    const looks: readonly Look[] = [
      { colorScheme: "light" },
      { colorScheme: "dark" },
      { width: 320 },
    ];
    for (const look of looks) {
      const visitor = await signIn("oncall", look);
      const suffix = `${look.colorScheme ?? "light"}-${look.width ?? 1280}`;
      for (const [name, path] of Object.entries(paths)) {
        await open(visitor, path);
        await picture(visitor.page, `${name}-${suffix}`);
        // What axe looks at does not change with the width.
        const found = look.width === undefined ? await faults(visitor.page) : [];
        expect(found, `${name} ${suffix}`).toEqual([]);
        expect(await overhang(visitor.page), `${name} ${suffix}`).toBeLessThanOrEqual(0);
      }
      expect(visitor.complaints).toEqual([]);
      await visitor.context.close();
    }
  });

  test("waits for few bytes: a page and, once, what it is dressed in", async () => {
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
    expect([deployer, approver, oncall, visitor].flatMap(({ complaints }) => complaints)).toEqual(
      [],
    );
    await visitor.context.close();
  });
});
