import type { Json } from "../resource.ts";

/** The body of a block: arguments and further blocks, in their order. */
export type Body = readonly Entry[];

/** A line of a block's body. */
export type Entry =
  | { readonly kind: "argument"; readonly name: string; readonly value: Expression }
  | { readonly kind: "block"; readonly name: string; readonly body: Body };

/** What an argument is set to: a value, or words of the language as they are. */
export type Expression = { readonly value: Json } | { readonly words: string };

/** A block at the top of a module. */
export type Block = {
  readonly type: string;
  readonly labels: readonly string[];
  readonly comment: string;
  readonly body: Body;
};

/** An argument with a value. */
export function argument(name: string, value: Json): Entry {
  return { kind: "argument", name, value: { value } };
}

/** An argument with an expression of the language, such as a reference. */
export function expression(name: string, words: string): Entry {
  return { kind: "argument", name, value: { words } };
}

/** A block within a block. */
export function block(name: string, body: Body): Entry {
  return { kind: "block", name, body };
}

/** Blocks as the text of a module. Source: https://developer.hashicorp.com/terraform/language/syntax/configuration */
export function toHcl(blocks: readonly Block[]): string {
  return blocks
    .map(({ type, labels, comment, body }) => {
      const head = [type, ...labels.map(quoted)].join(" ");
      const said = comment === "" ? "" : `# ${comment}\n`;
      return `${said}${head} {\n${lines(body, "  ")}}\n`;
    })
    .join("\n");
}

function lines(body: Body, indent: string): string {
  return body
    .map((entry) =>
      entry.kind === "argument"
        ? `${indent}${entry.name} = ${shown(entry.value, indent)}\n`
        : `${indent}${entry.name} {\n${lines(entry.body, `${indent}  `)}${indent}}\n`,
    )
    .join("");
}

function shown(value: Expression, indent: string): string {
  return "words" in value ? value.words : literal(value.value, indent);
}

function literal(value: Json, indent: string): string {
  if (typeof value === "string") {
    return quoted(value);
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    return items.length === 0
      ? "[]"
      : `[\n${items.map((item) => `${inner}${literal(item, inner)},\n`).join("")}${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const rows = entries.map(([key, item]) => `${inner}${quoted(key)} = ${literal(item, inner)}\n`);
    return entries.length === 0 ? "{}" : `{\n${rows.join("")}${indent}}`;
  }
  return String(value);
}

/** A text between quotes. A dollar or percent sign before a brace would begin a template. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign);
}
