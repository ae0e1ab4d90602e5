import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startSlack } from "../../emulators/slack/server.ts";
import type { RunningSlack } from "../../emulators/slack/server.ts";
import {
  contrastFaults,
  faults,
  hasNoBrowser,
  overhang,
  picture,
  startBrowser,
} from "../support/browser.ts";
import { ANN, BEN, clientOf, openApp } from "./slack-setting.ts";
import type { SlackApp } from "./slack-setting.ts";

/** What people write who mean no good, or no harm: markup, a long word, signs. */
const HOSTILE = `<script>alert(1)</script> "'& ${"long".repeat(60)} 🚢 <javascript:alert(2)|x>`;

const BLOCKS = [
  { type: "section", text: { type: "plain_text", text: "*not bold* :white_check_mark:" } },
  {
    type: "section",
    text: {
      type: "mrkdwn",
      text: "*Approval* by sre, `1.4.2`, open :arrow_forward:\n<https://example.com/p?a=1&amp;b=2|the promotion>, <@U0BEN> &lt;3, *<https://example.com/p_1_|web _1_>* asked <@U0NOBODY>",
    },
  },
  { type: "context", elements: [{ type: "mrkdwn", text: "asked by dana" }] },
  {
    type: "actions",
    elements: [
      {
        type: "button",
        action_id: "approve",
        style: "primary",
        text: { type: "plain_text", text: "Approve" },
        value: "p1",
      },
      {
        type: "button",
        action_id: "reject",
        style: "danger",
        text: { type: "plain_text", text: "Reject" },
      },
    ],
  },
];

describe.skipIf(hasNoBrowser())("the page of the channels", () => {
  let slack: RunningSlack;
  let app: SlackApp;
  let browser: Browser;
  beforeAll(async () => {
    [app, browser] = await Promise.all([openApp(), startBrowser()]);
    slack = await startSlack({
      users: [ANN, BEN],
      channels: ["ops", "other"],
      requestUrl: app.url,
    });
  });
  afterAll(async () => {
    await Promise.all([browser.close(), slack.close(), app.close()]);
  });

  // A page that stays open looks every second for what is new.
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  async function open(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(slack.url);
    return page;
  }

  test("shows a message and its thread as they come, and presses its buttons", async () => {
    const page = await open();
    const { ts = "", channel = "" } = await clientOf(slack).chat.postMessage({
      channel: "ops",
      text: "web waits",
      blocks: BLOCKS,
    });
    await clientOf(slack).chat.postMessage({ channel, thread_ts: ts, text: HOSTILE });
    await page.getByRole("link", { name: "#ops" }).click();
    await page.getByRole("heading", { level: 1, name: "#ops" }).waitFor();
    const shown = await page.locator("#messages").innerText();
    expect(shown).toContain("*not bold* ✅");
    expect(shown).toContain("open ▶️");
    // A link is bold where the marks are around it, and has none of its own.
    const bold = page.locator("#messages strong > a[href='https://example.com/p_1_']");
    expect(await bold.innerText()).toBe("web _1_");
    expect(shown).toContain("<3");
    expect(shown).toContain("<script>alert(1)</script>");
    expect(await page.locator("#messages strong").first().innerText()).toBe("Approval");
    expect(await page.locator("#messages .thread").count()).toBe(1);
    expect(await page.locator("a[href='https://example.com/p?a=1&b=2']").count()).toBe(1);
    expect(await page.locator("a[href^=javascript]").count()).toBe(0);

    expect(app.arrived).toHaveLength(0);
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("heading", { level: 1, name: "#ops" }).waitFor();
    expect(app.arrived.at(-1)?.body).toContain("block_actions");
    await clientOf(slack).chat.update({ channel, ts, text: "web is *done*" });
    await page.locator("#messages strong", { hasText: "done" }).waitFor();
  });

  test("gives a command as whoever one is, and shows the answer to them alone", async () => {
    const page = await open();
    app.answerWith({ body: JSON.stringify({ text: "only for Ben" }) });
    await page.getByLabel("You are").selectOption({ label: "Ben (ben@example.com)" });
    await page.getByRole("button", { name: "Switch" }).click();
    await page.getByLabel(/^Message, or a command/).fill("/slipway status web");
    await page.keyboard.press("Enter");
    await page.getByText("only for Ben").waitFor();
    expect(new URLSearchParams(app.arrived.at(-1)?.body).get("user_id")).toBe(BEN.id);
    await page.getByLabel(/^Message, or a command/).fill("/deploy");
    await page.keyboard.press("Enter");
    await page.getByText("/deploy is not a valid command").waitFor();
    const other = await open();
    expect(await other.locator("#messages").innerText()).not.toContain("only for Ben");
  });

  test("shows a modal, what is wrong in it, and closes it", async () => {
    await slack.command({ user: ANN.id, channel: "ops", text: "reject p1" });
    const trigger_id = new URLSearchParams(app.arrived.at(-1)?.body).get("trigger_id") ?? "";
    await clientOf(slack).views.open({
      trigger_id,
      view: {
        type: "modal",
        title: { type: "plain_text", text: "Reject" },
        submit: { type: "plain_text", text: "Reject it" },
        blocks: [
          {
            type: "input",
            block_id: "reason",
            label: { type: "plain_text", text: "Why" },
            hint: { type: "plain_text", text: "It is on the record." },
            element: { type: "plain_text_input", action_id: "text", multiline: true },
          },
        ],
      },
    });
    const page = await open();
    const dialog = page.getByRole("dialog", { name: "Reject" });
    app.answerWith({
      body: JSON.stringify({ response_action: "errors", errors: { reason: "say more" } }),
    });
    await dialog.getByLabel("Why").fill("no");
    await dialog.getByRole("button", { name: "Reject it" }).click();
    await dialog.getByText("say more").waitFor();
    await picture(page, "slack-modal");
    expect(await faults(page)).toEqual([]);
    app.answerWith({});
    await dialog.getByLabel("Why").fill("it is broken");
    await dialog.getByRole("button", { name: "Reject it" }).click();
    await dialog.waitFor({ state: "detached" });
  });

  test("has nothing for axe to say and is not wider than 320 pixels, light and dark", async () => {
    const { channel = "" } = await clientOf(slack).chat.postMessage({
      channel: "ops",
      text: HOSTILE,
      blocks: BLOCKS,
    });
    await clientOf(slack).chat.postMessage({ channel, text: `\`${HOSTILE}\`` });
    const page = await open();
    await page.getByRole("link", { name: "#ops" }).click();
    await picture(page, "slack-1280-light");
    expect(await faults(page)).toEqual([]);
    // The same page in the dark has other colours, and in a narrow window another width: nothing else.
    await page.emulateMedia({ colorScheme: "dark" });
    await picture(page, "slack-1280-dark");
    expect(await contrastFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 800 });
    await picture(page, "slack-320-dark");
    expect(await overhang(page)).toBeLessThanOrEqual(0);
  });
});
