import { expect, test } from "vitest";
import { isWorthCollecting } from "../../infra/local/idle-memory.ts";

const MEBIBYTE = 1024 * 1024;

function isCollected(utilization: number, heapMib: number): boolean {
  const [heapBytes, leftBytes] = [heapMib * MEBIBYTE, 100 * MEBIBYTE];
  return isWorthCollecting({ utilization, heapBytes, leftBytes });
}

test("garbage is collected at rest, when there is enough of it", () => {
  expect(isCollected(0.3, 116)).toBe(true);
  expect(isCollected(0.31, 116)).toBe(false);
  expect(isCollected(0.3, 115)).toBe(false);
  expect(isCollected(0, 90)).toBe(false);
});
