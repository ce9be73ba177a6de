// How much room new objects get is told to V8 in time, and a person's word counts more than ours.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { serverOptions } from './heap.js';

/** Bytes, of a Node process that is started with these options: room for new objects is part of it. */
function heapLimit(options: string): number {
  const script = 'process.stdout.write(String(v8.getHeapStatistics().heap_size_limit))';
  const { stdout } = spawnSync(process.execPath, ['-e', script], { env: { NODE_OPTIONS: options }, encoding: 'utf8' });
  return Number(stdout);
}

it('new objects of a server get more room than V8 gives them, unless somebody says otherwise', () => {
  expect(heapLimit(serverOptions())).toBeGreaterThan(heapLimit(''));
  const own = '--max-semi-space-size=32';
  expect(heapLimit(serverOptions(own))).toBe(heapLimit(own));
});
