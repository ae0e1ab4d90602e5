/** A field that is there or not, or one of a list of its kind. */
export type Trait = readonly [string, string | null | undefined];

/** How often a job's task is tried again if nobody says. Source: https://cloud.google.com/run/docs/configuring/max-retries */
export const RETRIES_DEFAULT = 3;

/** A number. Zero is what the API says of a number that nobody set. */
export function number(
  value: { readonly toString: () => string } | null | undefined,
): string | null {
  const text = value?.toString() ?? "0";
  return text === "0" ? null : text;
}

/** Values in one line. */
export function listed(values: readonly string[] | null | undefined): string | null {
  return values === null || values === undefined ? null : values.join(" ");
}
