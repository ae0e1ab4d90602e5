import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { isMissing } from "./needs.ts";

const PROGRAM = "/usr/bin/chromium";

/** Where pictures of pages are written, to be looked at. */
const PICTURES = fileURLToPath(new URL("../../dist/pictures", import.meta.url));

/** Whether tests with a browser must be skipped, because Chromium is not there. */
export function hasNoBrowser(): boolean {
  return isMissing("chromium", ["chromium", "--version"]);
}

/** Starts Debian's Chromium. What it would ask for in the background it does not. */
export async function startBrowser(): Promise<Browser> {
  mkdirSync(PICTURES, { recursive: true });
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
    void (async () => {
      const { responseBodySize } = await request.sizes();
      requests.push({ url: request.url(), bytes: responseBodySize });
    })();
  });
  await page.goto(`${url}/sign-in`);
  await page.locator(`button[value="${person}"]`).click();
  await page.waitForURL(`${url}/`);
  return { page, context, complaints, requests };
}

/** Writes a picture of the whole page. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

/** What axe finds wrong with the page. */
export async function faults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return axeRun(page, { resultTypes: ["violations"] });
}

/** What axe finds wrong with the page's colours, in a page in which `faults` was asked before. */
export async function contrastFaults(page: Page): Promise<readonly string[]> {
  return axeRun(page, { resultTypes: ["violations"], runOnly: ["color-contrast"] });
}

async function axeRun(page: Page, options: object): Promise<readonly string[]> {
  const found: unknown = await page.evaluate(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations.map(({ id, nodes }) => \`\${id}: \${nodes.map(({ html }) => html).join(" ")}\`))`,
  );
  return Array.isArray(found) ? found.map(String) : ["axe gave no answer"];
}

/** By how many pixels the page is wider than the window. */
export async function overhang(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"));
}
