import { html } from "hono/html";
import { REASON_LENGTH_MAX } from "../../../shared/wire/text.ts";
import type { Form } from "../form.ts";
import { NOTHING, plainText } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";

/** A field that somebody fills in. */
export type Field = {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
} & (
  | {
      readonly kind: "text";
      readonly isRequired?: boolean;
      readonly suggestions?: readonly Choice[];
      readonly initial?: string;
    }
  | { readonly kind: "reason"; readonly isRequired?: boolean }
  | { readonly kind: "box"; readonly isTicked?: boolean }
  | { readonly kind: "choice"; readonly choices: readonly Choice[]; readonly chosen?: string }
);

/** One of several values, and how it is called. */
export type Choice = { readonly value: string; readonly label: string };

/** A reason that is asked for. */
export const REASON: Field = {
  kind: "reason",
  name: "reason",
  label: "Reason",
  hint: "It goes on the record.",
  isRequired: true,
};

/** The same where none is needed. */
export const REASON_IF_ANY: Field = { ...REASON, label: "Reason, if any", isRequired: false };

/** A field as it stands in a form; `form` is what somebody has filled in, null for a fresh form. */
export function fieldText(field: Field, form: Form | null): Html {
  const { name, label, hint } = field;
  const id = `field-${name}`;
  const note = hint === undefined ? NOTHING : html`<div class="hint" id="${id}-hint">${hint}</div>`;
  const about = hint === undefined ? NOTHING : html`aria-describedby="${id}-hint"`;
  const names = html`id="${id}" name="${name}" ${about} ${isRequired(field) ? "required" : ""}`;
  const input = inputText(field, { names, form, id });
  return field.kind === "box"
    ? html`<div class="field"><label class="box" for="${id}">${input}${label}</label>${note}</div>`
    : html`<div class="field"><label for="${id}">${label}</label>${input}${note}</div>`;
}

function isRequired(field: Field): boolean {
  return (field.kind === "text" || field.kind === "reason") && field.isRequired === true;
}

type Filled = { readonly names: Html; readonly form: Form | null; readonly id: string };

function inputText(field: Field, { names, form, id }: Filled): Html {
  const value = form === null ? initialOf(field) : (form[field.name] ?? "");
  switch (field.kind) {
    case "text": {
      const choices = field.suggestions ?? [];
      const list = choices.length === 0 ? NOTHING : html`list="${id}-list"`;
      const input = html`<input ${names} ${list} value="${value}" autocomplete="off" />`;
      return html`${input}${suggestions(id, choices)}`;
    }
    case "reason": {
      const bounds = html`rows="3" maxlength="${REASON_LENGTH_MAX}"`;
      return html`<textarea ${names} ${bounds}>${value}</textarea>`;
    }
    case "box":
      return html`<input
        type="checkbox"
        ${names}
        value="yes"
        ${value === "yes" ? "checked" : ""}
      />`;
    case "choice": {
      const options = field.choices.map((choice) => option(choice, value));
      return html`<select ${names}>
        ${options}
      </select>`;
    }
  }
}

/** What stands in a field of a fresh form. */
function initialOf(field: Field): string {
  switch (field.kind) {
    case "text":
      return field.initial ?? "";
    case "reason":
      return "";
    case "box":
      return field.isTicked === true ? "yes" : "";
    case "choice":
      return field.chosen ?? "";
  }
}

function suggestions(id: string, choices: readonly Choice[]): Html {
  return choices.length === 0
    ? NOTHING
    : html`<datalist id="${id}-list">${choices.map((choice) => option(choice, null))}</datalist>`;
}

function option({ value, label }: Choice, chosen: string | null): Html {
  return html`<option value="${value}" ${value === chosen ? "selected" : ""}>
    ${plainText(label)}
  </option>`;
}
