import { z } from "zod";
import { didYouMean } from "./nearest.ts";

type Issue = z.core.$ZodRawIssue;

const SHOWN_LENGTH_MAX = 60;

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

/** Says what a value should have been, in the words of somebody who writes YAML. */
export function explainIssue(issue: Issue): string {
  if (issue.code === "invalid_type") {
    return explainType(issue);
  }
  if (issue.code === "invalid_value") {
    return explainChoice(issue);
  }
  if (issue.code === "too_small") {
    return explainTooSmall(issue);
  }
  if (issue.code === "too_big") {
    return issue.origin === "array"
      ? `may have at most ${issue.maximum} entries`
      : `must be at most ${issue.maximum}, not ${show(issue.input)}`;
  }
  if (issue.code === "invalid_key") {
    return "must have a name";
  }
  const description = describe(issue);
  return `is not valid${description === "" ? "" : `: ${description}`}`;
}

/** A value as a message shows it: short, texts quoted, lists and mappings by their kind. */
export function show(value: unknown): string {
  if (typeof value === "string") {
    const short = value.length > SHOWN_LENGTH_MAX ? `${value.slice(0, SHOWN_LENGTH_MAX)}…` : value;
    return JSON.stringify(short);
  }
  if (Array.isArray(value)) {
    return "a list";
  }
  if (typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  return value === undefined ? "nothing" : "a mapping";
}

function explainType(issue: Extract<Issue, { code: "invalid_type" }>): string {
  if (issue.input === undefined) {
    const description = describe(issue);
    return `is required${description === "" ? "" : `: ${description}`}`;
  }
  const wanted = KINDS[issue.expected] ?? issue.expected;
  const quoted = typeof issue.input === "string" && issue.input !== "" && !isNaN(+issue.input);
  const hint = quoted && wanted.endsWith("number") ? "; remove the quotes" : "";
  return `must be ${wanted}, not ${show(issue.input)}${hint}`;
}

function explainChoice(issue: Extract<Issue, { code: "invalid_value" }>): string {
  const values = issue.values.map(String);
  if (issue.input === undefined) {
    return `is required: one of ${values.join(", ")}`;
  }
  const written = typeof issue.input === "string" ? issue.input : "";
  const hint = didYouMean(written, values);
  return `must be one of ${values.join(", ")}, not ${show(issue.input)}${hint}`;
}

function explainTooSmall(issue: Extract<Issue, { code: "too_small" }>): string {
  if (issue.origin === "string") {
    const description = describe(issue);
    return `must not be empty${description === "" ? "" : `: ${description}`}`;
  }
  if (issue.origin === "array") {
    return `needs at least ${issue.minimum} entry`;
  }
  return `must be at least ${issue.minimum}, not ${show(issue.input)}`;
}

/** What the schema says the value is for. */
function describe(issue: Issue): string {
  const schema = issue.schema ?? issue.inst;
  return schema instanceof z.ZodType ? (schema.description ?? "") : "";
}
