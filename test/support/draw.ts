/** Draws numbers that a seed decides: the same seed gives the same numbers. */
export type Draw = {
  /** A whole number from 0 up to, and without, the bound. */
  readonly below: (bound: number) => number;
};

const TWO_TO_32 = 2 ** 32;
const STEP = 0x6d2b79f5;

/**
 * Starts drawing. The numbers are those of the generator mulberry32.
 * Source: https://github.com/cprosche/mulberry32
 */
export function drawFrom(seed: number): Draw {
  let state = seed;
  function next(): number {
    state = (state + STEP) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / TWO_TO_32;
  }
  return { below: (bound) => Math.floor(next() * bound) };
}
