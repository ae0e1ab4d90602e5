/**
 * What a record holds under a name from outside; undefined when it holds nothing there. Reading `record[name]`
 * would find what every object has: for an environment called `constructor`, a function.
 */
export function entryOf<Value>(
  record: Readonly<Record<string, Value>>,
  name: string,
): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
