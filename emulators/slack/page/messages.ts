import { html } from "hono/html";
import type { Button } from "../block-rules.ts";
import type { Author, Message, SlackState } from "../state.ts";
import type { Team } from "../workspace.ts";
import { showBlocks } from "./blocks.ts";
import type { Html } from "../../kit/bare-page.ts";
import { NOTHING, showMrkdwn } from "./mrkdwn.ts";

/** Who looks at which channel. */
export type Look = {
  readonly state: SlackState;
  readonly team: Team;
  /** The person's id. */
  readonly person: string;
  /** The channel's id. */
  readonly channel: string;
};

/** How many messages of a channel are shown, the newest. */
const SHOWN_MAX = 200;

/** Shows the messages of a channel, oldest first, replies below the message that they answer. */
export function showMessages(messages: readonly Message[], look: Look): Html {
  const seen = messages
    .filter(({ onlyFor }) => onlyFor === null || onlyFor === look.person)
    .slice(-SHOWN_MAX);
  const known = new Set(seen.map(({ ts }) => ts));
  const first = seen.filter(
    ({ ts, threadTs }) => threadTs === null || threadTs === ts || !known.has(threadTs),
  );
  if (first.length === 0) {
    return html`<p class="quiet">Nothing was said here yet.</p>`;
  }
  return html`<ol class="messages">
    ${first.map((message) => {
      const replies = seen.filter(
        ({ threadTs, ts }) => threadTs === message.ts && ts !== message.ts,
      );
      return html`<li>
        ${showMessage(message, look)}
        ${
          replies.length === 0
            ? NOTHING
            : html`<p class="quiet count">
                  ${replies.length === 1 ? "1 reply" : `${replies.length} replies`}
                </p>
                <ol class="thread">
                  ${replies.map((reply) => html`<li>${showMessage(reply, look)}</li>`)}
                </ol>`
        }
      </li>`;
    })}
  </ol>`;
}

function showMessage(message: Message, look: Look): Html {
  const { author, ts, text, blocks, onlyFor, editedTs, isTombstone } = message;
  const { state } = look;
  const name = nameOf(author, look);
  return html`<article id="m-${ts}" class="${onlyFor === null ? "message" : "message own"}">
    <span class="face ${author.kind}" aria-hidden="true">${name.slice(0, 1).toUpperCase()}</span>
    <div class="said">
      <p class="by">
        <b>${name}</b>${author.kind === "app" ? html` <span class="tag">App</span>` : NOTHING}
        ${timeOf(ts)}${editedTs === null ? NOTHING : html` <span class="quiet">(edited)</span>`}
      </p>
      ${onlyFor === null ? NOTHING : html`<p class="quiet">Only visible to you</p>`}
      ${
        blocks.length > 0
          ? showBlocks(blocks, { state, button: (button) => pressable(button, message, look) })
          : html`<div class="${isTombstone ? "quiet" : "section"}">
              <div>${showMrkdwn(text, state)}</div>
            </div>`
      }
    </div>
  </article>`;
}

/** A button with a question goes to the question first; one with an address is a link. */
function pressable(button: Button, { ts }: Message, { person, channel }: Look): Html {
  const { text, url, style = "", confirm, action_id = "", accessibility_label } = button;
  if (url !== undefined && /^https?:\/\//.test(url)) {
    return html`<a class="button ${style}" href="${url}" rel="noreferrer">${text.text}</a>`;
  }
  return html`<form
    method="${confirm === undefined ? "post" : "get"}"
    action="${confirm === undefined ? "/page/press" : "/"}"
  >
    ${hidden({ as: person, channel, ts, action: action_id })}
    <button
      class="${style}"
      ${accessibility_label === undefined ? NOTHING : html`aria-label="${accessibility_label}"`}
    >
      ${text.text}
    </button>
  </form>`;
}

/** Fields that a form carries unseen. */
export function hidden(fields: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`;
}

function nameOf(author: Author, { state, team }: Look): string {
  switch (author.kind) {
    case "app":
      return team.appName;
    case "slack":
      return "Slackbot";
    case "user":
      return state.users.get(author.id)?.realName ?? author.id;
  }
}

function timeOf(ts: string): Html {
  const iso = new Date(Math.floor(Number(ts)) * 1000).toISOString();
  return html`<time class="quiet" datetime="${iso}"
    >${iso.slice(0, 10)} ${iso.slice(11, 19)}</time
  >`;
}
