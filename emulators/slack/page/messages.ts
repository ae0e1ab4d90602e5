import { html } from "hono/html";
import type { Html } from "../../kit/bare-page.ts";
import type { Button, ViewBlock } from "../block-rules.ts";
import { APP, type Message, messagesIn, type SlackState } from "../state.ts";
import { NOTHING, showMrkdwn, showText } from "./mrkdwn.ts";

/** Who looks at which channel. */
export type Look = {
  readonly state: SlackState;
  /** The person's id. */
  readonly person: string;
  /** The channel's id. */
  readonly channel: string;
};

/** How many messages of a channel are shown, the newest. */
const SHOWN_MAX = 200;

/** Shows the messages of the channel, oldest first, replies below the message that they answer. */
export function showMessages(look: Look): Html {
  const seen = messagesIn(look.state, look.channel, look.person).slice(-SHOWN_MAX);
  const known = new Set(seen.map(({ ts }) => ts));
  const first = seen.filter(({ threadTs }) => threadTs === null || !known.has(threadTs));
  if (first.length === 0) {
    return html`<p class="quiet">Nothing was said here yet.</p>`;
  }
  return html`<ol class="messages">
    ${first.map((message) => {
      const replies = seen.filter(({ threadTs }) => threadTs === message.ts);
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
  const { author, ts, text, blocks, onlyFor, editedTs } = message;
  const { state } = look;
  const name = nameOf(author, state);
  return html`<article id="m-${ts}" class="${onlyFor === null ? "message" : "message own"}">
    <span class="face ${author}" aria-hidden="true">${name.slice(0, 1).toUpperCase()}</span>
    <div class="said">
      <p class="by">
        <b>${name}</b>${author === "app" ? html` <span class="tag">App</span>` : NOTHING}
        ${timeOf(ts)}${editedTs === null ? NOTHING : html` <span class="quiet">(edited)</span>`}
      </p>
      ${onlyFor === null ? NOTHING : html`<p class="quiet">Only visible to you</p>`}
      ${
        blocks.length > 0
          ? showBlocks(blocks, { state, button: (button) => pressable(button, message, look) })
          : html`<div class="section">${showMrkdwn(text, state)}</div>`
      }
    </div>
  </article>`;
}

function pressable(button: Button, { ts }: Message, { person, channel }: Look): Html {
  const { text, style = "", action_id: action } = button;
  return html`<form method="post" action="/page/press">
    ${hidden({ as: person, channel, ts, action })}
    <button class="${style}">${text.text}</button>
  </form>`;
}

/** Fields that a form carries unseen. */
export function hidden(fields: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`;
}

function nameOf(author: string, { people }: SlackState): string {
  if (author === "app") {
    return APP.name;
  }
  return author === "slack" ? "Slackbot" : (people.get(author)?.real_name ?? author);
}

function timeOf(ts: string): Html {
  const iso = new Date(Math.floor(Number(ts)) * 1000).toISOString();
  return html`<time class="quiet" datetime="${iso}"
    >${iso.slice(0, 10)} ${iso.slice(11, 19)}</time
  >`;
}

/** What a field takes that does not say. Source: `PlainTextInput` of `@slack/types` */
const LENGTH_MAX = 3000;

/** How the blocks around are shown. */
type BlockPlace = {
  readonly state: SlackState;
  /** Shows a button that can be pressed. */
  readonly button: (button: Button) => Html;
  /** What the app found wrong with a field, by block. */
  readonly errors?: Readonly<Record<string, string>>;
};

/** Shows blocks, one below the other. */
export function showBlocks(blocks: readonly ViewBlock[], place: BlockPlace): Html {
  return html`${blocks.map((block) => showBlock(block, place))}`;
}

function showBlock(block: ViewBlock, place: BlockPlace): Html {
  const { state, button } = place;
  switch (block.type) {
    case "context":
      return html`<p class="context">
        ${block.elements.map((one) => html`<span>${showText(one, state)}</span> `)}
      </p>`;
    case "actions":
      return html`<div class="actions">${block.elements.map(button)}</div>`;
    case "section":
      return html`<div class="section">${showText(block.text, state)}</div>`;
    case "input":
      return showInput(block, place);
  }
}

function showInput(
  { block_id: id, label, hint, element }: ViewBlock & { readonly type: "input" },
  { errors = {} }: BlockPlace,
): Html {
  const attributes = html`id="field-${id}" name="field-${id}" required aria-describedby="hint-${id}
  error-${id}" maxlength="${element.max_length ?? LENGTH_MAX}"`;
  return html`<div class="field">
    <label for="field-${id}">${label.text}</label>
    ${
      element.multiline === true
        ? html`<textarea rows="4" ${attributes}></textarea>`
        : html`<input type="text" ${attributes} />`
    }
    <p class="quiet" id="hint-${id}">${hint?.text ?? ""}</p>
    <p class="problem" id="error-${id}">${new Map(Object.entries(errors)).get(id) ?? ""}</p>
  </div>`;
}
