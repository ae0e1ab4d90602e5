import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";

/**
 * A problem that is expected, as `severity path | text it points at | part of its message`. The path `file` is that
 * of the document; an empty text is found everywhere.
 */
export type Expected = string;

/** A case of a table: its name, what is replaced in a fixture by what, and the problems that follow. */
export type SpecCase = readonly [string, readonly [string, string], readonly Expected[]];

/** A problem with the rest of the line that it points at. */
type Pointed = {
  readonly severity: Problem["severity"];
  readonly path: string;
  readonly at: string;
  readonly message: string;
};

/** Reads a fixture of service.yaml. */
export function readSpec(name: string): string {
  return readFileSync(new URL(`../fixtures/spec/${name}.yaml`, import.meta.url), "utf8");
}

/** Replaces a text that must be there, once. */
export function edit(text: string, [from, to]: readonly [string, string]): string {
  if (text.split(from).length !== 2) {
    throw new Error(`the fixture has this text once: ${from}`);
  }
  return text.replace(from, () => to);
}

/** The problems of a text; that errors and nothing else make it unusable is checked with them. */
export function problemsOf(text: string): readonly Pointed[] {
  const { spec, problems } = parseServiceSpec(text);
  const hasError = problems.some(({ severity }) => severity === "error");
  expect(spec === null, "a specification is unusable if it has an error").toBe(hasError);
  const lines = text.split("\n");
  return problems.map(({ severity, path, line, column, message }) => ({
    severity,
    path,
    at: (lines[line - 1] ?? "").slice(column - 1),
    message,
  }));
}

/** Matches exactly the problems that are expected, in the order of the text; the prefix belongs to every path. */
export function told(all: readonly Expected[], prefix = ""): readonly unknown[] {
  return all.map((expected) => {
    const [place = "", at = "", message = ""] = expected.split(" | ");
    const space = place.indexOf(" ");
    const path = place.slice(space + 1);
    const startsWithIt = (rest: unknown): boolean => String(rest).startsWith(at);
    const matchers: Readonly<Record<string, unknown>> = {
      at: expect.toSatisfy(startsWithIt, `starts with ${at}`),
      message: expect.stringContaining(message),
    };
    return {
      severity: place.slice(0, space),
      path: path === "file" ? "" : `${prefix}${prefix === "" ? "" : "."}${path}`,
      ...matchers,
    };
  });
}

/** Reads a specification that must be usable. */
export function usable(text: string): ServiceSpec {
  const { spec, problems } = parseServiceSpec(text);
  if (spec === null) {
    throw new Error(`a specification without errors is usable: ${JSON.stringify(problems)}`);
  }
  return spec;
}
