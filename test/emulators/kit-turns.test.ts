import { expect, test } from "vitest";
import { takeTurns } from "../../emulators/kit/turns.ts";

/** More rounds than any machine makes before it is somebody else's turn. */
const ROUNDS_MAX = 100_000_000;

test("work without an end lets others run", async () => {
  const others: string[] = [];
  setImmediate(() => void others.push("ran"));
  for (let round = 0; round < ROUNDS_MAX && others.length === 0; round += 1) {
    await takeTurns();
  }
  expect(others).toEqual(["ran"]);
});
