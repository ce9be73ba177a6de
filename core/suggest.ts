/**
 * Finds the known word that somebody most likely meant.
 * A leaf. Never guesses wildly: no suggestion is better than a silly one.
 */

/** Optimal string alignment: insertions, deletions, replacements, swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] as number) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}

/** The nearest of the known words, the first of equally near ones; undefined when none is near. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > 40) return undefined;
  const plain = (text: string): string => text.toLowerCase().replace(/[_\s]+/g, '-');
  let best: string | undefined;
  let bestDistance = word.length < 3 ? 1 : Math.floor(word.length / 3) + 1;
  if (word.length < 3) bestDistance = 2;
  for (const candidate of known) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance < bestDistance || (distance === 0 && best === undefined)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
