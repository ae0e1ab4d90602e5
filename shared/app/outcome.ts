/** What became of a message: decided, or passed over for a reason that is no failure. */
export type Outcome =
  | { readonly kind: "decided"; readonly what: string }
  | { readonly kind: "ignored"; readonly why: string };

/** A message that led to a decision. */
export function decided(what: string): Outcome {
  return { kind: "decided", what };
}

/** A message that is rightly passed over. */
export function ignored(why: string): Outcome {
  return { kind: "ignored", why };
}
