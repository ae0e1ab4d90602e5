import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  contrastFaults,
  faults,
  hasNoBrowser,
  overhang,
  picture,
  startBrowser,
  visit,
} from "../support/browser.ts";
import type { Visitor } from "../support/browser.ts";
import { HOSTILE, HOSTILE_WORDS } from "../support/hostile-text.ts";
import { present } from "../support/present.ts";
import { addHundred, breakChain } from "../support/rich-history.ts";
import { PAGE_NAMES, richPages, WORDY_NAMES } from "../support/rich-pages.ts";
import type { RichPage } from "../support/rich-pages.ts";
import { startRichWeb } from "../support/rich-web.ts";
import type { WebWorld } from "../support/web-world.ts";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };

/** Opens pages, each as whom it is for. */
type Reader = {
  readonly open: (page: RichPage) => Promise<Page>;
  /** What the browser complained of. */
  readonly complaints: () => readonly string[];
};

function readerOf(browser: Browser, url: string): Reader {
  const visitors = new Map<string, Visitor>();
  return {
    open: async ({ path, person, filled }) => {
      const visitor = visitors.get(person) ?? (await visit(browser, { url, person }));
      visitors.set(person, visitor);
      const { page } = visitor;
      await page.goto(`${url}${path}`);
      for (const [label, text] of Object.entries(filled ?? {})) {
        const field = page.getByLabel(label, { exact: true });
        await (text === "yes" ? field.check() : field.fill(text));
      }
      if (filled !== undefined) {
        await page.getByRole("button", { name: "Show what would happen" }).click();
      }
      return page;
    },
    complaints: () => [...visitors.values()].flatMap(({ complaints }) => complaints),
  };
}

describe.skipIf(hasNoBrowser())("every page", () => {
  let web: WebWorld;
  let hostile: WebWorld;
  let browser: Browser;
  let reader: Reader;
  let hostileReader: Reader;

  beforeAll(async () => {
    [web, hostile, browser] = await Promise.all([
      startRichWeb(),
      startRichWeb(HOSTILE_WORDS),
      startBrowser(),
    ]);
    await addHundred(web.api);
    breakChain(web.api, "failed");
    reader = readerOf(browser, web.url);
    hostileReader = readerOf(browser, hostile.url);
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([web.close(), hostile.close()]);
  });

  test.for(PAGE_NAMES)("can be used, light or dark, wide or narrow: %s", async (name) => {
    const page = await reader.open(pageOf(web, name, "errors since noon"));
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "light" });
    await picture(page, `${name}-light`);
    expect(await faults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, `${name}-dark`);
    expect(await contrastFaults(page)).toEqual([]);
    await page.setViewportSize(NARROW);
    await picture(page, `${name}-320`);
    expect(await overhang(page)).toBeLessThanOrEqual(0);
  });

  test.for(WORDY_NAMES)("keeps its width whatever somebody writes: %s", async (name) => {
    const page = await hostileReader.open(pageOf(hostile, name, HOSTILE));
    await page.setViewportSize(NARROW);
    expect(await overhang(page)).toBeLessThanOrEqual(0);
  });

  test("gives what it shows short whole to whoever copies it, by a button or by hand", async () => {
    const page = await reader.open(pageOf(web, "service", ""));
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const row = page.getByRole("table", { name: "Releases, the newest first" }).getByRole("row");
    const whole = "r-6000000000000000-1b2c3d";
    await row.getByRole("button", { name: `Copy ${whole}` }).click();
    await page.locator("#said").getByText(`Copied ${whole}`).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(whole);
    await row.getByRole("button", { name: "Copy the image of v6" }).click();
    await page.locator("#said").getByText("Copied the image of v6").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(
      `us-central1-docker.pkg.dev/slipway/apps/shop@sha256:6${"0".repeat(63)}`,
    );
    const byHand = `(() => {
      getSelection().selectAllChildren(document.querySelector('code[title="${whole}"]'));
      return String(getSelection());
    })()`;
    expect(await page.evaluate(byHand)).toBe(whole);
    await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
    await row.getByRole("button", { name: `Copy ${whole}` }).click();
    await page.locator("#said").getByText("Selected").waitFor();
    expect(await page.evaluate("String(getSelection())")).toBe(whole);
  });

  test("is looked at without a complaint of the browser", () => {
    expect([...reader.complaints(), ...hostileReader.complaints()]).toEqual([]);
  });
});

function pageOf(web: WebWorld, name: string, why: string): RichPage {
  return present(
    richPages(web, why).find((one) => one.name === name),
    `a page ${name}`,
  );
}
