/** A value that must be there for the test to go on. @throws Error naming what is missing. */
export function present<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) {
    throw new Error(`missing: ${what}`);
  }
  return value;
}
