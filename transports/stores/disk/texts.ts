/**
 * What the texts of records say, as JSON. Checksums guard them: what is decoded here is what was written once.
 * Knows the shapes, nothing of what they are for.
 */
import type { FileRecord, LogEntry } from '../../../core/file.js';
import type { EntryId, OperationId } from '../../../core/ids.js';
import { SortedMap } from '../../../core/sorted-map.js';
import type { Base, RememberedOutcome, StoreIdentity } from '../../../core/store-port.js';
import type { Durability } from '../../../core/view/view.js';

/** Who writes from here on, and what was to be doubted when it began. */
export interface Opened {
  /** Of the machine. */
  readonly boot: string;
  readonly durability: Durability;
  readonly suspectUpTo: number;
  /** Suspect until they are written to. */
  readonly suspectShards: readonly number[];
  /** Damaged stretches of the log that are known: from one place to another. */
  readonly holes: readonly (readonly [number, number])[];
  /** Written again at the start of a segment: the one before it, and how long that is. */
  readonly behind?: readonly [segment: number, bytes: number];
}

export const entryText = (entry: LogEntry): string => JSON.stringify(entry);

export function entryOf(text: string): LogEntry {
  const entry = JSON.parse(text) as LogEntry;
  const { proposal } = entry;
  // JSON has no word for undefined.
  return Object.hasOwn(proposal, 'precondition')
    ? entry
    : { ...entry, proposal: { ...proposal, precondition: undefined } };
}

/** In the place of an entry that cannot be read any more. */
export const lostEntry = (id: EntryId): LogEntry => ({
  id,
  proposal: { operation: '', path: '', change: { kind: 'delete' }, precondition: undefined, fingerprint: '' },
  outcome: { result: 'deleted', found: false },
});

interface BasePart {
  readonly files: readonly (readonly [string, FileRecord])[];
  readonly outcomes: readonly (readonly [OperationId, RememberedOutcome])[];
  readonly floor: OperationId;
  /** Parts before it. */
  readonly part: number;
}

/** The text of a base in parts of so many items at most, made one by one: a large one must not hold up the rest. */
export function* basePartTexts(base: Base, itemsMax: number): Generator<{ text: string; isLast: boolean }> {
  const files = base.files.entries();
  const outcomes = base.outcomes.entries();
  for (let part = 0, left = base.files.size + base.outcomes.size; ; part++, left -= itemsMax) {
    const some = take(files, itemsMax);
    const others = take(outcomes, itemsMax - some.length);
    const content: BasePart = { files: some, outcomes: others, floor: base.floor, part };
    yield { text: JSON.stringify(content), isLast: left <= itemsMax };
    if (left <= itemsMax) return;
  }
}

function take<T>(items: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = items.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

/** @param texts of all parts, in order */
export function baseOf(at: EntryId, texts: readonly string[]): Base {
  let files: Base['files'] = SortedMap.empty();
  let outcomes: Base['outcomes'] = SortedMap.empty();
  let floor: OperationId = '';
  for (const text of texts) {
    const part = JSON.parse(text) as BasePart;
    for (const [path, file] of part.files) files = files.set(path, file);
    for (const [operation, remembered] of part.outcomes) outcomes = outcomes.set(operation, remembered);
    floor = part.floor;
  }
  return { at, files, outcomes, floor };
}

export const identityOf = (text: string): StoreIdentity => JSON.parse(text) as StoreIdentity;
export const openedOf = (text: string): Opened => JSON.parse(text) as Opened;
