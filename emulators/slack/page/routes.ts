import type { Context as HonoContext, Hono } from "hono";
import { barePage } from "../../kit/bare-page.ts";
import { readBody } from "../../kit/body.ts";
import {
  COMMAND,
  type Interactions,
  sendCommand,
  sendPress,
  sendSubmission,
} from "../interactions.ts";
import { SlackError } from "../methods.ts";
import { type Channel, messagesIn, type SlackUser, write } from "../state.ts";
import { LIVE_SCRIPT } from "./live-script.ts";
import { channelPage } from "./page.ts";
import { STYLE } from "./style.ts";

/** The page runs its own script alone, and asks nothing of anybody else. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

/** Serves a page that shows the channels as a person sees them, and on which that person can act. */
export function addPage(app: Hono, interactions: Interactions): void {
  app.get("/page/style.css", () => asset(STYLE, "text/css"));
  app.get("/page/live.js", () => asset(LIVE_SCRIPT, "text/javascript"));
  app.get("/", (c) => show(c, interactions));
  app.post("/page/say", async (c) => act(c, interactions, say));
  app.post("/page/press", async (c) => act(c, interactions, press));
  app.post("/page/submit", async (c) => act(c, interactions, submit));
}

function asset(text: string, type: string): Response {
  return new Response(text, { headers: { ...HEADERS, "content-type": `${type}; charset=utf-8` } });
}

function show(c: HonoContext, interactions: Interactions): Response | Promise<Response> {
  const { workspace } = interactions;
  const { person, channel } = lookOf(interactions, c.req.query());
  if (person === undefined || channel === undefined) {
    const words = "This workspace has no channels or no people yet.";
    return c.html(barePage("Local Slack", words), 200, HEADERS);
  }
  return c.html(channelPage({ workspace, person, channel }), 200, HEADERS);
}

/** Whoever and whatever is asked for; else the first person and the channel with the newest message. */
function lookOf(
  { workspace }: Interactions,
  asked: Readonly<Record<string, string>>,
): { readonly person: SlackUser | undefined; readonly channel: Channel | undefined } {
  const { users, channels } = workspace.state;
  const lastIn = ({ id }: Channel): string => messagesIn(workspace.state, id).at(-1)?.ts ?? "";
  const newest = [...channels.values()].toSorted((left, right) =>
    lastIn(right).localeCompare(lastIn(left)),
  )[0];
  return {
    person: users.get(asked["as"] ?? "") ?? [...users.values()].find(({ isBot }) => isBot !== true),
    channel: channels.get(asked["channel"] ?? "") ?? newest,
  };
}

type Form = Readonly<Record<string, string>>;

type Act = (
  interactions: Interactions,
  who: { readonly person: SlackUser; readonly channel: Channel; readonly form: Form },
) => Promise<unknown>;

/** Does what a form asks for and goes back to the channel. */
async function act(c: HonoContext, interactions: Interactions, run: Act): Promise<Response> {
  const form = Object.fromEntries(new URLSearchParams(await readBody(c.req.raw)));
  const { person, channel } = lookOf(interactions, form);
  if (person === undefined || channel === undefined) {
    return c.redirect("/", 303);
  }
  try {
    await run(interactions, { person, channel, form });
  } catch (error) {
    // The button or the modal is gone meanwhile: the page shows what is there now.
    if (!(error instanceof SlackError)) {
      throw error;
    }
  }
  return c.redirect(`/?channel=${channel.id}&as=${person.id}`, 303);
}

const say: Act = async (interactions, { person, channel, form }) => {
  const { workspace } = interactions;
  const text = (form["text"] ?? "").trim();
  const [word = ""] = text.split(/\s/, 1);
  if (word === COMMAND) {
    const rest = text.slice(word.length).trim();
    await sendCommand(interactions, { user: person.id, channel: channel.id, text: rest });
    return;
  }
  const isCommand = text.startsWith("/");
  write(workspace, {
    channel: channel.id,
    text: encode(
      isCommand ? `${word} is not a valid command. In this workspace there is ${COMMAND}.` : text,
    ),
    onlyFor: isCommand ? person.id : null,
    author: isCommand ? { kind: "slack" } : { kind: "user", id: person.id },
  });
};

/** What people write is kept as Slack keeps it. Source: https://docs.slack.dev/messaging/formatting-message-text#escaping */
function encode(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const press: Act = async (interactions, { person, channel, form }) => {
  const { ts = "", action = "" } = form;
  await sendPress(interactions, { user: person.id, channel: channel.id, ts, actionId: action });
};

const submit: Act = async (interactions, { person, form }) => {
  const { view = "", close } = form;
  const { workspace } = interactions;
  if (close !== undefined) {
    workspace.state.views.delete(view);
    return;
  }
  const values = Object.fromEntries(
    Object.entries(form)
      .filter(([name]) => name.startsWith("field-"))
      .map(([name, value]) => [name.slice("field-".length), value]),
  );
  await sendSubmission(interactions, { user: person.id, view, values });
};
