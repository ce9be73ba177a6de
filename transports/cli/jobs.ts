/** Several things at once, but never more than so many. A leaf. */

/** Ends when all are done, or at once after `work` returned false: then those under way are waited for. */
export async function eachOf<Item>(
  items: readonly Item[],
  atOnceMax: number,
  work: (item: Item) => Promise<boolean>,
): Promise<void> {
  let next = 0;
  let isStopped = false;
  const worker = async (): Promise<void> => {
    for (;;) {
      const item = items[next++];
      if (item === undefined || isStopped) return;
      if (!(await work(item))) isStopped = true;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, worker));
}
