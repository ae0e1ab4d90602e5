import { evaluate, isTruth } from "./evaluate.ts";
import type { TemplateValues } from "./evaluate.ts";
import { parseTemplate } from "./parse-template.ts";
import type { TemplateNode } from "./parse-template.ts";
import { TemplateError } from "./template-error.ts";

/** What is wrong with a template, and where in the value, both from 1. */
export type TemplateFlaw = {
  readonly message: string;
  readonly line: number;
  readonly column: number;
};

/** Upstream's language escapes what it fills in, since it takes every text for a page's. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\0", "\u{FFFD}"],
  ['"', "&#34;"],
  ["&", "&amp;"],
  ["'", "&#39;"],
  ["+", "&#43;"],
  ["<", "&lt;"],
  [">", "&gt;"],
]);
const ESCAPED = /[\0"&'+<>]/g;
/** Where upstream would begin to read a tag or a comment, within which it fills in by other rules. */
const TAG = /<(?:\/?[A-Za-z]|!--)/;

/** Any names will do: whether a template can be filled in does not rest on what is filled in. */
const SAMPLES: TemplateValues = { ProjectID: "project", ServiceDnsName: "" };

/** What keeps a value from being filled in; null when nothing does. */
export function findTemplateFlaw(text: string): TemplateFlaw | null {
  try {
    check(parseTemplate(text));
    return null;
  } catch (error) {
    if (error instanceof TemplateError) {
      return { message: error.message, ...positionOf(text, error.offset) };
    }
    throw error;
  }
}

/**
 * Fills in what stands between double braces, as upstream's html/template does.
 * Source: https://pkg.go.dev/html/template
 * @throws TemplateError for a value that has a flaw.
 */
export function fillTemplate(text: string, values: TemplateValues): string {
  return text.includes("{{") ? write(parseTemplate(text), values) : text;
}

function write(nodes: readonly TemplateNode[], values: TemplateValues): string {
  return nodes.map((node) => writeNode(node, values)).join("");
}

function writeNode(node: TemplateNode, values: TemplateValues): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "print": {
      const value = String(evaluate(node.pipeline, values));
      return value.replaceAll(ESCAPED, (found) => ESCAPES.get(found) ?? found);
    }
    case "if":
      return write(isTruth(evaluate(node.condition, values)) ? node.yes : node.no, values);
  }
}

/** Every branch is tried, also those that the samples would not lead to. */
function check(nodes: readonly TemplateNode[]): void {
  if (nodes.some(({ kind }) => kind !== "text")) {
    nodes.forEach(checkNode);
  }
}

function checkNode(node: TemplateNode): void {
  switch (node.kind) {
    case "text":
      refuseTag(node.text, node.offset);
      return;
    case "print":
      evaluate(node.pipeline, SAMPLES);
      return;
    case "if":
      evaluate(node.condition, SAMPLES);
      node.yes.forEach(checkNode);
      node.no.forEach(checkNode);
  }
}

function refuseTag(text: string, offset: number): void {
  const at = text.search(TAG);
  if (at >= 0) {
    const message = "upstream takes this for HTML, in which it fills in by other rules";
    throw new TemplateError(offset + at, message);
  }
}

function positionOf(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
