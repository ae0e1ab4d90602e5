/** Hands messages from whoever pushes to the one who iterates, in order and without losing any. */
export type MessageQueue<T> = {
  readonly push: (message: T) => void;
  /** No more will come, and with an error that is why; what was pushed before is still handed out. */
  readonly end: (error?: Error) => void;
  /** For one reader only. */
  readonly messages: AsyncIterable<T>;
};

/** A queue that is empty and open. */
export function createMessageQueue<T>(): MessageQueue<T> {
  const waiting: T[] = [];
  let ended: { readonly error: Error | undefined } | undefined;
  let wake: (() => void) | undefined;
  async function* read(): AsyncGenerator<T> {
    for (;;) {
      yield* waiting.splice(0);
      if (waiting.length === 0) {
        if (ended?.error !== undefined) {
          throw ended.error;
        }
        if (ended !== undefined) {
          return;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    push: (message) => {
      waiting.push(message);
      wake?.();
    },
    end: (error) => {
      ended ??= { error };
      wake?.();
    },
    messages: { [Symbol.asyncIterator]: read },
  };
}
