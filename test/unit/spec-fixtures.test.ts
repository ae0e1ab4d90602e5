import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { serviceJsonSchema } from "../../shared/wire/spec/json-schema.ts";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import { readSpec, usable } from "./spec-support.ts";

const ROOT = new URL("../../", import.meta.url);
const FIXTURES = new URL("test/fixtures/spec/", ROOT);

const names = readdirSync(FIXTURES)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.slice(0, -".yaml".length));

const Listed = z.array(z.string());

/** The problems as a person reads them, one a line. */
function listed(text: string): readonly string[] {
  return parseServiceSpec(text).problems.map(
    ({ severity, line, column, path, message }) =>
      `${line}:${column} ${severity} ${path}: ${message}`,
  );
}

function readSample(id: string): string {
  return readFileSync(new URL(`infra/services/${id}/service.yaml`, ROOT), "utf8");
}

/** Every key of every mapping within a value. */
function keysOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return own.concat(Object.values(value).flatMap(keysOf));
}

/** Every key that a JSON Schema describes. */
function describedIn(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) {
    return [];
  }
  const { data } = z.object({ properties: z.record(z.string(), z.unknown()) }).safeParse(schema);
  return Object.keys(data?.properties ?? {}).concat(Object.values(schema).flatMap(describedIn));
}

const published = z.fromJSONSchema(serviceJsonSchema());

function accepts(text: string): boolean {
  return published.safeParse(parse(text, { merge: true })).success;
}

describe("whole files", () => {
  test.each(names)("the problems of %s.yaml are those of its list", (name) => {
    const list = new URL(`${name}.problems.json`, FIXTURES);
    const expected = readdirSync(FIXTURES).includes(`${name}.problems.json`)
      ? Listed.parse(JSON.parse(readFileSync(list, "utf8")))
      : [];
    expect(listed(readSpec(name))).toEqual(expected);
  });

  test("a file with ten mistakes lists all ten, each with line and column", () => {
    const { spec, problems } = parseServiceSpec(readSpec("ten-mistakes"));
    expect(spec).toBeNull();
    expect(problems).toHaveLength(10);
    expect(new Set(problems.map(({ line, column }) => `${line}:${column}`)).size).toBe(10);
  });

  test.each(["msp-testbed", "parcel-tracker"])(
    "the sample %s has no problem and a readme with its name",
    (id) => {
      expect(listed(readSample(id))).toEqual([]);
      const { service } = usable(readSample(id));
      expect(service.id).toBe(id);
      const readme = readFileSync(new URL(`infra/services/${id}/README.md`, ROOT), "utf8");
      expect(readme.split("\n")[0]).toBe(`# ${service.name}`);
    },
  );

  test("the second sample uses every key of delivery", () => {
    const described = describedIn(serviceJsonSchema().properties?.["delivery"]);
    const document: unknown = parse(readSample("parcel-tracker"));
    const used = new Set(keysOf(z.object({ delivery: z.unknown() }).parse(document)));
    expect(new Set(described).size).toBeGreaterThan(40);
    // The sample tells nobody outside Slack. It shares with nobody, and chooses tags by pattern and its network directly; these are the other ways.
    expect(described.filter((key) => !used.has(key))).toEqual([
      "sharesWith",
      "semver",
      "webhook",
      "secret",
      "mail",
      "connector",
    ]);
  });
});

describe("the JSON Schema", () => {
  test("docs/service.schema.json is what infra/cli/write-schema.ts writes", () => {
    const written = readFileSync(new URL("docs/service.schema.json", ROOT), "utf8");
    expect(written).toBe(`${JSON.stringify(serviceJsonSchema(), null, 2)}\n`);
  });

  test.each(names.filter((name) => name.startsWith("upstream-")))("%s.yaml is valid", (name) => {
    expect(accepts(readSpec(name))).toBe(true);
  });

  test.each(["msp-testbed", "parcel-tracker"])("the sample %s is valid", (id) => {
    expect(accepts(readSample(id))).toBe(true);
  });

  test("keys that it does not know are valid, but not under delivery", () => {
    expect(accepts(`${readSpec("base")}other: 1\n`)).toBe(true);
    expect(accepts(`${readSpec("base")}delivery: {other: 1}\n`)).toBe(false);
  });

  test("a wrong type and a wrong choice are invalid", () => {
    expect(accepts(readSpec("base").replace("category: test", "category: tset"))).toBe(false);
    expect(accepts(readSpec("base").replace("cpu: 1", "cpu: one"))).toBe(false);
  });
});

test("whatever part of a file is replaced by whatever text, parsing gives an answer", () => {
  const text = readSample("parcel-tracker");
  const part = fc.record({
    start: fc.nat(text.length),
    length: fc.nat(60),
    replacement: fc.oneof(
      fc.string(),
      fc.constantFrom("- ", "{", "]", "&a", "*a", "<<: ", "!!int ", "'", "\n", "  ", ": "),
    ),
  });
  fc.assert(
    fc.property(part, ({ start, length, replacement }) => {
      const { spec, problems } = parseServiceSpec(
        text.slice(0, start) + replacement + text.slice(start + length),
      );
      const hasError = problems.some(({ severity }) => severity === "error");
      return (
        (spec === null) === hasError &&
        problems.every(({ line, column }) => line >= 1 && column >= 1)
      );
    }),
    { numRuns: 60 },
  );
});
