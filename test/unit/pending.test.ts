import { expect, test } from "vitest";
import { enqueue } from "../../shared/app/pending.ts";
import type { Effect } from "../../shared/domain/effect.ts";
import { asPromotionId } from "../../shared/domain/ids.ts";
import { sizeOf } from "../../shared/domain/size.ts";
import { START } from "../support/builders.ts";

const PROMOTION = asPromotionId("r-1-to-prod-0001");
const OUTBOX_BYTES = 32 * 1024;

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

/** As many as promotions that wait in every environment ask for while Cloud Monitoring does not answer. */
const LOOKS = Array.from({ length: 1000 }, (_, index): Effect => {
  const promotion = asPromotionId(`r-1-to-prod-${String(index).padStart(4, "0")}`);
  return { kind: "find-databases", promotion, project: "p".repeat(30) };
});

test("looks are pending up to a size, and the others are asked for again", () => {
  const outbox = enqueue([], LOOKS, START);
  expect(outbox.map(({ effect }) => effect)).toEqual(LOOKS.slice(0, outbox.length));
  expect(outbox.length).toBeGreaterThan(100);
  expect(enqueue(outbox, LOOKS, START)).toEqual(outbox);
});

test("what changes the outside is pending whatever looks and removals wait before it", () => {
  const waiting = enqueue(enqueue([], LOOKS, START), REMOVALS, START);
  const job = { project: "shop-prod", region: "us-central1", job: "migrate" };
  const act: Effect = { kind: "run-job", promotion: PROMOTION, job, mark: "m", image: "i" };
  expect(enqueue(waiting, [act], START).map(({ effect }) => effect)).toContainEqual(act);
});
