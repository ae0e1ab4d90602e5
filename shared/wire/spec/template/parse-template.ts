import { unquote } from "./unquote.ts";
import { TemplateError } from "./template-error.ts";
import { cutTemplate } from "./tokens.ts";
import type { Piece, Token } from "./tokens.ts";

/** What the templates of a service.yaml may name. */
export const TEMPLATE_FIELDS = ["ProjectID", "ServiceDnsName"] as const;

/** A field that templates may name. */
export type TemplateField = (typeof TEMPLATE_FIELDS)[number];

/** Something with a value. */
export type Operand =
  | { readonly kind: "value"; readonly value: string | number | boolean; readonly offset: number }
  | { readonly kind: "field"; readonly field: TemplateField; readonly offset: number }
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline; readonly offset: number };

/** A value alone, or a function with its arguments. */
export type Command =
  | { readonly kind: "operand"; readonly operand: Operand; readonly offset: number }
  | {
      readonly kind: "call";
      readonly name: TemplateFunction;
      readonly values: readonly Operand[];
      readonly offset: number;
    };

/** Commands, each of which hands its value to the next. */
export type Pipeline = readonly Command[];

/** A part of a template. */
export type TemplateNode =
  | { readonly kind: "text"; readonly text: string; readonly offset: number }
  | { readonly kind: "print"; readonly pipeline: Pipeline; readonly offset: number }
  | {
      readonly kind: "if";
      readonly condition: Pipeline;
      readonly yes: readonly TemplateNode[];
      readonly no: readonly TemplateNode[];
      readonly offset: number;
    };

const FUNCTIONS = ["and", "eq", "ne", "not", "or", "print", "printf"] as const;

/** A function that templates may call. */
export type TemplateFunction = (typeof FUNCTIONS)[number];

const DEPTH_MAX = 32;
const CONSTANTS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);

/**
 * Parses a value as the part of Go's template language that Slipway fills in: fields, literals, the functions
 * above, brackets, pipes, if, else and end.
 * Source: https://pkg.go.dev/text/template
 * @throws TemplateError at whatever is not in that part, also where Go itself would take it.
 */
export function parseTemplate(text: string): readonly TemplateNode[] {
  const state: State = { pieces: cutTemplate(text), position: 0 };
  const { nodes, end } = readList(state, 0);
  if (end !== null) {
    throw new TemplateError(end.offset, `{{ ${end.word} }} belongs to no if`);
  }
  return nodes;
}

type State = { readonly pieces: readonly Piece[]; position: number };

/** What ends a list: `else`, perhaps with an if of its own, or `end`. */
type End = {
  readonly word: "else" | "end";
  readonly rest: readonly Token[];
  readonly offset: number;
};

type List = { readonly nodes: readonly TemplateNode[]; readonly end: End | null };

function readList(state: State, depth: number): List {
  const nodes: TemplateNode[] = [];
  for (;;) {
    const piece = state.pieces[state.position];
    state.position += 1;
    if (piece === undefined) {
      return { nodes, end: null };
    }
    if (piece.kind === "text") {
      nodes.push(piece);
      continue;
    }
    const { tokens, offset } = piece;
    const word = tokens[0]?.kind === "word" ? tokens[0].text : "";
    if (word === "else" || word === "end") {
      return { nodes, end: { word, rest: tokens.slice(1), offset } };
    }
    nodes.push(
      word === "if"
        ? readIf(state, { tokens: tokens.slice(1), offset, depth })
        : { kind: "print", pipeline: readWholePipeline(tokens, offset), offset },
    );
  }
}

type Opening = {
  readonly tokens: readonly Token[];
  readonly offset: number;
  readonly depth: number;
};

function readIf(state: State, { tokens, offset, depth }: Opening): TemplateNode {
  if (depth >= DEPTH_MAX) {
    throw new TemplateError(offset, `ifs may lie at most ${DEPTH_MAX} deep in each other`);
  }
  const condition = readWholePipeline(tokens, offset);
  const yes = readList(state, depth + 1);
  if (yes.end?.word !== "else") {
    closeIf(yes.end, offset);
    return { kind: "if", condition, yes: yes.nodes, no: [], offset };
  }
  const [first, ...rest] = yes.end.rest;
  if (first?.kind === "word" && first.text === "if") {
    const opening = { tokens: rest, offset: yes.end.offset, depth: depth + 1 };
    return { kind: "if", condition, yes: yes.nodes, no: [readIf(state, opening)], offset };
  }
  refuseMore(yes.end);
  const no = readList(state, depth + 1);
  closeIf(no.end, offset);
  return { kind: "if", condition, yes: yes.nodes, no: no.nodes, offset };
}

function closeIf(end: End | null, offset: number): void {
  if (end?.word !== "end") {
    throw new TemplateError(end?.offset ?? offset, "the if has no {{ end }} of its own");
  }
  refuseMore(end);
}

function refuseMore({ word, rest }: End): void {
  if (rest[0] !== undefined) {
    throw new TemplateError(rest[0].offset, `nothing may follow ${word}`);
  }
}

type Words = { readonly tokens: readonly Token[]; position: number; readonly offset: number };

function readWholePipeline(tokens: readonly Token[], offset: number): Pipeline {
  const words: Words = { tokens, position: 0, offset };
  const pipeline = readPipeline(words, 0);
  const left = tokens[words.position];
  if (left !== undefined) {
    throw new TemplateError(left.offset, `${left.text} closes nothing`);
  }
  return pipeline;
}

function readPipeline(words: Words, depth: number): Pipeline {
  const commands: Command[] = [];
  do {
    commands.push(readCommand(words, { depth, isFirst: commands.length === 0 }));
  } while (takeMark(words, "|"));
  return commands;
}

type Place = { readonly depth: number; readonly isFirst: boolean };

function readCommand(words: Words, { depth, isFirst }: Place): Command {
  const first = words.tokens[words.position];
  const offset = first?.offset ?? words.offset;
  const name = first?.kind === "word" ? FUNCTIONS.find((known) => known === first.text) : undefined;
  if (name !== undefined) {
    words.position += 1;
    return { kind: "call", name, values: readOperands(words, depth), offset };
  }
  const [operand, second] = readOperands(words, depth);
  if (operand === undefined) {
    throw new TemplateError(offset, "a value is missing between the braces");
  }
  if (second !== undefined) {
    throw new TemplateError(second.offset, "only a function takes values after it");
  }
  if (!isFirst) {
    throw new TemplateError(offset, "only a function may follow |");
  }
  return { kind: "operand", operand, offset };
}

function readOperands(words: Words, depth: number): readonly Operand[] {
  const operands: Operand[] = [];
  for (;;) {
    const token = words.tokens[words.position];
    if (token === undefined || (token.kind === "mark" && token.text !== "(")) {
      return operands;
    }
    if (!token.isApart) {
      throw new TemplateError(token.offset, `a space is missing before ${token.text}`);
    }
    words.position += 1;
    operands.push(token.kind === "mark" ? readBrackets(words, token, depth) : toOperand(token));
  }
}

function readBrackets(words: Words, { offset }: Token, depth: number): Operand {
  if (depth >= DEPTH_MAX) {
    throw new TemplateError(offset, `brackets may lie at most ${DEPTH_MAX} deep in each other`);
  }
  const pipeline = readPipeline(words, depth + 1);
  if (!takeMark(words, ")")) {
    throw new TemplateError(offset, "the bracket is not closed");
  }
  return { kind: "pipeline", pipeline, offset };
}

function toOperand({ kind, text, offset }: Token): Operand {
  if (kind === "field") {
    const field = TEMPLATE_FIELDS.find((known) => `.${known}` === text);
    if (field === undefined) {
      throw new TemplateError(offset, `there is no ${text}: only .ProjectID and .ServiceDnsName`);
    }
    return { kind, field, offset };
  }
  if (kind === "word") {
    const constant = CONSTANTS.get(text);
    if (constant === undefined) {
      const message = `Slipway does not fill in ${text}: only if, else, end, ${FUNCTIONS.join(", ")}`;
      throw new TemplateError(offset, message);
    }
    return { kind: "value", value: constant, offset };
  }
  if (kind === "number") {
    const value = Number(text);
    // Go reads a leading zero as octal, and has 64 bits.
    if (!Number.isSafeInteger(value) || /^[+-]?0\d/.test(text)) {
      throw new TemplateError(offset, `${text} is no plain whole number`);
    }
    return { kind: "value", value, offset };
  }
  return {
    kind: "value",
    value: kind === "raw" ? text.slice(1, -1) : unquote(text, offset),
    offset,
  };
}

function takeMark(words: Words, mark: string): boolean {
  const token = words.tokens[words.position];
  const isThere = token?.kind === "mark" && token.text === mark;
  words.position += isThere ? 1 : 0;
  return isThere;
}
