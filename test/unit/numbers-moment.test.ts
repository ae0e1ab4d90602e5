import { expect, test } from "vitest";
import { momentOf } from "../../shared/domain/numbers/moment.ts";

test.each([
  "1970-01-01T00:00:00Z",
  "2024-02-29T23:59:59.999999999Z",
  "2026-03-01T00:00:00.5Z",
  "2100-02-28T12:00:00Z",
  "2100-03-01T12:00:00Z",
  "1999-12-31T23:59:59Z",
])("the moment %s is read as the calendar has it", (text) => {
  expect(momentOf(text)).toBe(Date.parse(text));
});

test.each(["", "yesterday", "2026-03-01", "2026-03-01T00:00:00+01:00"])(
  "%j is no moment of a record",
  (text) => {
    expect(momentOf(text)).toBeNull();
  },
);
