import { expect, test } from "vitest";
import { shorten } from "../../shared/domain/text.ts";

test.each([
  ["", 5, ""],
  ["12345", 5, "12345"],
  ["123456", 5, "1234…"],
  ["ab\u{1f600}", 4, "ab\u{1f600}"],
  ["ab\u{1f600}c", 4, "ab…"],
  ["a\ud800b", 5, "a\ufffdb"],
  ["\udc00", 1, "\ufffd"],
  ["\ud800\ud800\ud800", 2, "…"],
])("%j is at most %i long as %j", (text, lengthMax, short) => {
  expect(shorten(text, lengthMax)).toBe(short);
  expect(shorten(text, lengthMax).isWellFormed()).toBe(true);
});
