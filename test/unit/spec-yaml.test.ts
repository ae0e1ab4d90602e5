import { describe, expect, test } from "vitest";
import { parseServiceSpec } from "../../shared/wire/spec/parse-service-spec.ts";
import { edit, problemsOf, told, readSpec, usable } from "./spec-support.ts";
import type { Expected } from "./spec-support.ts";

const base = readSpec("base");

function fill(bytes: number): string {
  return `${base}#${"x".repeat(bytes - base.length - 1)}`;
}

function nested(depth: number): string {
  return `${base}deep: ${"[".repeat(depth)}${"]".repeat(depth)}\n`;
}

test("a specification without mistakes has no problems", () => {
  expect(problemsOf(base)).toEqual(told([]));
  expect(problemsOf(readSpec("job"))).toEqual(told([]));
});

describe("what is no YAML, or no mapping", () => {
  const cases: readonly (readonly [string, string, readonly Expected[]])[] = [
    ["an empty file says what it needs", "", ["error file |  | the file is empty"]],
    ["a file of comments is empty", "# nothing\n", ["error file | # | the file is empty"]],
    ["a list is refused", "- a\n", ["error file | - a | must be a mapping"]],
    ["a text is refused", "hello", ["error file | hello | must be a mapping"]],
    [
      "a list that is not closed is refused where it ends",
      "service: [1,\n",
      ["error file |  | Flow sequence"],
    ],
    [
      "a tab that indents is refused",
      "service:\n\tid: web\n",
      ["error file | \tid | Tabs are not allowed"],
    ],
  ];
  test.each(cases)("%s", (_name, text, expected) => {
    expect(problemsOf(text)).toEqual(told(expected));
  });
});

describe("what yaml.v3 refuses in any mapping", () => {
  test("a key that is there twice is an error at its second place, and the rest is still judged", () => {
    const text = edit(base, ["  owners: [team]", "  owners: []\n  owners: [team]"]);
    expect(problemsOf(text)).toEqual(
      told([
        "error service.owners | [] | needs at least 1 entry",
        'error file | owners: [team] | the key "owners" is there twice',
      ]),
    );
  });

  test("a key that is there twice is found under keys that are not known", () => {
    const text = `${base}other: {a: 1, a: 2}\n`;
    expect(problemsOf(text)).toEqual(
      told([
        "warning other | other | is not known and is ignored",
        'error file | a: 2 | the key "a" is there twice',
      ]),
    );
  });

  test("a second document is an error, an empty one is not", () => {
    expect(problemsOf(`${base}---\nservice: {}\n`)).toEqual(
      told(["error file | service: {} | only the first document"]),
    );
    expect(problemsOf(`${base}---\n`)).toEqual(told([]));
  });

  test("a key that is a list is an error", () => {
    expect(problemsOf(`${base}? [a]\n: 1\n`)).toEqual(
      told(["error file | [a] | a key must be text"]),
    );
  });
});

describe("aliases", () => {
  test("an alias stands for its anchor, and a merge key gives what the mapping lacks", () => {
    const text = edit(base, [
      "      resources: {cpu: 1, memory: 512Mi}\n",
      "      resources: &size {cpu: 1, memory: 512Mi}\n      scaling: &scaling {minCount: 2, maxCount: 3}\n",
    ]);
    const merged = edit(text, ["{minCount: 1, maxCount: 5}", "{<<: *scaling, maxCount: 9}"]);
    expect(usable(merged).environments[1]?.instances.scaling).toMatchObject({
      minCount: 2,
      maxCount: 9,
    });
  });

  test("an alias of nothing is an error", () => {
    const text = edit(base, ["owners: [team]", "owners: *nobody"]);
    expect(problemsOf(text)).toEqual(
      told([
        "error file | *nobody | nothing before this has the anchor",
        "error service.owners | *nobody | is required",
      ]),
    );
  });

  test("an anchor that contains itself is an error", () => {
    expect(problemsOf(`${base}loop: &loop [*loop]\n`)).toEqual(
      told(["warning loop | loop | is not known", "error file | *loop | would contain itself"]),
    );
  });

  test("a merge key of a text is an error", () => {
    expect(problemsOf(`${base}<<: text\n`)).toEqual(
      told(["error file | service: | << must be followed by a mapping"]),
    );
  });

  test("aliases that expand to a billion values stop at the limit", () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const item = level === 0 ? "x" : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array.from({ length: 9 }, () => item).join(", ")}]`;
    });
    const text = `${levels.join("\n")}\nservice: {owners: *l8}\n`;
    expect(parseServiceSpec(text).problems.map(({ path }) => path)).toContain("service.owners[8]");
    const merges = Array.from({ length: 20 }, (_, level) =>
      level === 0
        ? "m0: &m0 {a: 1}"
        : `m${level}: &m${level} {<<: [*m${level - 1}, *m${level - 1}]}`,
    );
    const bomb = `${merges.join("\n")}\nservice: {<<: *m19}\n`;
    expect(parseServiceSpec(bomb).problems.map(({ message }) => message)).toContain(
      "the file has more than 20000 values, those of aliases counted each time",
    );
  });
});

describe("limits", () => {
  test("a file of a mebibyte is read, one byte more is refused", () => {
    expect(parseServiceSpec(fill(2 ** 20)).problems).toEqual([]);
    expect(parseServiceSpec(fill(2 ** 20 + 1)).problems).toEqual([
      {
        severity: "error",
        path: "",
        line: 1,
        column: 1,
        message: "the file has 1048577 bytes, of at most 1048576",
      },
    ]);
  });

  test("lists and mappings may lie 64 deep in each other, not 65", () => {
    expect(parseServiceSpec(nested(64)).spec).not.toBeNull();
    expect(parseServiceSpec(nested(65)).spec).toBeNull();
  });

  test.each([
    ["open brackets", "[".repeat(10_000)],
    ["open mappings", "{a: ".repeat(10_000)],
    ["dashes", "- ".repeat(10_000)],
    ["quotes", '"'.repeat(5000)],
    ["question marks", "? ".repeat(10_000)],
    ["a control character", "service: \u0000"],
    ["half a surrogate pair", "service: \ud800"],
  ])("a text of %s gives problems and never throws", (_name, text) => {
    const { spec, problems } = parseServiceSpec(text);
    expect(spec).toBeNull();
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(501);
  });

  test("twenty environments and twenty stages are the most", () => {
    const stages = (count: number): string =>
      edit(base, ["    - environment: dev\n", "    - environment: dev\n".repeat(count)]);
    expect(problemsOf(stages(19))).toHaveLength(18);
    expect(problemsOf(stages(20))).toEqual(
      told(["error rollout.stages | - environment | may have at most 20 entries"]),
    );
    const environment = base.slice(base.indexOf("  - id: dev"), base.indexOf("  - id: prod"));
    const environments = edit(base, [
      "environments:\n",
      `environments:\n${environment.repeat(19)}`,
    ]);
    expect(problemsOf(environments)).toEqual(
      told(["error environments | - id | may have at most 20 entries"]),
    );
  });

  test("no more than 500 problems are told, and that there are more", () => {
    const keys = Array.from({ length: 600 }, (_, index) => `key${index}: 1`).join("\n");
    const { problems } = parseServiceSpec(`${base}${keys}\n`);
    expect(problems).toHaveLength(501);
    expect(problems.at(-1)?.message).toContain("more than 500");
  });
});

describe("values as yaml.v3 reads them", () => {
  test("a text keeps the way a number is written", () => {
    const text = edit(base, [
      "{LOG_LEVEL: info}",
      "{WEB_PORT: 0080, VERSION: 1.10, FLAG: yes, EMPTY: }",
    ]);
    expect(usable(text).environments[1]?.env).toEqual({
      WEB_PORT: "0080",
      VERSION: "1.10",
      FLAG: "yes",
      EMPTY: "",
    });
  });

  test("a boolean may be yes, no, on or off", () => {
    expect(usable(edit(base, ["rollout:", "rollout:\n  suspended: yes"])).rollout?.suspended).toBe(
      true,
    );
    expect(usable(edit(base, ["rollout:", "rollout:\n  suspended: off"])).rollout?.suspended).toBe(
      false,
    );
    expect(problemsOf(edit(base, ["rollout:", "rollout:\n  suspended: maybe"]))).toEqual(
      told(['error rollout.suspended | maybe | must be true or false, not "maybe"']),
    );
  });

  test("a number in quotes is no number", () => {
    expect(
      problemsOf(edit(base, ["{cpu: 1, memory: 512Mi}", '{cpu: "1", memory: 512Mi}'])),
    ).toEqual(
      told([
        'error environments[0].instances.resources.cpu | "1" | must be a number, not "1"; remove the quotes',
      ]),
    );
  });

  test("a key without a value counts as missing", () => {
    expect(problemsOf(edit(base, ["category: test", "category:"]))).toEqual(
      told(["error environments[0].category |  | is required: one of test, internal, external"]),
    );
  });

  test("a text with carriage returns has the same positions", () => {
    const text = edit(base, ["category: test", "category: tset"]).replaceAll("\n", "\r\n");
    const { problems } = parseServiceSpec(text);
    expect(problems).toMatchObject([{ line: 17, column: 15, path: "environments[0].category" }]);
    expect(problems[0]?.message).toContain('did you mean "test"?');
  });
});
