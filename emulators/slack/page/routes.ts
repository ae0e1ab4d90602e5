import type { Hono } from "hono";
import { asset, barePage, PAGE_HEADERS as HEADERS } from "../../kit/bare-page.ts";
import { readBody } from "../../kit/body.ts";
import { COMMAND, type Interactions } from "../interactions.ts";
import { SlackError } from "../methods.ts";
import { type Channel, messagesIn, type SlackUser, type Workspace, write } from "../state.ts";
import { LIVE_SCRIPT } from "./live-script.ts";
import { channelPage } from "./page.ts";
import { STYLE } from "./style.ts";

/** Who acts in which channel, and what the form says. */
type Acting = {
  readonly person: SlackUser;
  readonly channel: Channel;
  readonly form: Readonly<Record<string, string>>;
};

/** Serves a page that shows the channels as a person sees them, and on which that person can act. */
export function addPage(app: Hono, workspace: Workspace, interactions: Interactions): void {
  app.get("/page/style.css", () => asset(STYLE, "css"));
  app.get("/page/live.js", () => asset(LIVE_SCRIPT, "javascript"));
  app.get("/", (c) => {
    const { person, channel } = lookOf(workspace, c.req.query());
    const page =
      person === undefined || channel === undefined
        ? barePage("Local Slack", "This workspace has no channels or no people yet.")
        : channelPage({ workspace, person, channel });
    return c.html(page, 200, HEADERS);
  });
  /** Does what a form asks for and goes back to the channel. */
  function on(path: string, run: (acting: Acting) => unknown): void {
    app.post(path, async (c) => {
      const form = Object.fromEntries(new URLSearchParams(await readBody(c.req.raw)));
      const { person, channel } = lookOf(workspace, form);
      if (person === undefined || channel === undefined) {
        return c.redirect("/", 303);
      }
      try {
        await run({ person, channel, form });
      } catch (error) {
        // The button or the modal is gone meanwhile: the page shows what is there now.
        if (!(error instanceof SlackError)) {
          throw error;
        }
      }
      return c.redirect(`/?channel=${channel.id}&as=${person.id}`, 303);
    });
  }
  on("/page/say", (acting) => say(workspace, interactions, acting));
  on("/page/press", ({ person, channel, form: { ts = "", action = "" } }) =>
    interactions.press({ user: person.id, channel: channel.id, ts, actionId: action }),
  );
  on("/page/submit", ({ person, form: { view = "", close, ...form } }) => {
    if (close !== undefined) {
      return workspace.state.views.delete(view);
    }
    const fields = Object.entries(form).filter(([name]) => name.startsWith(FIELD));
    const values = fields.map(([name, value]) => [name.slice(FIELD.length), value] as const);
    return interactions.submit({ user: person.id, view, values: Object.fromEntries(values) });
  });
}

/** What the name of a block's field begins with. */
const FIELD = "field-";

/** Whoever and whatever is asked for; else the first person and the channel with the newest message. */
function lookOf(
  { state }: Workspace,
  asked: Readonly<Record<string, string>>,
): { readonly person: SlackUser | undefined; readonly channel: Channel | undefined } {
  const { people, channels } = state;
  const lastIn = ({ id }: Channel): string => messagesIn(state, id).at(-1)?.ts ?? "";
  const [newest] = [...channels.values()].toSorted((left, right) =>
    lastIn(right).localeCompare(lastIn(left)),
  );
  return {
    person:
      people.get(asked["as"] ?? "") ?? [...people.values()].find(({ is_bot }) => is_bot !== true),
    channel: channels.get(asked["channel"] ?? "") ?? newest,
  };
}

/** Gives a command, or writes a message. */
function say(
  workspace: Workspace,
  interactions: Interactions,
  { person, channel, form }: Acting,
): unknown {
  const text = (form["text"] ?? "").trim();
  const [word = ""] = text.split(/\s/, 1);
  if (word === COMMAND) {
    const rest = text.slice(word.length).trim();
    return interactions.command({ user: person.id, channel: channel.id, text: rest });
  }
  const isCommand = text.startsWith("/");
  return write(workspace, {
    channel: channel.id,
    text: encode(
      isCommand ? `${word} is not a valid command. In this workspace there is ${COMMAND}.` : text,
    ),
    onlyFor: isCommand ? person.id : null,
    author: isCommand ? "slack" : person.id,
  });
}

/** What people write is kept as Slack keeps it. Source: https://docs.slack.dev/messaging/formatting-message-text#escaping */
function encode(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
