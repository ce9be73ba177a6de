// One kill of each role under load, with real processes. The whole trial is `npm run test:kill`.
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Contents, sha256Of } from './contents.js';
import { History, REFUSED, UNKNOWN } from './history.js';
import { type Kill, ROLES, runKillTrial } from './kill-trial.js';
import { historyFailures } from './load-trial.js';

const files: string[] = [];

afterEach(async () => {
  for (const file of files.splice(0)) await rm(file, { force: true });
});

it('a kill of the head, the middle and the tail breaks nothing that was promised', async () => {
  const kills: Kill[] = [];
  const report = await runKillTrial({
    ...{ rounds: 1, clients: 8, durability: 'os', isWiped: false },
    progress: () => undefined,
    killed: (kill) => kills.push(kill),
  });
  files.push(report.history);
  expect(report.failures).toEqual([]);
  expect(kills.map(({ role }) => role)).toEqual(ROLES);
  expect(report.operations.answered).toBeGreaterThan(50);
}, 90_000);

describe('the history that is recorded', () => {
  async function recorded(record: (history: History) => void): Promise<readonly string[]> {
    const file = join(tmpdir(), `ppnfs-history-${process.pid}-${files.length}.jsonl`);
    files.push(file);
    const history = new History(file, 'a test');
    record(history);
    await history.close();
    return historyFailures(file);
  }

  it('is judged: what was acknowledged and is gone does not pass', async () => {
    const failures = await recorded((history) => {
      history.call('a', { op: 'put', path: '/f', content: 'one' })({ outcome: 'done', version: '1.1' });
      history.call('b', { op: 'get', path: '/f' })({ outcome: 'absent' });
    });
    expect(failures.join()).toContain('not linearizable');
  });

  it('says nothing of what was refused, and leaves open what nobody knows', async () => {
    const failures = await recorded((history) => {
      history.call('a', { op: 'put', path: '/f', content: 'one' })(REFUSED);
      history.call('a', { op: 'put', path: '/f', content: 'two' })(UNKNOWN);
      history.call('b', { op: 'get', path: '/f' })(UNKNOWN);
      history.call('b', { op: 'get', path: '/f' })({ outcome: 'found', content: 'two', version: '1.2' });
      expect(history.counts).toEqual({ answered: 1, refused: 1, unknown: 2 });
    });
    expect(failures).toEqual([]);
  });
});

it('contents are known by all of their bytes', () => {
  const contents = new Contents();
  const { name, bytes } = contents.make('c1-1');
  expect(contents.nameOf(sha256Of(bytes))).toBe(name);
  expect(contents.nameOf(sha256Of(bytes.subarray(1)))).toBeUndefined();
});
