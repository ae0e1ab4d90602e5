/** Something that has to wait for others. */
export type Node = { readonly key: string; readonly needs: readonly string[] };

/**
 * Does all of it: each when what it needs is done, as many at once as `width` says. What needs something that
 * failed is not begun. Needs that are not among the nodes count as done.
 * @returns what failed, and the keys of what was not begun.
 */
export async function inOrder<Item extends Node>(
  items: readonly Item[],
  width: number,
  act: (item: Item) => Promise<void>,
): Promise<{ readonly failed: readonly Failed<Item>[]; readonly skipped: readonly Item[] }> {
  const waiting = new Map(items.map((item) => [item.key, item]));
  const open = new Set(waiting.keys());
  const failed: Failed<Item>[] = [];
  const running = new Map<string, Promise<void>>();
  for (;;) {
    const ready = [...waiting.values()].filter(({ needs }) => !needs.some((key) => open.has(key)));
    for (const item of ready.slice(0, Math.max(0, width - running.size))) {
      waiting.delete(item.key);
      running.set(
        item.key,
        act(item)
          .then(
            () => void open.delete(item.key),
            (error: unknown) => void failed.push({ item, error }),
          )
          .finally(() => running.delete(item.key)),
      );
    }
    if (running.size === 0) {
      return { failed, skipped: [...waiting.values()] };
    }
    await Promise.race(running.values());
  }
}

/** Something that could not be done. */
export type Failed<Item> = { readonly item: Item; readonly error: unknown };

/** The nodes that need each other in a circle: none of them could ever begin. */
export function circle(nodes: readonly Node[]): readonly string[] {
  let left: readonly Node[] = nodes;
  for (;;) {
    const keys = new Set(left.map(({ key }) => key));
    const next = left.filter(({ needs }) => needs.some((key) => keys.has(key)));
    if (next.length === left.length) {
      return left.map(({ key }) => key);
    }
    left = next;
  }
}

/** The same nodes with every arrow turned round: what needs another goes before it. */
export function reversed<Item extends Node>(items: readonly Item[]): readonly Item[] {
  return items.map((item) => ({
    ...item,
    needs: items.filter(({ needs }) => needs.includes(item.key)).map(({ key }) => key),
  }));
}
