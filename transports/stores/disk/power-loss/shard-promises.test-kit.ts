// What a store has promised of one shard: its log from one forgetting to the next.
import type { LogEntry } from '../../../../core/file.js';
import { type RecoveredShard, trustedRecords } from '../../../../core/store-port.js';

interface EntryAsked {
  readonly serial: number;
  readonly entry: LogEntry;
  readonly chunks: readonly string[];
  isTold: boolean;
}

interface BaseAsked {
  readonly serial: number;
  readonly at: number;
  readonly tag: string;
  isTold: boolean;
}

/** Everything between two forgettings. */
interface Log {
  readonly from: number;
  readonly bases: BaseAsked[];
  readonly entries: EntryAsked[];
}

/** What the core makes of a shard: a base, and the sound entries in line behind it. */
export interface Line {
  readonly tag: string | undefined;
  readonly at: number;
  readonly entries: readonly LogEntry[];
}

export function lineOf(shard: RecoveredShard): Line {
  const { base, baseSound } = shard;
  if (!baseSound) return { tag: undefined, at: 0, entries: [] };
  const at = base?.at.sequence ?? 0;
  const line: LogEntry[] = [];
  for (const { entry } of trustedRecords(shard)) {
    if (entry.id.sequence === at + line.length + 1) line.push(entry);
  }
  return { tag: base?.floor, at, entries: line };
}

export class ShardPromises {
  logs: Log[] = [{ from: 0, bases: [], entries: [] }];
  /** In the order of asking. */
  waiting: (EntryAsked | BaseAsked)[] = [];

  get log(): Log {
    return this.logs[this.logs.length - 1] as Log;
  }

  /** The sequence of the last entry. */
  get last(): number {
    const { bases, entries } = this.log;
    return Math.max(0, ...bases.map(({ at }) => at), ...entries.map(({ entry }) => entry.id.sequence));
  }

  entry(serial: number, entry: LogEntry, chunks: readonly string[], isLast: boolean): void {
    const asked = { serial, entry, chunks, isTold: false };
    this.log.entries.push(asked);
    if (isLast) this.waiting.push(asked);
  }

  base(serial: number, at: number, tag: string): void {
    const asked = { serial, at, tag, isTold: false };
    this.log.bases.push(asked);
    this.waiting.push(asked);
  }

  forget(from: number): void {
    this.logs.push({ from, bases: [], entries: [] });
  }

  /** The oldest that waits is answered. @returns its serial */
  told(): number {
    const one = this.waiting.shift();
    if (one === undefined) throw new Error('told of something that nobody asked for');
    one.isTold = true;
    return one.serial;
  }

  /** This is all there is, and it is safe. */
  settle({ tag, at, entries }: Line): void {
    this.waiting = [];
    const safe = { serial: 0, isTold: true };
    const bases = tag === undefined ? [] : [{ ...safe, at, tag }];
    this.logs = [{ from: 0, bases, entries: entries.map((entry) => ({ ...safe, entry, chunks: [] })) }];
  }

  /** What was stored for the entries of a line. */
  chunksOf({ entries }: Line): readonly string[] {
    const there = new Set(entries.map((entry) => JSON.stringify(entry)));
    return this.logs.flatMap((log) =>
      log.entries.flatMap(({ entry, chunks }) => (there.has(JSON.stringify(entry)) ? chunks : [])),
    );
  }
}

/** @param safe serial of the last request that is answered, of whatever shard @returns what is wrong with what was found */
export function lineFaults(
  promises: ShardPromises,
  found: RecoveredShard,
  safe: number,
  isRefused: (chunk: string) => boolean,
): readonly string[] {
  const line = lineOf(found);
  const firstPossible = promises.logs.filter(({ from }) => from <= safe).pop() as Log;
  const possible = promises.logs.slice(promises.logs.indexOf(firstPossible));
  const faults = possible.map((log) => logFault(log, line, safe, isRefused));
  return faults.includes(undefined) ? [] : [`${faults.join(', or ')}: found ${lineText(line)}`];
}

function logFault(
  { bases, entries }: Log,
  line: Line,
  safe: number,
  isRefused: (chunk: string) => boolean,
): string | undefined {
  const told = bases.filter(({ isTold }) => isTold).pop();
  const base = bases.find(({ tag }) => tag === line.tag);
  if (line.tag !== undefined && base === undefined) return 'has a base from another log';
  if ((base?.serial ?? -1) < (told?.serial ?? -1)) return `lacks base ${told?.tag} at ${told?.at}`;
  for (const entry of line.entries) {
    const same = entries.filter((one) => one.entry.id.sequence === entry.id.sequence).pop();
    if (JSON.stringify(same?.entry) !== JSON.stringify(entry)) return `has another entry ${entry.id.sequence}`;
  }
  const last = line.at + line.entries.length;
  const coming = bases.find(({ isTold }) => !isTold)?.serial ?? Number.POSITIVE_INFINITY;
  // The log ends there, unless tables hold it.
  const isHollow = ({ entry, chunks }: EntryAsked): boolean => entry.id.sequence > line.at && chunks.some(isRefused);
  const hollow = entries.find(isHollow)?.entry.id.sequence ?? Number.POSITIVE_INFINITY;
  const isOwed = (one: EntryAsked): boolean =>
    one.entry.id.sequence < hollow && (one.isTold || (one.serial <= safe && one.serial < coming));
  const owed = Math.max(told?.at ?? 0, ...entries.filter(isOwed).map(({ entry }) => entry.id.sequence));
  return last < owed ? `ends before ${owed}` : undefined;
}

const lineText = ({ tag, at, entries }: Line): string =>
  `[${[...(tag === undefined ? [] : [`base ${tag} at ${at}`]), ...entries.map(({ id }) => id.sequence)].join(' ')}]`;
