/** Does something with each item, with so many under way at once. @throws what the first that fails throws. */
export async function atOnce<Item>(
  concurrency: number,
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  async function work(): Promise<void> {
    for (const item of rest) {
      await act(item);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
}
