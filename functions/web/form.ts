import type { z } from "zod";
import { readBody } from "../body.ts";
import type { RequestContext } from "../requests/context.ts";
import { RequestError } from "../requests/errors.ts";
import { refuseForged } from "./forgery.ts";

/** The largest form that is read: its longest fields are reasons. */
const FORM_BYTES_MAX = 65_536;

/** The fields of a form that was sent, by name; of a field that was sent more than once the last. */
export type Form = Readonly<Record<string, string>>;

/** Reads the form that a person sent. @throws RequestError when it is forged, too large or no form. */
export async function readForm(context: RequestContext, person: string): Promise<Form> {
  const body = await readBody(context.env.incoming, FORM_BYTES_MAX);
  if (!body.ok) {
    const { kind, reason } = body.refusal;
    throw new RequestError(kind === "too-large" ? "PAYLOAD_TOO_LARGE" : "INVALID_ARGUMENT", reason);
  }
  const form = Object.fromEntries(new URLSearchParams(body.value));
  refuseForged(context, form, person);
  return form;
}
/** The form of the visitor. @throws RequestError as `readForm` does. */
export async function visitorsForm(context: RequestContext): Promise<Form> {
  return readForm(context, context.get("caller").email);
}

/** What a form says, in the shape that the API's body has. @throws RequestError INVALID_ARGUMENT with every problem. */
export function toBody<Schema extends z.ZodType>(
  schema: Schema,
  fields: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) {
    return parsed.data;
  }
  const reasons = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw new RequestError("INVALID_ARGUMENT", reasons.join("; "));
}

/** Whether a box was ticked. */
export function isTicked(form: Form, name: string): boolean {
  return form[name] === "yes";
}
