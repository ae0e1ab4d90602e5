/** Things in the order in which they came. */
export type Line<T> = {
  readonly add: (thing: T) => void;
  /** Takes the first out; undefined when there is none. */
  readonly take: () => T | undefined;
};

/** How many places at the front may be empty before the rest moves up. */
const GAP_MAX = 1_024;

/** Adding and taking cost the same however long the line is. */
export function createLine<T>(): Line<T> {
  let things: (T | undefined)[] = [];
  let front = 0;
  return {
    add: (thing) => void things.push(thing),
    take: () => {
      const thing = things[front];
      things[front] = undefined;
      front = Math.min(front + 1, things.length);
      if (front === things.length || (front > GAP_MAX && front * 2 > things.length)) {
        things = things.slice(front);
        front = 0;
      }
      return thing;
    },
  };
}
