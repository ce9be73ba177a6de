/**
 * What one command brought about, as lines: things that happen at a server, under the delivery that caused them.
 * Runs of chunks are folded: `n1>n2 chunk A#0` … `A#7` become one line.
 */

const CHUNK = /#(\d+)(?:\.\.(\d+))?(?=[\s,]|$)/;

interface Folded {
  readonly shape: string;
  readonly from: number;
  readonly to: number;
}

function folded(line: string): Folded | undefined {
  const match = CHUNK.exec(line);
  // A marker or a fetch speaks of a range already: two of them stay two.
  if (match === null || /\b(marker|fetch)\b/.test(line)) return undefined;
  const from = Number(match[1]);
  return { shape: line.replace(CHUNK, '#'), from, to: match[2] === undefined ? from : Number(match[2]) };
}

function joinedLine(a: string, b: string): string | undefined {
  const [first, second] = [folded(a), folded(b)];
  if (first === undefined || second === undefined) return undefined;
  if (first.shape !== second.shape || second.from !== first.to + 1) return undefined;
  return a.replace(CHUNK, `#${first.from}..${second.to}`);
}

function joinedGroup(a: readonly string[], b: readonly string[]): string[] | undefined {
  if (a.length !== b.length) return undefined;
  const lines: string[] = [];
  for (let i = 0; i < a.length; i++) {
    const line = joinedLine(a[i] as string, b[i] as string);
    if (line === undefined) return undefined;
    lines.push(line);
  }
  return lines;
}

/** Joins neighbours while that works. */
function fold<T>(items: readonly T[], join: (a: T, b: T) => T | undefined): readonly T[] {
  const result: T[] = [];
  for (const item of items) {
    const last = result[result.length - 1];
    const both = last === undefined ? undefined : join(last, item);
    if (both === undefined) result.push(item);
    else result[result.length - 1] = both;
  }
  return result;
}

export class Transcript {
  private groups: string[][] = [];
  private open = false;

  /** A line that stands for itself or, below a delivery, for what it caused. */
  say(line: string): void {
    if (this.open) (this.groups[this.groups.length - 1] as string[]).push(`  ${line}`);
    else this.groups.push([line]);
  }

  /** What `work` says is caused by this. */
  under(header: string, work: () => void): void {
    this.groups.push([header]);
    this.open = true;
    try {
      work();
    } finally {
      this.open = false;
    }
  }

  /** The lines so far, which are then forgotten. */
  take(): readonly string[] {
    const groups = this.groups.map((group) => [...fold(group, joinedLine)]);
    this.groups = [];
    return fold(groups, joinedGroup).flat();
  }
}
