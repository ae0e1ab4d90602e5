import { describe, expect, test } from "vitest";
import { GoogleError } from "../../emulators/kit/google-error.ts";
import { parseFilter } from "../../emulators/pubsub/filter.ts";

const attributes = { Action: "Start", "dashed-key": "a b", "odd/key": 'quote "', empty: "" };

describe("a filter", () => {
  test.each([
    "",
    "  ",
    "attributes:Action",
    'attributes:"odd/key"',
    'attributes.Action = "Start"',
    'attributes.Action="Start"',
    'attributes.dashed-key = "a b"',
    'attributes."odd/key" = "quote \\""',
    'attributes.empty = ""',
    'attributes:Action AND attributes:empty AND attributes.Action = "Start"',
  ])("lets through with %j", (text) => {
    expect(parseFilter(text)(attributes)).toBe(true);
  });

  test.each([
    "attributes:action",
    "attributes:missing",
    'attributes.Action = "start"',
    'attributes.missing = ""',
    "attributes:Action AND attributes:missing",
  ])("holds back with %j", (text) => {
    expect(parseFilter(text)(attributes)).toBe(false);
  });

  test.each([
    "attributes",
    "attributes.Action",
    "attributes.Action = Start",
    'attributes.Action > "S"',
    'attributes.Action = "open',
    'data = "x"',
    'Attributes.Action = "x"',
    "attributes:a attributes:b",
    "attributes:a and attributes:b",
    "attributes:a AND",
    "attributes:a)",
    'attributes= "x"',
    "attributes:a ; attributes:b",
  ])("is refused when it is %j", (text) => {
    expect(() => parseFilter(text)).toThrow(GoogleError);
  });

  test.each([
    "NOT attributes:a",
    "(attributes:a)",
    "attributes:a OR attributes:b",
    "attributes:a AND attributes:b OR attributes:c",
    'attributes.a != "b"',
    'hasPrefix(attributes.a, "b")',
  ])("is not covered when it is %j, and says so", (text) => {
    expect(() => parseFilter(text)).toThrow("The emulator does not implement");
  });

  test("has at most 256 bytes", () => {
    const longest = `attributes.a = "${"x".repeat(256 - 17)}"`;
    expect(Buffer.byteLength(longest)).toBe(256);
    expect(parseFilter(longest)({})).toBe(false);
    expect(() => parseFilter(`${longest} `)).toThrow("at most 256 bytes");
  });
});
