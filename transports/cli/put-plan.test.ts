// What is to be sent, from folders on a real disk.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WrongUsage } from './context.js';
import { filesToSend } from './put-plan.js';

const NOBODY = 65_534;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ppnfs-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The administrator may read everything: what others may not is seen only by becoming one of them. */
async function asAnybody<Value>(work: () => Promise<Value>): Promise<Value> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

it.skipIf(process.platform === 'win32')('a folder that may not be read is a sentence', async () => {
  const locked = join(folder, 'locked');
  mkdirSync(locked);
  chmodSync(folder, 0o755);
  chmodSync(locked, 0o300);
  const planned = asAnybody(() => filesToSend([locked], '/www', true));
  const error = await planned.catch((reason: unknown) => reason);
  chmodSync(locked, 0o700);
  expect(error).toBeInstanceOf(WrongUsage);
  expect(String(error)).toContain(`${locked}: EACCES`);
});
