/**
 * Sets of chunk indexes as sorted, disjoint half-open ranges: a terabyte in order is one pair of numbers.
 * A leaf.
 */

/** From `from` (included) to `to` (excluded). */
export interface Range {
  readonly from: number;
  readonly to: number;
}
export type Ranges = readonly Range[];

export const NO_RANGES: Ranges = [];

export function hasIndex(ranges: Ranges, index: number): boolean {
  for (let i = ranges.length - 1; i >= 0; i--) {
    const range = ranges[i] as Range;
    if (index >= range.from) return index < range.to;
  }
  return false;
}

export function withIndex(ranges: Ranges, index: number): Ranges {
  const last = ranges[ranges.length - 1];
  if (last !== undefined && index === last.to) return [...ranges.slice(0, -1), { from: last.from, to: index + 1 }];
  if (hasIndex(ranges, index)) return ranges;
  const result: Range[] = [];
  let added: Range = { from: index, to: index + 1 };
  for (const range of ranges) {
    if (range.to < added.from || range.from > added.to) result.push(range);
    else added = { from: Math.min(range.from, added.from), to: Math.max(range.to, added.to) };
  }
  result.push(added);
  return result.sort((a, b) => a.from - b.from);
}

export function withoutIndex(ranges: Ranges, index: number): Ranges {
  if (!hasIndex(ranges, index)) return ranges;
  return ranges.flatMap((range) => {
    if (index < range.from || index >= range.to) return [range];
    const parts = [
      { from: range.from, to: index },
      { from: index + 1, to: range.to },
    ];
    return parts.filter(({ from, to }) => from < to);
  });
}

/** What lies in [from, to) and not in `ranges`. */
export function missingIn(ranges: Ranges, from: number, to: number): Ranges {
  const gaps: Range[] = [];
  let at = from;
  for (const range of ranges) {
    if (range.to <= at) continue;
    if (range.from >= to) break;
    if (range.from > at) gaps.push({ from: at, to: range.from });
    at = range.to;
  }
  if (at < to) gaps.push({ from: at, to });
  return gaps;
}

export function countOf(ranges: Ranges): number {
  let count = 0;
  for (const range of ranges) count += range.to - range.from;
  return count;
}

/** @param indexes ascending, each once */
export function rangesOf(indexes: readonly number[]): Ranges {
  const result: Range[] = [];
  for (const index of indexes) {
    const last = result[result.length - 1];
    if (last !== undefined && last.to === index) result[result.length - 1] = { from: last.from, to: index + 1 };
    else result.push({ from: index, to: index + 1 });
  }
  return result;
}
