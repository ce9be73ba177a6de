// Descriptors are closed when nobody uses them, and whoever has to know when, hears it.
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../store-harness.test-kit.js';
import { REAL_FILES } from './file-system.js';
import { segmentName } from './manifest.js';
import { SegmentFiles } from './segment-files.js';

let folder: string;
let files: SegmentFiles;
let failing = -1;
/** The one that made room is closed when it is told to, and fails. */
let fail: () => void;
let closedOnes: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppnfs-segments-'));
  for (const segment of [1, 2, 3]) writeFileSync(join(folder, segmentName(segment)), 'x');
  closedOnes = 0;
  const mayFail = new Promise<void>((resolve) => {
    fail = resolve;
  });
  const close = async (descriptor: number): Promise<void> => {
    if (descriptor === failing) await mayFail;
    await REAL_FILES.close(descriptor);
    closedOnes++;
    if (descriptor === failing) throw new Error('EIO');
  };
  files = new SegmentFiles({ ...REAL_FILES, close }, folder, 2);
});
afterEach(() => rmSync(folder, { recursive: true }));

const openThere = (): number =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;

it.skipIf(!existsSync('/proc/self/fd'))(
  'has none open any more when all are said to be closed: one in use, one idle, one that had to make room',
  async () => {
    failing = files.borrow(1);
    files.giveBack(1);
    files.borrow(2);
    files.borrow(3);
    files.giveBack(3);
    expect(openThere()).toBe(3);
    let isClosed = false;
    const closed = files.closeAll().then(() => {
      isClosed = true;
    });
    await until(() => openThere() === 2);
    files.giveBack(2);
    await until(() => closedOnes === 2);
    await nextTurn();
    expect([isClosed, openThere()]).toEqual([false, 1]);
    fail();
    await closed;
    expect(openThere()).toBe(0);
  },
);
