/** How long something may take to come about before a test fails. */
const DEADLINE_MS = 20_000;

/** It is read soon again, and then less and less often: a reading of the local cloud costs as much as what is waited for. */
const POLL_MS = 20;
const POLL_MS_MAX = 80;
const POLL_GROWTH = 1.3;

/** How much is told of what was read last. */
const LAST_LENGTH_MAX = 500;

/**
 * Reads again and again until what is read is as wanted, and gives it.
 * @throws Error with what was read last when it is not so by the deadline.
 */
export async function until<Value>(
  what: string,
  read: () => Promise<Value>,
  isThere: (value: Value) => boolean,
  deadlineMs: number = DEADLINE_MS,
): Promise<Value> {
  const endMs = Date.now() + deadlineMs;
  for (let pauseMs = POLL_MS; ; pauseMs = Math.min(pauseMs * POLL_GROWTH, POLL_MS_MAX)) {
    const value = await read();
    if (isThere(value)) {
      return value;
    }
    if (Date.now() > endMs) {
      const last = JSON.stringify(value).slice(-LAST_LENGTH_MAX);
      throw new Error(`not so after ${deadlineMs} ms: ${what}; last: ${last}`);
    }
    await pause(pauseMs);
  }
}

async function pause(lengthMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, lengthMs);
  });
}
