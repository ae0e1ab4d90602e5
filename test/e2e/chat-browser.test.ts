import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faults, hasNoBrowser, overhang, picture, startBrowser } from "../support/browser.ts";
import { smallSpec } from "../support/local-spec.ts";
import { readPromotions, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";

const TAG = "aaaaaaaaaaaa_1";
const DELIVERY = [
  "delivery:",
  "  environments:",
  "    prod:",
  "      approvals: {required: 1, from: ['user:alex@example.com'], notRequester: true}",
];

type Look = { readonly colorScheme?: "light" | "dark"; readonly width?: number };

/** A message of the channel, by words in it. */
function message(page: Page, words: string): Locator {
  return page.getByRole("article").filter({ hasText: words }).last();
}

async function press(page: Page, words: string, button: string): Promise<void> {
  await message(page, words).getByRole("button", { name: button, exact: true }).click();
}

describe.skipIf(hasNoBrowser())("somebody on the page of the local Slack", () => {
  let world: LocalWorld;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([openLocalWorld(), startBrowser()]);
    await world.apply(smallSpec("web", DELIVERY));
    await world.push("web", TAG);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  /** Opens a channel as somebody. */
  async function open(name: string, channel: string, look: Look = {}): Promise<Page> {
    const { colorScheme = "light", width = 1000 } = look;
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    await page.goto(world.cloud.emulators.slack.url);
    await page.getByRole("link", { name: channel }).click();
    await page.getByRole("heading", { name: channel }).waitFor();
    await page
      .getByLabel("You are")
      .selectOption({ label: `${name} (${name.toLowerCase()}@example.com)` });
    await page.getByRole("button", { name: "Switch" }).click();
    return page;
  }

  test("sees what was pushed arrive, promotes and approves it by the buttons of the messages, and sees how it ends", async () => {
    await tagArrives(world, "web", { environment: "dev", tag: TAG });
    const dana = await open("Dana", "#alerts-web-dev");
    await message(dana, "into dev is done").waitFor();
    await press(dana, "into dev is done", "Promote to prod");
    await message(dana, "Nothing has been done yet").waitFor();
    await picture(dana, "chat-promote");
    expect(await faults(dana)).toEqual([]);
    await press(dana, "Nothing has been done yet", "Promote");
    await message(dana, "approval is closed").waitFor();

    const alex = await open("Alex", "#alerts-web-prod");
    await message(alex, "waits for approval").waitFor();
    await message(alex, "Please approve: @alex").waitFor();
    await press(alex, "waits for approval", "Reject");
    await alex.getByRole("dialog").getByLabel("Why").fill("only to see the modal");
    await picture(alex, "chat-why");
    await alex.getByRole("dialog").getByRole("button", { name: "Leave it" }).click();
    await press(alex, "waits for approval", "Approve");
    await message(alex, "You would approve").waitFor();
    await picture(alex, "chat-approve");
    await press(alex, "You would approve", "Approve");
    await message(alex, "You approved it.").waitFor();
    await message(alex, "into prod is done").waitFor();
    await picture(alex, "chat-done");
    const [promotion] = await readPromotions(world, "web");
    expect(promotion).toMatchObject({ environment: "prod", state: "SUCCEEDED" });
    // The first message of the conversation was kept as the promotion stands, and asks for nothing any more.
    expect(await alex.getByRole("button", { name: "Approve" }).count()).toBe(0);
  });

  test("reads the channel in the dark and on a phone", async () => {
    const dark = await open("Alex", "#alerts-web-prod", { colorScheme: "dark" });
    await message(dark, "into prod is done").waitFor();
    await picture(dark, "chat-dark");
    expect(await faults(dark)).toEqual([]);
    const narrow = await open("Alex", "#alerts-web-prod", { width: 320 });
    await narrow.getByLabel(/^Message, or a command/).fill("/slipway status web");
    await narrow.keyboard.press("Enter");
    await narrow.getByText(/prod: .*since/).waitFor();
    await picture(narrow, "chat-320");
    expect(await overhang(narrow)).toBeLessThanOrEqual(0);
    const narrowDark = await open("Alex", "#alerts-web-dev", { width: 320, colorScheme: "dark" });
    await message(narrowDark, "into dev is done").waitFor();
    await picture(narrowDark, "chat-320-dark");
    expect(await overhang(narrowDark)).toBeLessThanOrEqual(0);
  });
});
