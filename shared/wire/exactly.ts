import type { z } from "zod";

/**
 * A schema for a type that was there first. The compiler refuses a schema that gives less than the type
 * has, and one that does not know all that the type allows.
 */
export function exactly<Type>(): <Schema extends z.ZodType<Type>>(
  schema: [Type] extends [z.output<Schema>] ? Schema : never,
) => z.ZodType<Type> {
  return (schema) => schema;
}
