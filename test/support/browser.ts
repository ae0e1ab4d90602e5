import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { isMissing } from "./needs.ts";

const PROGRAM = "/usr/bin/chromium";

/** Where pictures of pages are written, to be looked at. */
const PICTURES = fileURLToPath(new URL("../../dist/pictures", import.meta.url));

/** Whether somebody wants to look at them: a picture takes as long as all else that is done with its page. */
const IS_PICTURED = (process.env["SLIPWAY_TEST_PICTURES"] ?? "") !== "";

/** Whether tests with a browser must be skipped, because Chromium is not there. */
export function hasNoBrowser(): boolean {
  return isMissing("chromium", ["chromium", "--version"]);
}

/** Starts Debian's Chromium. What it would ask for in the background it does not. */
export async function startBrowser(): Promise<Browser> {
  if (IS_PICTURED) {
    mkdirSync(PICTURES, { recursive: true });
  }
  return chromium.launch({ executablePath: PROGRAM, args: ["--no-sandbox", "--disable-gpu"] });
}

/** How a visitor looks at the pages. */
export type Look = {
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
  readonly javaScriptEnabled?: boolean;
};

/** A visitor with a browser of their own. */
export type Visitor = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained of: errors on its console, answers of 500 and more, what the policy refused. */
  readonly complaints: readonly string[];
  /** Requests so far, by address, with the bytes that came over the wire. */
  readonly requests: readonly { readonly url: string; readonly bytes: number }[];
};

/** Signs somebody in to the pages of a local cloud. */
export async function visit(
  browser: Browser,
  { url, person }: { readonly url: string; readonly person: string },
  { colorScheme = "light", width = 1280, javaScriptEnabled = true }: Look = {},
): Promise<Visitor> {
  const viewport = { width, height: 800 };
  const context = await browser.newContext({ colorScheme, viewport, javaScriptEnabled });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: { url: string; bytes: number }[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().includes("status of 4")) {
      complaints.push(message.text());
    }
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfinished", (request) => {
    // Whoever closes the page meanwhile does not ask how large the answer was.
    void request.sizes().then(
      ({ responseBodySize: bytes }) => requests.push({ url: request.url(), bytes }),
      () => null,
    );
  });
  await page.goto(`${url}/sign-in`);
  await page.locator(`button[value="${person}"]`).click();
  await page.waitForURL(`${url}/`);
  return { page, context, complaints, requests };
}

/** What is further down is more of the same, and takes long to draw. */
const PICTURE_HEIGHT_MAX = 3000;

/** Writes a picture of the page, from its top, where somebody wants to look at it. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!IS_PICTURED) {
    return;
  }
  const { width, height } = await page.evaluate<{ width: number; height: number }>(
    "({ width: document.documentElement.scrollWidth, height: document.documentElement.scrollHeight })",
  );
  const clip = { x: 0, y: 0, width, height: Math.min(height, PICTURE_HEIGHT_MAX) };
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true, clip });
}

/**
 * Puts another of our pages in the place of the one that is open: what one sees is the same as after a visit, for a
 * tenth of the time. No script begins anew, so what a page does by itself takes a visit.
 */
export async function putInPlace(page: Page, path: string): Promise<void> {
  await page.evaluate(`(async () => {
    const answer = await fetch(${JSON.stringify(path)});
    const there = new DOMParser().parseFromString(await answer.text(), "text/html");
    history.replaceState(null, "", answer.url);
    document.title = there.title;
    document.body.replaceWith(there.body);
    scrollTo(0, 0);
  })()`);
}

/** What axe finds wrong with the page. */
export async function faults(page: Page): Promise<readonly string[]> {
  return axeRun(page, {});
}

/** What axe finds wrong with the page's colours. */
export async function contrastFaults(page: Page): Promise<readonly string[]> {
  return axeRun(page, { runOnly: ["color-contrast"] });
}

/** A third of the size of what the package gives as text: it goes to the browser and is read there for each visit. */
const AXE = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/**
 * Rows and marks that are made as one before them, but for what they say, would be found wrong or right like it: of each
 * kind the first is looked at.
 */
const REPEATS = `(() => {
  const seen = new Set();
  const kind = (one) => one.outerHTML
    .replaceAll(/ (?!class=|role=|scope=|type=|aria-)[\\w:-]+="[^"]*"/g, "")
    .replaceAll(/ aria-([\\w-]+)="[^"]+"/g, " aria-$1")
    .replaceAll(/>[^<]*[^<\\s][^<]*</g, ">x<");
  return [...document.querySelectorAll("tbody tr, svg g")].filter((one) => {
    const name = (one.closest("table")?.className ?? "") + kind(one);
    return seen.size === seen.add(name).size;
  });
})()`;

async function axeRun(page: Page, options: object): Promise<readonly string[]> {
  if ((await page.evaluate("typeof axe")) === "undefined") {
    await page.evaluate(AXE);
  }
  // What is loaded before a run is of other hosts' styles, which there are none of.
  const asked = JSON.stringify({ ...options, resultTypes: ["violations"], preload: false });
  const found: unknown = await page.evaluate(
    `axe.run({ include: [document], exclude: ${REPEATS} }, ${asked}).then(({ violations }) => violations.map(({ id, nodes }) => \`\${id}: \${nodes.map(({ html }) => html).join(" ")}\`))`,
  );
  return Array.isArray(found) ? found.map(String) : ["axe gave no answer"];
}

/** Where what a reader holds on to stands on the page: headings, the heads of columns and rows, links and buttons, by name. */
export async function placesOn(page: Page): Promise<Readonly<Record<string, string>>> {
  return page.evaluate<Record<string, string>>(`Object.fromEntries(
    [...document.querySelectorAll("main :is(h1, h2, th, dt, td a, .acts a)")].map((one) => {
      const { left, top } = one.getBoundingClientRect();
      return [one.nodeName + " " + one.textContent.trim(), Math.round(left) + " " + Math.round(top)];
    }),
  )`);
}

/** By how many pixels the page is wider than the window. */
export async function overhang(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"));
}
