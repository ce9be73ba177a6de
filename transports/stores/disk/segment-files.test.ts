// Descriptors are closed when nobody uses them, and whoever has to know when, hears it.
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { REAL_FILES } from './file-system.js';
import { segmentName } from './manifest.js';
import { SegmentFiles } from './segment-files.js';

let folder: string;
let files: SegmentFiles;
let failing = -1;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppnfs-segments-'));
  for (const segment of [1, 2, 3]) writeFileSync(join(folder, segmentName(segment)), 'x');
  const close = async (descriptor: number): Promise<void> => {
    // The one that made room takes longest.
    await wait(descriptor === failing ? 200 : 1);
    await REAL_FILES.close(descriptor);
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
    await wait(20);
    expect([isClosed, openThere()]).toEqual([false, 2]);
    files.giveBack(2);
    await closed;
    expect(openThere()).toBe(0);
  },
);
