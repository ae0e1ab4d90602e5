import type { z } from "zod";
import { ErrorBody } from "../../shared/wire/api/schemas.ts";

/** A JSON body of a shape, for the description of the API. */
type JsonBody = {
  readonly description: string;
  readonly content: { readonly "application/json": { readonly schema: z.ZodType } };
};

const ERRORS: readonly (readonly [string, string])[] = [
  ["400", "The request is malformed"],
  ["401", "No identity, or one that is not accepted"],
  ["403", "The caller may not do this"],
  ["404", "There is no such thing"],
  ["409", "A closed gate, or a state that does not allow it"],
  ["413", "The body has more than 1 MiB"],
  ["503", "Busy or unreachable; try again after the seconds in retry-after"],
];

/** The answers of a route: its own, and the errors that every call may meet. */
export function answers(
  code: 200 | 201 | 202,
  schema: z.ZodType,
  what: string,
): Record<string, JsonBody> {
  const errors = ERRORS.map(
    ([error, description]) => [error, toJson(ErrorBody, description)] as const,
  );
  return { ...Object.fromEntries(errors), [String(code)]: toJson(schema, what) };
}

/** A request body of a shape; it may be left out where every field may. */
export function toBody<Schema extends z.ZodType>(
  schema: Schema,
): { readonly content: { readonly "application/json": { readonly schema: Schema } } } {
  return { content: { "application/json": { schema } } };
}

function toJson(schema: z.ZodType, description: string): JsonBody {
  return { description, content: { "application/json": { schema } } };
}
