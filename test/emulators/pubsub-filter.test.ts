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
    'attributes.Action != "Stop"',
    'attributes.missing != "anything"',
    'attributes.empty = ""',
    'hasPrefix(attributes.Action, "St")',
    'hasPrefix(attributes.Action, "")',
    "NOT attributes:missing",
    "NOT NOT attributes:Action",
    'attributes.Action = "Start" AND -attributes:"iana.org/language_tag"',
    'attributes:Action AND attributes:empty AND attributes.Action = "Start"',
    "attributes:missing OR attributes:Action",
    "attributes:missing OR (attributes:Action AND NOT attributes:missing)",
    "(attributes:missing OR attributes:Action) AND (attributes:empty)",
    "NOT (attributes:missing OR attributes:other)",
  ])("lets through with %j", (text) => {
    expect(parseFilter(text)(attributes)).toBe(true);
  });

  test.each([
    "attributes:action",
    "attributes:missing",
    'attributes.Action = "start"',
    'attributes.missing = ""',
    'attributes.Action != "Start"',
    'hasPrefix(attributes.Action, "start")',
    'hasPrefix(attributes.missing, "")',
    "NOT attributes:Action",
    '-attributes:"odd/key"',
    "attributes:Action AND attributes:missing",
    "attributes:missing OR attributes:other",
    "NOT attributes:Action OR attributes:missing",
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
    "attributes:a AND attributes:b OR attributes:c",
    "attributes:a AND",
    "(attributes:a",
    "attributes:a)",
    "NOT",
    'hasPrefix(attributes.a "b")',
    "hasPrefix(attributes:a)",
    'attributes= "x"',
    "attributes:a ; attributes:b",
  ])("is refused when it is %j", (text) => {
    expect(() => parseFilter(text)).toThrow(GoogleError);
  });

  test("says where it is wrong", () => {
    const two = "attributes:a attributes:b";
    expect(() => parseFilter(two)).toThrow('position 13: expected its end, but found "attributes"');
    expect(() => parseFilter("attributes:")).toThrow("a name or a value, but found its end");
  });

  test("has at most 256 bytes", () => {
    const longest = `attributes.a = "${"x".repeat(256 - 17)}"`;
    expect(Buffer.byteLength(longest)).toBe(256);
    expect(parseFilter(longest)({})).toBe(false);
    expect(() => parseFilter(`${longest} `)).toThrow("at most 256 bytes");
  });
});
