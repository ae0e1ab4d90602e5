import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * What Slack's own client declares of the answers of the Web API's methods: it makes these types of answers that Slack
 * gave. Slack's published OpenAPI is older than most of what is used here.
 * Source: https://github.com/slackapi/node-slack-sdk/tree/main/packages/web-api/src/types/response
 */
const RESPONSES = new URL("types/response/", import.meta.resolve("@slack/web-api"));

/** The kinds of a file's fields by the type's name; of an enumeration its values, with no kind. */
type Types = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Says what of an answer of a method is not as the client declares it: a field that it does not know, or one of another kind. */
export function brokenIn(method: string, answer: unknown): readonly string[] {
  const whole = `${method.split(".").map(capitalized).join("")}Response`;
  const text = readFileSync(fileURLToPath(new URL(`${whole}.d.ts`, RESPONSES)), "utf8");
  return brokenAs(typesIn(text), whole, { at: method, value: answer });
}

function capitalized(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

function typesIn(text: string): Types {
  const blocks = text.matchAll(
    /export (?:declare )?(?:interface|type|enum) (?<name>\w+)(?: = WebAPICallResult &)?(?: =)? \{\n?(?<body>(?: .*\n)*)\}/g,
  );
  return new Map(
    [...blocks].map(({ groups }) => [groups?.["name"] ?? "", fieldsIn(groups?.["body"] ?? "")]),
  );
}

/** `name?: Kind;`, or `Name = "value"`. */
function fieldsIn(body: string): ReadonlyMap<string, string> {
  const fields = body.matchAll(/^ {4}(?:(?<name>\w+)\?: (?<kind>.+);|\w+ = "(?<value>.*)",?)$/gm);
  return new Map(
    [...fields].map(({ groups }) => [
      groups?.["name"] ?? groups?.["value"] ?? "",
      groups?.["kind"] ?? "",
    ]),
  );
}

type Found = { readonly at: string; readonly value: unknown };

/** A kind may be one of several. What is null is left out elsewhere. */
function brokenAs(types: Types, kind: string, found: Found): readonly string[] {
  if (found.value === null || found.value === undefined) {
    return [];
  }
  const tried = kind.split(" | ").map((one) => brokenAsOne(types, one, found));
  return tried.some((broken) => broken.length === 0) ? [] : (tried[0] ?? []);
}

/** A list, a type of the file, or one of JavaScript's own. */
function brokenAsOne(types: Types, kind: string, { at, value }: Found): readonly string[] {
  if (kind.endsWith("[]")) {
    const of = kind.slice(0, -"[]".length);
    return Array.isArray(value)
      ? value.flatMap((one, index) => brokenAs(types, of, { at: `${at}[${index}]`, value: one }))
      : [`${at} is no list`];
  }
  const fields = types.get(kind);
  if (fields !== undefined) {
    return brokenFields(types, fields, { at, value });
  }
  return typeof value === kind ? [] : [`${at} is no ${kind}`];
}

function brokenFields(
  types: Types,
  fields: ReadonlyMap<string, string>,
  { at, value }: Found,
): readonly string[] {
  if (typeof value === "string") {
    return fields.get(value) === "" ? [] : [`${at} may not be ${value}`];
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [`${at} is no record`];
  }
  // A type without fields stands for what an app made itself.
  const inner = fields.size === 0 ? [] : Object.entries(value);
  return inner.flatMap(([name, one]) => {
    const declared = fields.get(name);
    return declared === undefined
      ? [`${at}.${name} is not declared`]
      : brokenAs(types, declared, { at: `${at}.${name}`, value: one });
  });
}
