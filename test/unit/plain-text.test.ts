import { expect, test } from "vitest";
import { toPlainJson, toRow } from "../../shared/wire/plain-text.ts";

const ESCAPE = "\u{1B}";

test.each([
  ["a line feed", "a\nb", "a⏎b"],
  ["a carriage return", "a\rb", "a⏎b"],
  ["both", "a\r\nb", "a⏎b"],
  ["a line separator", "a\u{2028}b", "a⏎b"],
  ["a paragraph separator", "a\u{2029}b", "a⏎b"],
  ["a next line", "a\u{85}b", "a⏎b"],
  ["a vertical tab and a form feed", "a\v\fb", "a⏎⏎b"],
  ["a tab", "a\tb", "a\u{FFFD}b"],
  ["an escape that moves the cursor", `a${ESCAPE}[2Jb`, "a\u{FFFD}[2Jb"],
  ["the short form of such an escape", "a\u{9B}2Jb", "a\u{FFFD}2Jb"],
  ["a backspace and a delete", "a\b\u{7F}b", "a\u{FFFD}\u{FFFD}b"],
  ["an override of the direction", "a\u{202E}b", "a\u{FFFD}b"],
  ["an isolate of the direction", "a\u{2066}b\u{2069}", "a\u{FFFD}b\u{FFFD}"],
  ["a mark of the direction", "a\u{200F}b\u{61C}", "a\u{FFFD}b\u{FFFD}"],
  ["a space without width", "a\u{200B}b", "a\u{FFFD}b"],
  ["a joiner without width", "a\u{200D}b", "a\u{FFFD}b"],
  ["a byte order mark", "\u{FEFF}a", "\u{FFFD}a"],
  ["a tag that is not seen", "a\u{E0041}b", "a\u{FFFD}b"],
  ["half a character", "a\u{D800}b", "a\u{FFFD}b"],
  ["a filler that is not seen", "a\u{3164}b", "a\u{FFFD}b"],
])("%s does not leave the row, and is seen", (_, text, row) => {
  expect(toRow(text)).toBe(row);
});

test("writing of people stays as it is", () => {
  const text = "Größe, naïve, 東京, العربية, עברית, हिन्दी, ⚠️ 🚢";
  expect(toRow(text)).toBe(text);
});

test("JSON keeps its value, and holds nothing that moves or hides text", () => {
  const value = {
    name: `a\n\r\t${ESCAPE}\u{9B}\u{202E}\u{2028}\u{200B}\u{E0041}\u{FEFF}⚠️🚢"\\`,
    half: "\u{D800}",
  };
  for (const indent of [0, 2]) {
    const json = toPlainJson(JSON.stringify(value, null, indent));
    expect(JSON.parse(json)).toEqual(value);
    expect(json.replaceAll("\n", "")).toBe(toRow(json.replaceAll("\n", "")));
    expect(json).toContain(String.raw`\u202e\u2028\u200b\udb40\udc41\ufeff`);
    expect(json).toContain("🚢");
  }
});
