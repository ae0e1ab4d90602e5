import { expect, test } from "vitest";
import { enqueue } from "../../shared/app/pending.ts";
import type { Effect } from "../../shared/domain/effect.ts";
import { asPromotionId } from "../../shared/domain/ids.ts";
import { sizeOf } from "../../shared/domain/size.ts";
import { START } from "../support/builders.ts";

const PROMOTION = asPromotionId("r-1-to-prod-0001");
const OUTBOX_BYTES = 48 * 1024;

/** As many as twenty environments of ten databases with twenty old backups each could give. */
const REMOVALS = Array.from({ length: 4000 }, (_, index): Effect => {
  const source = { kind: "cloud-sql", project: "p".repeat(30), instance: "i".repeat(98) } as const;
  const backup = `${PROMOTION}-${index}`;
  return { kind: "remove-backup", promotion: PROMOTION, backup, source, name: "n".repeat(60) };
});

test("removals of backups are pending up to a size, and the others wait for the next day", () => {
  const outbox = enqueue([], REMOVALS, START);
  expect(outbox.map(({ effect }) => effect)).toEqual(REMOVALS.slice(0, outbox.length));
  const [first] = outbox;
  expect(sizeOf(outbox)).toBeLessThan(2 * OUTBOX_BYTES);
  expect(sizeOf(outbox)).toBeGreaterThan(OUTBOX_BYTES - sizeOf(first));
  expect(enqueue(outbox, REMOVALS, START)).toEqual(outbox);
});

test("what a promotion does is pending whatever removals wait before it", () => {
  const outbox = enqueue([], REMOVALS, START);
  const look: Effect = { kind: "find-databases", promotion: PROMOTION, project: "shop-prod" };
  expect(enqueue(outbox, [look], START).map(({ effect }) => effect)).toContainEqual(look);
});
