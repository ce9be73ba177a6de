// Whatever a process was doing when it was killed: what it had acknowledged is there when the next one looks.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreLife } from '../../../core/conformance/store-life.test-kit.js';
import { bootName } from './boot.js';
import { DiskBench } from './disk.test-kit.js';
import { chunkOf, KEPT, LIMITS, lastOf, SHARDS, uploadOf } from './killed.test-kit.js';

const SCRIPT = fileURLToPath(new URL('./killed.test-kit.js', import.meta.url));
const KILLS = 6;

let bench: DiskBench;
beforeEach(() => {
  bench = new DiskBench();
});
afterEach(() => bench.clear());

/** Runs a writer for so long behind its first word. @returns the last entry it acknowledged of each shard */
async function killedAfter(ms: number, durability: string): Promise<readonly number[]> {
  const writer: ChildProcess = spawn(process.execPath, [SCRIPT, bench.folder, durability], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  writer.stdout?.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  await once(writer.stdout as NodeJS.ReadableStream, 'data');
  await wait(ms);
  writer.kill('SIGKILL');
  await once(writer, 'close');
  const acknowledged = new Array<number>(SHARDS).fill(0);
  for (const line of told.split('\n').slice(0, -1)) {
    expect(line).toMatch(/^\d+ \d+$/);
    const [shard, sequence] = line.split(' ').map(Number) as [number, number];
    acknowledged[shard] = Math.max(acknowledged[shard] ?? 0, sequence);
  }
  return acknowledged;
}

async function check(life: StoreLife, acknowledged: readonly number[]): Promise<void> {
  expect(life.found).not.toMatch(/suspect|!/);
  const uploads = new Set(life.recovered.uploads.map(({ upload }) => upload));
  for (const [shard, last] of acknowledged.entries()) {
    const found = lastOf(life.recovered, shard);
    expect(found).toBeGreaterThanOrEqual(last);
    for (let sequence = Math.max(1, last - KEPT + 1); sequence <= last; sequence++) {
      const chunk = await life.read(uploadOf(shard, sequence), 0);
      expect(chunk, `${shard} ${sequence}`).toEqual(chunkOf(shard, sequence));
    }
    // Dropped before something that was acknowledged.
    const dropped = Array.from({ length: Math.max(0, last - 2 * KEPT) }, (_, i) => uploadOf(shard, i + 1));
    expect(dropped.filter((upload) => uploads.has(upload))).toEqual([]);
  }
}

describe('a process that is killed again and again', () => {
  it.each(['os', 'fsync'] as const)(
    'loses nothing under %s that it had acknowledged',
    { timeout: 60_000 },
    async (how) => {
      let written = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const acknowledged = await killedAfter(10 + 37 * kill, how);
        const store = await bench.open({ durability: how, boot: bootName(), limits: LIMITS });
        await check(await bench.begin(store), acknowledged);
        await store.close();
        written = Math.max(written, ...acknowledged);
        const { liveBytes, diskBytes } = store.figures;
        expect(liveBytes).toBeLessThan(3 * SHARDS * KEPT * 12_000);
        expect(diskBytes).toBeLessThan(40 * LIMITS.segmentBytes);
      }
      expect(written).toBeGreaterThan(3 * KEPT);
    },
  );
});
