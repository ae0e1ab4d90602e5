import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  contrastFaults,
  faults,
  hasNoBrowser,
  overhang,
  picture,
  putInPlace,
  startBrowser,
  visit,
} from "../support/browser.ts";
import type { Look, Visitor } from "../support/browser.ts";
import { PEOPLE } from "../support/api-world.ts";
import { HOSTILE, HOSTILE_WORDS } from "../support/hostile-text.ts";
import { present } from "../support/present.ts";
import { addHundred, breakChain } from "../support/rich-history.ts";
import { PAGE_NAMES, richPages, WORDY_NAMES } from "../support/rich-pages.ts";
import type { RichPage } from "../support/rich-pages.ts";
import { pushTo, startRichWeb } from "../support/rich-web.ts";
import type { WebWorld } from "../support/web-world.ts";

const DESK: Look = { colorScheme: "light", width: 1280 };
const PHONE: Look = { colorScheme: "dark", width: 320 };

/** Script and style that stand in the page itself. */
const NOT_OURS = "body script:not([src]), body style, [style], [onclick]";

/** Opens pages, each as whom it is for. */
type Reader = {
  /** Goes to a page, and fills in what is to be filled in. */
  readonly visit: (page: RichPage) => Promise<Page>;
  /** Has a page before one as a visit would, which is quicker; what is filled in takes a visit. */
  readonly open: (page: RichPage) => Promise<Page>;
  /** What the browser complained of. */
  readonly complaints: () => readonly string[];
};

function readerOf(browser: Browser, url: string, look: Look): Reader {
  const visitors = new Map<string, Visitor>();
  async function pageFor(person: string): Promise<Page> {
    const visitor = visitors.get(person) ?? (await visit(browser, { url, person }, look));
    visitors.set(person, visitor);
    return visitor.page;
  }
  async function goTo({ path, person, filled }: RichPage): Promise<Page> {
    const page = await pageFor(person);
    await page.goto(`${url}${path}`);
    for (const [label, text] of Object.entries(filled ?? {})) {
      const field = page.getByLabel(label, { exact: true });
      await (text === "yes" ? field.check() : field.fill(text));
    }
    if (filled !== undefined) {
      await page.getByRole("button", { name: "Show what would happen" }).click();
    }
    return page;
  }
  return {
    visit: goTo,
    open: async (one) => {
      if (one.filled !== undefined) {
        return goTo(one);
      }
      const page = await pageFor(one.person);
      await putInPlace(page, one.path);
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
  let smallReader: Reader;
  let hostileReader: Reader;

  beforeAll(async () => {
    [web, hostile, browser] = await Promise.all([
      startRichWeb(),
      startRichWeb(HOSTILE_WORDS),
      startBrowser(),
    ]);
    await addHundred(web.api);
    breakChain(web.api, "failed");
    reader = readerOf(browser, web.url, DESK);
    smallReader = readerOf(browser, web.url, PHONE);
    hostileReader = readerOf(browser, hostile.url, PHONE);
  });
  afterAll(async () => {
    await browser.close();
    await Promise.all([web.close(), hostile.close()]);
  });

  test.for(PAGE_NAMES)(
    "can be used in light and dark, on a desk and on a phone: %s",
    async (name) => {
      const one = pageOf(web, name, "errors since noon");
      const [page, small] = await Promise.all([reader.open(one), smallReader.open(one)]);
      // The policy lets none of it do anything, and a browser complains of it.
      expect(await page.locator(NOT_OURS).count()).toBe(0);
      await Promise.all([picture(page, name), picture(small, `${name}-small`)]);
      const found = await Promise.all([faults(page), contrastFaults(small)]);
      expect(found).toEqual([[], []]);
      expect(await overhang(small)).toBeLessThanOrEqual(0);
    },
  );

  test.for(WORDY_NAMES)("keeps its width whatever somebody writes: %s", async (name) => {
    const page = await hostileReader.visit(pageOf(hostile, name, HOSTILE));
    expect(await overhang(page)).toBeLessThanOrEqual(0);
  });

  test("gives what it shows short whole to whoever copies it, by a button or by hand", async () => {
    const page = await reader.visit(pageOf(web, "service", ""));
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

  test("stays where it is when a row comes above what somebody looks at", async () => {
    const { page } = await visit(browser, { url: web.url, person: PEOPLE.oncall }, PHONE);
    await page.clock.install();
    await page.goto(`${web.url}/services/back`);
    const rows = page.getByRole("table", { name: "Releases, the newest first" }).getByRole("row");
    const count = await rows.count();
    const mark = page.getByRole("link", { name: "Mark bad v21" });
    await mark.focus();
    const focused =
      "[document.activeElement.textContent, Math.round(document.activeElement.getBoundingClientRect().top)]";
    const before = await page.evaluate(focused);
    expect(before).toMatchObject([expect.stringContaining("v21"), expect.any(Number)]);
    await pushTo(web.api, "back", 23);
    await page.clock.fastForward("00:11");
    await page.getByRole("button", { name: "Copy v23" }).waitFor();
    expect(await rows.count()).toBe(count + 1);
    expect(await page.evaluate(focused)).toEqual(before);

    await page.goto(web.url);
    const search = page.getByRole("searchbox", { name: "Service" });
    await search.fill("typed");
    await search.blur();
    const hold = { service: "empty", reason: "to be seen" };
    await web.api.call("oncall", "POST /v1/holds", hold);
    await page.clock.fastForward("00:16");
    await page.getByText("to be seen").first().waitFor();
    expect(await search.inputValue()).toBe("typed");
    await page.context().close();
  });

  test("is looked at without a complaint of the browser", () => {
    expect([reader, smallReader, hostileReader].flatMap(({ complaints }) => complaints())).toEqual(
      [],
    );
  });
});

function pageOf(web: WebWorld, name: string, why: string): RichPage {
  return present(
    richPages(web, why).find((one) => one.name === name),
    `a page ${name}`,
  );
}
