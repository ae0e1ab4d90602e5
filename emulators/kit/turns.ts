/** How long work that could go on may go on, in milliseconds, before everybody else has a turn. */
const TURN_MS = 10;

const waiting: (() => void)[] = [];
let startMs = performance.now();

/**
 * Lets everything else in the process run when work has gone on for a while; otherwise resolves at once. All
 * emulators share one process, so whatever does many things in a row awaits this between two of them. Those
 * that wait go on one a turn, in the order in which they came.
 */
export async function takeTurns(): Promise<void> {
  if (waiting.length === 0 && performance.now() - startMs < TURN_MS) {
    return;
  }
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) {
      setImmediate(giveTurn);
    }
  });
}

function giveTurn(): void {
  startMs = performance.now();
  waiting.shift()?.();
  if (waiting.length > 0) {
    setImmediate(giveTurn);
  }
}
