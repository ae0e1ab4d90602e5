import { randomInt } from "node:crypto";

import type { Unique } from "../ports/unique.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** 36^12 names: two installations' worth of holds and leases do not meet. */
const LENGTH = 12;

/** Gives random names of lower-case letters and digits. */
export function randomUnique(): Unique {
  return {
    next: () =>
      Array.from({ length: LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(""),
  };
}
