/** Things in the order in which they came, each once. */
export type Line<T> = {
  readonly add: (thing: T) => void;
  readonly remove: (thing: T) => void;
  /** Takes the first out; undefined when there is none. */
  readonly take: () => T | undefined;
};

/** Adding and taking cost the same however long the line is: the iterator stays at its front. */
export function createLine<T>(): Line<T> {
  const things = new Set<T>();
  let front = things.values();
  return {
    add: (thing) => void things.add(thing),
    remove: (thing) => void things.delete(thing),
    take: () => {
      let next = front.next();
      if (next.done === true) {
        // One that has come to an end never goes on.
        front = things.values();
        next = front.next();
      }
      if (next.done === true) {
        return undefined;
      }
      things.delete(next.value);
      return next.value;
    },
  };
}
