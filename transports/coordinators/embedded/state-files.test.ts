// The state on the disk: a file that was cut short anywhere gives all that was confirmed; a damaged one is never believed,
// never replaced, never changed.
import system, * as fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lives, valuesOfAllKinds } from '../../../core/conformance/coordinator-values.test-kit.js';
import { livesKey } from '../../../core/coordinator-port.js';
import { temporaryFolder } from './embedded.test-kit.js';
import { type OpenedState, openState, stateIn } from './folder.js';
import { Journal } from './journal.js';
import { PASSING_MAX, PASSING_MS } from './limits.js';
import { readRecords, record } from './records.js';
import { type CoordinatorState, plainChange } from './state.js';

let folder: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ path: folder, remove } = await temporaryFolder());
});
afterEach(() => remove());

const broke = (error: Error): void => {
  throw error;
};
const files = (): readonly string[] => fs.readdirSync(folder).sort();
const fileOf = (number: number): string => join(folder, `state-${String(number).padStart(8, '0')}.journal`);
/** As data: the order of fields says nothing. */
const contentOf = (state: CoordinatorState): unknown => JSON.parse(JSON.stringify(state.snapshot()));
const durable = (journal: Journal): Promise<void> => new Promise((resolve) => journal.whenDurable(resolve));
const setTo = (version: number) => ({
  ...{ put: { key: livesKey('a'), value: lives(version), version, owner: '' } },
});

/** Opens the state and closes it again. */
function opened(): OpenedState {
  const state = openState(folder);
  fs.closeSync(state.generation.file);
  return state;
}

/** Writes some records, one by one, and ends. @returns what the state was before the first and after each. */
async function write(records: number): Promise<readonly unknown[]> {
  const journal = new Journal(folder, openState(folder), broke);
  const states = [contentOf(journal.state)];
  journal.change({ opened: 's-1', number: 1, secretHash: 'x' });
  await durable(journal);
  states.push(contentOf(journal.state));
  for (let version = 0; version < records - 1; version++) {
    journal.change(setTo(version));
    await durable(journal);
    states.push(contentOf(journal.state));
  }
  await journal.close();
  states.push(contentOf(journal.state));
  return states;
}

const withoutSessions = (content: unknown): unknown => ({ ...(content as object), sessions: [] });

describe('the state', () => {
  it('is the same after a restart, with values of all kinds', async () => {
    const journal = new Journal(folder, openState(folder), broke);
    valuesOfAllKinds.forEach((value, i) => {
      journal.change({ put: { key: livesKey(`v${i}`), value, version: i, owner: i === 3 ? 's-1' : '' } });
    });
    journal.change({ gone: livesKey('v0') });
    await journal.close();
    expect(contentOf(opened().state)).toEqual(contentOf(journal.state));
    expect(opened().state.read({ op: 'read', key: livesKey('v1'), watch: false })).toMatchObject({
      stored: { value: valuesOfAllKinds[1] },
    });
  });

  it('counts sessions on, whatever became of them', async () => {
    const journal = new Journal(folder, openState(folder), broke);
    journal.change({ opened: 's-7', number: 7, secretHash: 'x' });
    journal.change({ over: 's-7' });
    await journal.close();
    expect(opened().state.sessionsEver).toBe(7);
    expect(opened().state.sessionsEver).toBe(7);
  });

  it('is written anew when the journal has grown, and nothing is lost by that', async () => {
    const journal = new Journal(folder, openState(folder), broke);
    const value = { kind: 'registration', registration: { ...registrationOf('x'.repeat(10_000)) } } as const;
    for (let version = 0; version < 250; version++) {
      journal.change({ put: { key: 'members/a', value, version, owner: '' } });
      if (version % 3 === 0) await durable(journal);
    }
    await journal.close();
    const [before = 0, now = 0] = files().map((name) => Number(name.slice(6, 14)));
    expect(now).toBeGreaterThan(2);
    expect(before).toBe(now - 1);
    const restarted = opened();
    expect(contentOf(restarted.state)).toEqual(contentOf(journal.state));
    expect(restarted.state.changes).toBe(250);
  });
});

function registrationOf(address: string) {
  const value = valuesOfAllKinds.find(({ kind }) => kind === 'registration');
  if (value?.kind !== 'registration') throw new Error('there is one');
  return { ...value.registration, address };
}

/** A file, where its records end, and what the state was at each of these ends. */
async function written() {
  const states = await write(4);
  const bytes = fs.readFileSync(fileOf(1));
  const ends = [
    ...readRecords(bytes)
      .values.slice(1)
      .map(({ atByte }) => atByte),
    bytes.length,
  ];
  return { bytes, ends, states };
}

describe('what a session owns', () => {
  const own = (version: number) => ({ put: { ...setTo(version).put, key: 'statistics/a', owner: 's-1' } });
  const inFile = (): unknown => contentOf(stateIn(fs.readFileSync(fileOf(1))).state);
  /** So many changes are in the file. */
  const written = async (changes: number): Promise<void> => {
    while (stateIn(fs.readFileSync(fileOf(1))).state.changes < changes) await new Promise((next) => setImmediate(next));
  };
  afterEach(() => vi.useRealTimers());

  it('is waited for by nobody, but for those who wait for something else', async () => {
    const journal = new Journal(folder, openState(folder), broke);
    journal.change({ opened: 's-1', number: 1, secretHash: 'x' });
    await durable(journal);
    const before = inFile();
    const order: string[] = [];
    journal.change(own(0));
    journal.whenDurable(() => order.push('own'));
    expect(order).toEqual(['own']);
    expect(inFile()).toEqual(before);
    journal.change(setTo(0));
    journal.whenDurable(() => order.push('shared'));
    journal.change(own(1));
    journal.whenDurable(() => order.push('own again'));
    expect(order).toEqual(['own']);
    await durable(journal);
    expect(order).toEqual(['own', 'shared', 'own again']);
    expect(inFile()).toEqual(contentOf(journal.state));
    await journal.close();
  });

  it('is written a moment later, when many changed, and before the end', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const journal = new Journal(folder, openState(folder), broke);
    journal.change(own(0));
    vi.advanceTimersByTime(PASSING_MS);
    // Nobody waits for the writing of it either.
    const order: string[] = [];
    journal.whenDurable(() => order.push('at once'));
    expect(order).toEqual(['at once']);
    await written(1);
    expect(inFile()).toEqual(contentOf(journal.state));
    for (let version = 1; version <= PASSING_MAX; version++) journal.change(own(version));
    await written(1 + PASSING_MAX);
    expect(inFile()).toEqual(contentOf(journal.state));
    journal.change(own(1000));
    await journal.close();
    expect(inFile()).toEqual(contentOf(journal.state));
  });

  it('is written although it changes while the coordinator ends; what changes afterwards is nobody told of', async () => {
    const broken = vi.fn();
    const journal = new Journal(folder, openState(folder), broken);
    journal.change({ opened: 's-1', number: 1, secretHash: 'x' });
    journal.whenDurable(() => journal.change(own(0)));
    await journal.close();
    journal.change(setTo(0));
    const wasLetOut = vi.fn();
    journal.whenDurable(wasLetOut);
    for (let turn = 0; turn < 20; turn++) await new Promise((next) => setImmediate(next));
    expect([wasLetOut.mock.calls, broken.mock.calls]).toEqual([[], []]);
    const { state, notes } = opened();
    expect(notes).toEqual([]);
    expect(state.read({ op: 'list', under: '' })).toMatchObject({ stored: [{ key: 'statistics/a', version: 0 }] });
  });

  it('outlives a coordinator that ends by itself, and no other end, nor does the session', async () => {
    const first = openState(folder);
    const journal = new Journal(folder, first, broke);
    journal.change({ opened: 's-1', number: 1, secretHash: 'x' });
    journal.change(own(0));
    journal.change(setTo(0));
    await journal.close();
    const second = opened();
    expect(contentOf(second.state)).toEqual(contentOf(journal.state));
    // This one has written nothing, not even that it ended.
    const third = opened();
    expect([...third.state.sessions]).toEqual([]);
    expect(third.state.read({ op: 'list', under: '' })).toMatchObject({ stored: [{ key: livesKey('a') }] });
    expect(third.notes).toEqual([expect.stringContaining('a session is over')]);
    expect(third.state.changes).toBe(second.state.changes);
  });
});

describe('a file that was cut short', () => {
  it('at any byte gives all that was written whole', async () => {
    const { bytes, ends, states } = await written();
    for (let length = ends[0] as number; length <= bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length - 1;
      for (const zeros of [0, 100]) {
        const { state, endByte } = stateIn(Buffer.concat([bytes.subarray(0, length), Buffer.alloc(zeros)]));
        expect(contentOf(state)).toEqual(states[whole]);
        expect(endByte).toBe(ends[whole]);
      }
    }
  });

  it('stays as it is, and is noted; what follows goes into another one', async () => {
    const { bytes, ends, states } = await written();
    for (const length of ends.flatMap((end) => [end - 1, end, end + 1, end + 30])) {
      if (length < (ends[0] as number) || length > bytes.length) continue;
      for (const name of files()) fs.rmSync(join(folder, name));
      const cut = bytes.subarray(0, length);
      fs.writeFileSync(fileOf(1), cut);
      const whole = ends.filter((end) => end <= length).length - 1;
      const { state, notes } = opened();
      const isEnded = length === bytes.length;
      const [isCut, hadSession] = [length !== ends[whole], whole > 0 && !isEnded];
      expect(contentOf(state)).toEqual(isEnded ? states[whole] : withoutSessions(states[whole]));
      expect(notes.length).toBe((isCut ? 1 : 0) + (hadSession ? 1 : 0));
      expect(fs.readFileSync(fileOf(1)).equals(cut)).toBe(true);
      expect(contentOf(opened().state)).toEqual(withoutSessions(states[whole]));
    }
  });

  it('within its first record was not made by us: it is damaged', async () => {
    await write(2);
    const bytes = fs.readFileSync(fileOf(1));
    for (const length of [0, 1, 26, 27, 100]) {
      fs.writeFileSync(fileOf(1), bytes.subarray(0, length));
      expect(() => openState(folder)).toThrow(/damaged at byte 0.*first record is missing/s);
      expect(files()).toEqual(['state-00000001.journal']);
    }
  });
});

describe('a damaged file', () => {
  it('is never believed, whichever byte is another one, and never touched', async () => {
    const states = await write(4);
    const bytes = fs.readFileSync(fileOf(1));
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      fs.writeFileSync(fileOf(1), damaged);
      expect(() => openState(folder)).toThrow(/damaged at byte \d+: .*Nothing was changed.*bring the file back/s);
      expect(fs.readFileSync(fileOf(1)).equals(damaged)).toBe(true);
      expect(files()).toEqual(['state-00000001.journal']);
    }
    fs.writeFileSync(fileOf(1), bytes);
    expect(contentOf(opened().state)).toEqual(states[states.length - 1]);
  });

  it('that lacks a record in between is found out', async () => {
    await write(4);
    const bytes = fs.readFileSync(fileOf(1));
    const [, , second, third] = readRecords(bytes).values.map(({ atByte }) => atByte);
    fs.writeFileSync(fileOf(1), Buffer.concat([bytes.subarray(0, second), bytes.subarray(third)]));
    expect(() => openState(folder)).toThrow(/a record is missing before this one/);
  });

  it('has the copy before it named, and that works when it is used', async () => {
    const states = await write(4);
    opened();
    const bytes = fs.readFileSync(fileOf(2));
    fs.writeFileSync(
      fileOf(2),
      bytes.map((byte) => byte ^ 1),
    );
    expect(() => openState(folder)).toThrow(/state-00000001\.journal: move .*state-00000002\.journal away/);
    fs.rmSync(fileOf(2));
    expect(contentOf(opened().state)).toEqual(states[states.length - 1]);
  });
});

/** From now on it takes nothing: its file was opened for reading only. */
function failingDisk(journal: Journal): void {
  const readOnly = fs.openSync(fileOf(1), 'r');
  const { generation } = journal as unknown as { generation: { file: number } };
  fs.closeSync(generation.file);
  generation.file = readOnly;
}

describe('a folder', () => {
  it('in which a coordinator has run is not begun anew when its state is gone', async () => {
    fs.writeFileSync(join(folder, 'coordinator.txt'), 'tcp://127.0.0.1:7100\n');
    expect(() => openState(folder)).toThrow(/its state .* is gone.*to begin a new cluster, delete/);
    fs.rmSync(join(folder, 'coordinator.txt'));
    expect(opened().notes).toEqual([`a new, empty state was begun in ${folder}`]);
  });

  it('is rid of what was left half made, and keeps the last two generations', async () => {
    await write(2);
    fs.writeFileSync(`${fileOf(2)}.123.tmp`, 'half');
    for (let i = 0; i < 3; i++) opened();
    expect(files()).toEqual(['state-00000003.journal', 'state-00000004.journal']);
  });

  it('whose disk fails gets no confirmation any more, and says so', async () => {
    let error: Error | undefined;
    const journal = new Journal(folder, openState(folder), (why) => {
      error = why;
    });
    journal.change(setTo(0));
    await durable(journal);
    failingDisk(journal);
    let confirmations = 0;
    for (let version = 1; version < 4; version++) {
      journal.change(setTo(version));
      journal.whenDurable(() => confirmations++);
      await new Promise(setImmediate);
    }
    await journal.close();
    expect(error?.message).toMatch(/EBADF/);
    expect(confirmations).toBe(0);
    expect(opened().state.read({ op: 'list', under: '' })).toMatchObject({ stored: [{ version: 0 }] });
  });

  it('has one owner: who was taken over confirms nothing more', async () => {
    let error: Error | undefined;
    const first = new Journal(folder, openState(folder), (why) => {
      error = why;
    });
    first.change(setTo(0));
    await durable(first);
    const second = new Journal(folder, openState(folder), broke);
    let isConfirmed = false;
    first.change(setTo(1));
    first.whenDurable(() => {
      isConfirmed = true;
    });
    await first.close();
    expect(error?.message).toMatch(/another coordinator has taken over/);
    expect(isConfirmed).toBe(false);
    expect(second.state.read({ op: 'list', under: '' })).toMatchObject({ stored: [{ version: 0 }] });
    await second.close();
  });

  it('loses nothing that its owner confirms while another one takes it over', async () => {
    const first = new Journal(folder, openState(folder), broke);
    first.change(setTo(0));
    await durable(first);
    // Between the reading of the state and the new generation's name.
    const { linkSync } = system;
    let isConfirmed = false;
    system.linkSync = (from, to) => {
      system.linkSync = linkSync;
      syncBuiltinESMExports();
      fs.appendFileSync(fileOf(1), record({ after: 1, changes: [plainChange(setTo(1))] }));
      isConfirmed = true;
      linkSync(from, to);
    };
    syncBuiltinESMExports();
    const second = opened();
    expect(isConfirmed).toBe(true);
    expect(second.state.read({ op: 'list', under: '' })).toMatchObject({ stored: [{ version: 1 }] });
    expect(second.generation.number).toBe(3);
    expect(opened().state.read({ op: 'list', under: '' })).toMatchObject({ stored: [{ version: 1 }] });
  });

  it('knows an owner that was taken over, also when the next generations are gone again', async () => {
    let error: Error | undefined;
    const first = new Journal(folder, openState(folder), (why) => {
      error = why;
    });
    for (let i = 0; i < 3; i++) opened();
    expect(fs.existsSync(fileOf(2))).toBe(false);
    first.change(setTo(0));
    await first.close();
    expect(error?.message).toMatch(/another coordinator has taken over/);
  });
});
