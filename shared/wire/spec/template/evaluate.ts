import { formatText } from "./printf.ts";
import type { Command, Operand, Pipeline, TemplateField } from "./parse-template.ts";
import { TemplateError } from "./template-error.ts";

/** What templates may name, with the values of one environment. */
export type TemplateValues = Readonly<Record<TemplateField, string>>;

/** What a pipeline gives. */
export type TemplateValue = string | number | boolean;

/** A value handed to a function, and where it stands. */
type Given = { readonly value: TemplateValue; readonly offset: number };

/** The value of a pipeline. @throws TemplateError where a function cannot do with what it gets. */
export function evaluate(pipeline: Pipeline, values: TemplateValues): TemplateValue {
  let handed: Given | null = null;
  for (const command of pipeline) {
    const given: readonly Given[] = handed === null ? [] : [handed];
    handed = { value: run(command, values, given), offset: command.offset };
  }
  return handed?.value ?? "";
}

/** Whether a condition holds: what is empty, nought or false does not. */
export function isTruth(value: TemplateValue): boolean {
  return value !== "" && value !== 0 && value !== false;
}

function run(command: Command, values: TemplateValues, handed: readonly Given[]): TemplateValue {
  if (command.kind === "operand") {
    return valueOf(command.operand, values);
  }
  const given = command.values
    .map((operand) => ({ value: valueOf(operand, values), offset: operand.offset }))
    .concat(handed);
  return call(command, given);
}

function valueOf(operand: Operand, values: TemplateValues): TemplateValue {
  switch (operand.kind) {
    case "value":
      return operand.value;
    case "field":
      return values[operand.field];
    case "pipeline":
      return evaluate(operand.pipeline, values);
  }
}

function call(
  { name, offset }: Extract<Command, { kind: "call" }>,
  given: readonly Given[],
): TemplateValue {
  const [first, ...others] = given;
  if (first === undefined) {
    throw new TemplateError(offset, `${name} needs a value`);
  }
  switch (name) {
    case "and":
      return (given.find(({ value }) => !isTruth(value)) ?? given.at(-1) ?? first).value;
    case "or":
      return (given.find(({ value }) => isTruth(value)) ?? given.at(-1) ?? first).value;
    case "not":
      refuseMore(name, others);
      return !isTruth(first.value);
    case "eq":
      return compare(name, given).includes(first.value);
    case "ne":
      refuseMore(name, others.slice(1));
      return !compare(name, given).includes(first.value);
    case "print":
      return print(given.map(({ value }) => value));
    case "printf":
      return formatText(first, others);
  }
}

function refuseMore(name: string, [more]: readonly Given[]): void {
  if (more !== undefined) {
    throw new TemplateError(more.offset, `${name} takes no more values`);
  }
}

/** The values that the first is compared with. Go compares only what is of one type. */
function compare(name: string, [first, ...others]: readonly Given[]): readonly TemplateValue[] {
  if (first === undefined || others.length === 0) {
    throw new TemplateError(first?.offset ?? 0, `${name} needs two values`);
  }
  const other = others.find(({ value }) => typeof value !== typeof first.value);
  if (other !== undefined) {
    throw new TemplateError(other.offset, `${name} compares only values of one type`);
  }
  return others.map(({ value }) => value);
}

/** Go puts a space between two values of which neither is text. */
function print(values: readonly TemplateValue[]): string {
  return values.reduce<string>((text, value, index) => {
    const before = values[index - 1];
    const isSpaced = index > 0 && typeof before !== "string" && typeof value !== "string";
    return `${text}${isSpaced ? " " : ""}${String(value)}`;
  }, "");
}
