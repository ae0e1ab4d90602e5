/** The outcome of something that may be refused: a value, or the reason. */
export type Result<Value, Refused> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refused };

/** A successful result. */
export function accepted<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** A refused result. */
export function refused<Refused>(refusal: Refused): {
  readonly ok: false;
  readonly refusal: Refused;
} {
  return { ok: false, refusal };
}
