/** A broken assumption of ours: never expected, never handled, always a bug to fix. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Stops when something that must hold does not.
 * @throws AssertionError with what must hold.
 */
export function assert(condition: boolean, mustHold: string): asserts condition {
  if (!condition) {
    throw new AssertionError(`must hold: ${mustHold}`);
  }
}
