import { html } from "hono/html";
import type { Button, ViewBlock } from "../block-rules.ts";
import type { SlackState } from "../state.ts";
import type { Html } from "../../kit/bare-page.ts";
import { NOTHING, showText } from "./mrkdwn.ts";

/** What a field takes that does not say. Source: `PlainTextInput` of `@slack/types` */
const LENGTH_MAX = 3000;

/** How the blocks around are shown. */
export type BlockPlace = {
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
    case "header":
      return html`<p class="title">${showText(block.text, state)}</p>`;
    case "divider":
      return html`<hr />`;
    case "context":
      return html`<p class="context">
        ${block.elements.map((one) => html`<span>${showText(one, state)}</span> `)}
      </p>`;
    case "actions":
      return html`<div class="actions">${block.elements.map(button)}</div>`;
    case "section":
      return html`<div class="section">
        <div>
          ${block.text === undefined ? NOTHING : showText(block.text, state)}
          ${
            block.fields === undefined
              ? NOTHING
              : html`<ul class="fields">
                  ${block.fields.map((field) => html`<li>${showText(field, state)}</li>`)}
                </ul>`
          }
        </div>
        ${block.accessory === undefined ? NOTHING : button(block.accessory)}
      </div>`;
    case "input":
      return showInput(block, place);
  }
}

function showInput(
  block: ViewBlock & { readonly type: "input" },
  { errors = {} }: BlockPlace,
): Html {
  const id = block.block_id ?? "";
  const error = new Map(Object.entries(errors)).get(id);
  const isOptional = block.optional === true;
  return html`<div class="field">
    <label for="field-${id}">${block.label.text}${isOptional ? " (optional)" : ""}</label>
    ${showField(block, `hint-${id} error-${id}`)}
    <p class="quiet" id="hint-${id}">${block.hint?.text ?? ""}</p>
    <p class="problem" id="error-${id}">${error ?? ""}</p>
  </div>`;
}

function showField(block: ViewBlock & { readonly type: "input" }, describedBy: string): Html {
  const { element, optional } = block;
  const { initial_value: value = "", max_length: most = LENGTH_MAX } = element;
  const id = `field-${block.block_id ?? ""}`;
  const attributes = html`id="${id}" name="${id}" aria-describedby="${describedBy}"
  maxlength="${most}" ${optional === true ? NOTHING : html`required`}`;
  return element.multiline === true
    ? html`<textarea rows="4" ${attributes}>${value}</textarea>`
    : html`<input type="text" value="${value}" ${attributes} />`;
}
