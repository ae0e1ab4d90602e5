import { html } from "hono/html";
import type { Hono } from "hono";
import type { RequestContext, RequestEnvironment } from "../../requests/context.ts";
import { RequestError } from "../../requests/errors.ts";
import { tokenField } from "../forgery.ts";
import { visitorsForm } from "../form.ts";
import type { Form } from "../form.ts";
import { show } from "../layout.ts";
import type { Page } from "../layout.ts";
import { refusalText } from "../parts/help.ts";
import { NOTHING } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";
import { fieldText } from "./field.ts";
import type { Field } from "./field.ts";

/** The field by which somebody says that they mean what they were shown. */
const CONFIRMED = "confirmed";

/** What would happen: what to show of it, what it was shown for, and whether it can be gone on with. */
export type Preview = {
  readonly body: Html;
  /** Fields that the confirmation carries beside those of the form. */
  readonly fixed?: Form;
  readonly canGoOn: boolean;
};

/** Something that a person does: asked by a form, shown before it is done, then done. */
export type Act = {
  readonly title: string;
  readonly trail: NonNullable<Page["trail"]>;
  readonly intro: Html;
  readonly fields: readonly Field[];
  /** Fields that are sent with what somebody fills in. */
  readonly fixed?: Form;
  /** What the button says. */
  readonly verb: string;
  readonly isDangerous?: boolean;
  /** What would happen; null where the page itself says all. @throws RequestError when it would be refused. */
  readonly preview: ((form: Form) => Promise<Preview>) | null;
  /** Does it. @returns the address of the page that shows what came of it. @throws RequestError */
  readonly perform: (form: Form) => Promise<string>;
};

type Answer = Response | Promise<Response>;

/** Adds the page of an act. `prepare` says what it is, and throws where the visitor may not do it. */
export function addAct(
  app: Hono<RequestEnvironment>,
  path: string,
  prepare: (context: RequestContext) => Promise<Act>,
): void {
  app.get(path, async (context) => showForm(context, await prepare(context), {}));
  app.post(path, async (context) => {
    const form = await visitorsForm(context);
    const act = await prepare(context);
    const isMeant = act.preview === null || form[CONFIRMED] === "yes";
    try {
      return await (isMeant
        ? context.redirect(await act.perform(form), 303)
        : preview(context, act, form));
    } catch (error) {
      if (error instanceof RequestError && error.code < 500) {
        return showForm(context, act, { form, error });
      }
      throw error;
    }
  });
}

async function preview(context: RequestContext, act: Act, form: Form): Promise<Response> {
  const shown = await act.preview?.(form);
  const { title, trail } = act;
  const carried = { ...kept(act, form), ...shown?.fixed, [CONFIRMED]: "yes" };
  const confirm = html`<form method="post" class="confirm">
    ${tokenField(context, context.get("caller").email)} ${hidden(carried)} ${button(act)}
  </form>`;
  const body = html`<p>Nothing has been done yet. This would happen:</p>
    ${shown?.body ?? NOTHING} ${shown?.canGoOn === true ? confirm : NOTHING}
    <h2>Change it</h2>
    ${formText(context, act, form)}`;
  return show(context, { title, trail, body });
}

function showForm(
  context: RequestContext,
  act: Act,
  { form, error }: { readonly form?: Form; readonly error?: RequestError },
): Answer {
  const { title, trail, intro } = act;
  const problem =
    error === undefined ? NOTHING : html`<p class="problem" role="alert">${refusalText(error)}</p>`;
  const body = html`${problem}${intro}${formText(context, act, form ?? null)}`;
  const status = error?.code ?? 200;
  return show(context, { title, trail, body, status });
}

function formText(context: RequestContext, act: Act, form: Form | null): Html {
  const send = act.preview === null ? button(act) : html`<button>Show what would happen</button>`;
  return html`<form method="post" class="act">
    ${tokenField(context, context.get("caller").email)} ${hidden(act.fixed ?? {})}
    ${act.fields.map((field) => fieldText(field, form))} ${send}
  </form>`;
}

function button({ verb, isDangerous = false }: Act): Html {
  return isDangerous
    ? html`<button class="danger">${verb}</button>`
    : html`<button>${verb}</button>`;
}

/** The fields of the act as somebody filled them in. */
function kept({ fields, fixed = {} }: Act, form: Form): Form {
  const own = fields.map(({ name }) => [name, form[name] ?? ""] as const);
  return { ...fixed, ...Object.fromEntries(own.filter(([, value]) => value !== "")) };
}

function hidden(fields: Form): Html {
  return html`${Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`;
}
