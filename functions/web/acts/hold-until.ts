import { days, instant, minutes } from "../../../shared/domain/time.ts";
import type { Duration, Instant } from "../../../shared/domain/time.ts";
import type { Form } from "../form.ts";
import type { Field } from "./field.ts";

const LENGTHS: Readonly<Record<string, { readonly label: string; readonly length: Duration }>> = {
  "1h": { label: "for an hour", length: minutes(60) },
  "4h": { label: "for four hours", length: minutes(240) },
  "1d": { label: "for a day", length: days(1) },
  "7d": { label: "for a week", length: days(7) },
};

/** For how long a hold stands. */
export const HOLD_UNTIL: Field = {
  kind: "choice",
  name: "length",
  label: "Until",
  choices: [
    { value: "", label: "somebody lifts it" },
    ...Object.entries(LENGTHS).map(([value, { label }]) => ({ value, label })),
  ],
};

/** When a hold ends by itself that is placed by such a form, as the API takes it; undefined where it does not. */
export function untilOf(form: Form, now: Instant): string | undefined {
  const found = LENGTHS[form["length"] ?? ""];
  return found === undefined ? undefined : new Date(instant(now + found.length)).toISOString();
}
