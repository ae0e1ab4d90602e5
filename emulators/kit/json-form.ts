/**
 * The JSON form of a message, given the type that a client library has for it: what requests bring and answers take.
 * Times, durations and masks are text, enums are their names, and nothing is null.
 */
export type JsonForm<T> = T extends number
  ? `${number}` extends `${T}`
    ? number
    : never
  : T extends string | boolean
    ? T
    : T extends readonly (infer Element)[]
      ? readonly Items<JsonForm<NonNullable<Element>>>[]
      : [keyof T] extends [never]
        ? object
        : keyof T extends "seconds" | "nanos" | "paths"
          ? string
          : { readonly [Field in keyof T]: JsonForm<NonNullable<T[Field]>> };

/** Of an enum in a list the clients' types have no names. */
type Items<Element> = [Element] extends [never] ? string : Element;
