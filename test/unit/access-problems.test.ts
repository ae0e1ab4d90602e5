import { describe, expect, test } from "vitest";
import { withAccessProblems } from "../../infra/plan/access-problems.ts";
import { edit, readSpec, usable } from "./spec-support.ts";

const base = readSpec("base");
const PROD = "environments[1].category";

function warned(text: string): readonly string[] {
  return withAccessProblems(text, usable(text), []).map(
    ({ severity, path, line, column }) => `${severity} ${path} ${line}:${column}`,
  );
}

function withAccess(access: string): string {
  return `${base}delivery: {environments: {prod: {access: {${access}}}}}\n`;
}

describe("an external environment", () => {
  test.each([
    ["says nothing of access", base],
    ["names nobody", withAccess("promote: []")],
    ["names others than those who promote", withAccess("breakGlass: ['group:sre@example.com']")],
  ])("that %s is warned of, at its category", (_, text) => {
    expect(warned(text)).toEqual([`warning ${PROD} 23:15`]);
  });

  test("that names who may promote is not", () => {
    expect(warned(withAccess("promote: ['group:eng@example.com']"))).toEqual([]);
  });

  test("that has become internal is not", () => {
    expect(warned(edit(base, ["category: external", "category: internal"]))).toEqual([]);
  });
});
