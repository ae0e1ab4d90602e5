import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { faults, hasNoBrowser, overhang, picture, startBrowser } from "../support/browser.ts";
import { smallSpec } from "../support/local-spec.ts";
import { promotionEnds, readPromotions, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";

const TAG = "aaaaaaaaaaaa_1";
const DELIVERY = [
  "delivery:",
  "  environments:",
  "    prod:",
  "      approvals: {required: 1, from: ['group:eng@example.com'], notRequester: true}",
];

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel(/^Message, or a command/).fill(text);
  await page.keyboard.press("Enter");
}

describe.skipIf(hasNoBrowser())("somebody on the page of the local Slack", () => {
  let world: LocalWorld;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([openLocalWorld(), startBrowser()]);
    await world.apply(smallSpec("web", DELIVERY));
    await world.push("web", TAG);
    await tagArrives(world, "web", { environment: "dev", tag: TAG });
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  async function open(name: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
    await page.goto(world.cloud.emulators.slack.url);
    await page.getByRole("link", { name: "#general" }).click();
    await page
      .getByLabel("You are")
      .selectOption({ label: `${name} (${name.toLowerCase()}@example.com)` });
    await page.getByRole("button", { name: "Switch" }).click();
    return page;
  }

  test("promotes what was pushed, has it approved by a button, and sees it arrive", async () => {
    const dana = await open("Dana");
    await say(dana, "/slipway promote web prod because it works in dev");
    await dana.getByText("Nothing has been done yet").waitFor();
    await picture(dana, "chat-promote");
    expect(await faults(dana)).toEqual([]);
    await dana.getByRole("button", { name: "Promote" }).click();
    await dana.getByText("approval is closed").waitFor();
    const [promotion] = await readPromotions(world, "web");
    const id = promotion?.id ?? "";

    const alex = await open("Alex");
    await say(alex, `/slipway approve ${id}`);
    await alex.getByText("You would approve").waitFor();
    await picture(alex, "chat-approve");
    await alex.getByRole("button", { name: "Approve" }).click();
    await alex.getByText("You approved it.").waitFor();
    expect(await promotionEnds(world, id)).toMatchObject({ state: "SUCCEEDED" });

    await say(alex, "/slipway rollback web prod");
    await alex.getByRole("dialog").getByLabel("Why").fill("only to see the modal");
    await picture(alex, "chat-why");
    await alex.getByRole("dialog").getByRole("button", { name: "Leave it" }).click();
    await say(alex, "/slipway status web");
    await alex.getByText(/prod: .*since/).waitFor();
    await alex.setViewportSize({ width: 320, height: 800 });
    await picture(alex, "chat-status-320");
    expect(await overhang(alex)).toBeLessThanOrEqual(0);
  });
});
