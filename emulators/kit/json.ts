/** A value as JSON carries it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. A field that is `undefined` is left out when it is written. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** Whether a value is a plain record: an object that is neither null nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
