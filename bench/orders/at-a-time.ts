/** Does `step` for each item, `limit` at a time: the next begins when one ends. @returns what each gave, in the order of the items */
export async function atATime<T, R>(limit: number, items: readonly T[], step: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const hands = Array.from({ length: Math.min(limit, items.length) }, async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await step(items[index] as T);
    }
  });
  await Promise.all(hands);
  return results;
}
