/**
 * The files of the coordinator's state. `state-<generation>.journal` begins with all there was when it was made, and
 * changes follow; a new generation is whole before it has its name, and the one before it stays as a copy.
 * Must never change or replace a file that cannot be read, nor begin anew where there was something (hazard 9). A
 * generation has one owner: whoever makes the next one takes the state over, and the owner before confirms nothing more.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { ADDRESS_FILE } from '../address.js';
import { Damaged, readRecords, record } from './records.js';
import { asChange, CoordinatorState } from './state.js';

const NAME = /^state-(\d{8})\.journal$/;
const nameOf = (generation: number): string => `state-${String(generation).padStart(8, '0')}.journal`;
/** State that changes under our eyes, by another coordinator: tried again so often. */
const TAKEOVERS_MAX = 5;

export interface Generation {
  readonly number: number;
  readonly path: string;
  /** Open for appending. */
  readonly file: number;
  readonly bytes: number;
}

export interface OpenedState {
  readonly state: CoordinatorState;
  readonly generation: Generation;
  /** What an operator may want to know. */
  readonly notes: readonly string[];
}

/** @throws with a sentence for the operator, if what is there cannot be read. */
export function openState(folder: string): OpenedState {
  fs.mkdirSync(folder, { recursive: true });
  for (let i = 0; i < TAKEOVERS_MAX; i++) {
    const before = latest(folder);
    if (before === undefined) return begin(folder);
    const { number, state, bytes, isEnded, notes } = fullest(folder, before);
    const dropped = isEnded ? [] : withoutSessions(state);
    const generation = makeGeneration(folder, before + 1, state);
    // What another one wrote up to now, it may have confirmed; after this it confirms nothing.
    if (generation !== undefined && fs.statSync(join(folder, nameOf(number))).size === bytes) {
      sweep(folder, number);
      return { state, generation, notes: [...notes, ...dropped] };
    }
    // It stays, so that nobody takes its number; who comes next sees that it lacks something.
    if (generation !== undefined) fs.closeSync(generation.file);
  }
  throw new Error(`other coordinators keep taking over the state in ${folder}: let only one of them run`);
}

/**
 * Of what sessions own something may be forgotten where the coordinator did not end by itself: none of it counts then, and
 * whoever had a session opens another.
 */
function withoutSessions(state: CoordinatorState): readonly string[] {
  const sessions = [...state.sessions];
  const { changes } = state;
  for (const session of sessions) for (const change of state.endOf(session)) state.apply(change);
  // Not counted: by their number generations are told that have more from those that have less.
  state.changes = changes;
  const over = sessions.length === 1 ? 'a session is' : `${sessions.length} sessions are`;
  return sessions.length === 0 ? [] : [`the coordinator did not end by itself: ${over} over, servers register again`];
}

/** The last record of a coordinator that has ended by itself: nothing is missing. */
export const endRecord = (changes: number): Buffer => record({ after: changes, changes: [], ended: true });

function begin(folder: string): OpenedState {
  const addressFile = join(folder, ADDRESS_FILE);
  if (fs.existsSync(addressFile)) {
    throw new Error(
      `a coordinator has run in ${folder}, but its state (state-*.journal) is gone. ` +
        `Bring it back from a copy; or, to begin a new cluster, delete ${addressFile}`,
    );
  }
  const state = new CoordinatorState(randomBytes(6).toString('hex'));
  const generation = makeGeneration(folder, 1, state);
  if (generation === undefined) throw new Error(`another coordinator is just beginning in ${folder}`);
  return { state, generation, notes: [`a new, empty state was begun in ${folder}`] };
}

function latest(folder: string): number | undefined {
  const numbers = fs.readdirSync(folder).flatMap((name) => {
    const [, number] = NAME.exec(name) ?? [];
    return number === undefined ? [] : [Number(number)];
  });
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** Whose state it is; undefined: there is none, or none that can be read. */
export function serviceIn(folder: string): string | undefined {
  try {
    const generation = latest(folder);
    return generation === undefined ? undefined : load(folder, generation).state.service;
  } catch {
    return undefined;
  }
}

interface Loaded {
  readonly state: CoordinatorState;
  readonly bytes: number;
  readonly notes: readonly string[];
  /** Nothing was written to it since it was made. */
  readonly isFresh: boolean;
  /** Whoever wrote it has ended by itself. */
  readonly isEnded: boolean;
}

/**
 * The state to go on from: that of the latest generation. But nothing may have been written to it since it was made, and
 * something to the one before, by an owner who did not know yet that it was taken over: then that one has more.
 */
function fullest(folder: string, last: number): Loaded & { readonly number: number } {
  let best = { number: last, ...load(folder, last) };
  let { isFresh } = best;
  for (let number = last - 1; isFresh && fs.existsSync(join(folder, nameOf(number))); number--) {
    const loaded = loadSound(folder, number);
    // Only a copy, and damaged: what was made of it while it was sound is there.
    if (loaded === undefined) break;
    if (loaded.state.changes > best.state.changes) best = { number, ...loaded };
    isFresh = loaded.isFresh;
  }
  return best;
}

/** @throws with a sentence for the operator, if it is damaged */
function load(folder: string, generation: number): Loaded {
  try {
    return read(folder, generation);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    throw new Error(damageText(folder, generation, join(folder, nameOf(generation)), error));
  }
}

/** @returns undefined if it is damaged. @throws the system's error if it cannot be read */
function loadSound(folder: string, generation: number): Loaded | undefined {
  try {
    return read(folder, generation);
  } catch (error) {
    if (error instanceof Damaged) return undefined;
    throw error;
  }
}

/** @throws Damaged, or the system's error */
function read(folder: string, generation: number): Loaded {
  const path = join(folder, nameOf(generation));
  const bytes = fs.readFileSync(path);
  const { state, endByte, records, isEnded } = stateIn(bytes);
  const cut = bytes.length - endByte;
  const note = `the last ${cut} bytes of ${path} were being written when the coordinator ended, and were never confirmed`;
  return { state, bytes: bytes.length, notes: cut > 0 ? [note] : [], isFresh: records === 1, isEnded };
}

/** @throws Damaged */
export function stateIn(bytes: Buffer): {
  readonly state: CoordinatorState;
  readonly endByte: number;
  readonly records: number;
  readonly isEnded: boolean;
} {
  const { values, endByte } = readRecords(bytes);
  const [first, ...rest] = values;
  if (first === undefined) throw new Damaged(0, 'its first record is missing');
  const state = sound(0, () => CoordinatorState.from(first.value));
  let isEnded = false;
  for (const { atByte, value } of rest) {
    sound(atByte, () => {
      const { after, changes, ended } = value as { after?: unknown; changes?: unknown; ended?: unknown };
      isEnded = ended === true;
      if (after !== state.changes || !Array.isArray(changes)) throw new Error('a record is missing before this one');
      for (const change of changes) state.apply(asChange(change));
    });
  }
  return { state, endByte, records: values.length, isEnded };
}

function sound<T>(atByte: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Damaged(atByte, error instanceof Error ? error.message : String(error));
  }
}

function damageText(folder: string, generation: number, path: string, { atByte, message }: Damaged): string {
  const copy = join(folder, nameOf(generation - 1));
  const lines = [
    `the coordinator's state in ${path} is damaged at byte ${atByte}: ${message}. Nothing was changed.`,
    'Stop all servers of the ring, and bring the file back from a backup.',
  ];
  if (atByte > 0) lines.push(`Or give up what comes behind: truncate -s ${atByte} '${path}'.`);
  if (fs.existsSync(copy)) lines.push(`Or give up all that came since ${copy}: move ${path} away.`);
  lines.push('What is given up may hold the latest view: servers that know a later one will refuse to join.');
  return lines.join('\n');
}

/** @returns undefined if that generation is there already. */
export function makeGeneration(folder: string, number: number, state: CoordinatorState): Generation | undefined {
  const path = join(folder, nameOf(number));
  const temporary = `${path}.${process.pid}.tmp`;
  const bytes = record(state.snapshot());
  const file = fs.openSync(temporary, 'w');
  let isMade = false;
  try {
    // Unlike writeSync it goes on after a short write, or says that the disk is full.
    fs.writeFileSync(file, bytes);
    fs.fsyncSync(file);
    isMade = giveName(temporary, path);
  } finally {
    if (!isMade) fs.closeSync(file);
    fs.rmSync(temporary, { force: true });
  }
  if (!isMade) return undefined;
  syncFolder(folder);
  return { number, path, file, bytes: bytes.length };
}

/** @returns false if the name is taken. */
function giveName(temporary: string, path: string): boolean {
  try {
    fs.linkSync(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // A file system without hard links: the check and the renaming are two steps there.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    if (fs.existsSync(path)) return false;
    fs.renameSync(temporary, path);
    return true;
  }
}

function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Generations before this one go, and what was left half made. */
export function sweep(folder: string, keep: number): void {
  for (const name of fs.readdirSync(folder)) {
    const [, number] = NAME.exec(name) ?? [];
    const isOld = number !== undefined && Number(number) < keep;
    if (isOld || /^state-\d{8}\.journal\.\d+\.tmp$/.test(name)) fs.rmSync(join(folder, name), { force: true });
  }
}

/** The next one may be gone again: whoever took over has gone on since. */
export const isSuperseded = (folder: string, { number }: Generation): boolean => (latest(folder) ?? 0) > number;
