// Real stores under the suite of their port, each in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { StoreHarness, StoreWorld } from '../../core/conformance/store-world.test-kit.js';
import type { Durability } from '../../core/view/view.js';
import { type DiskStoreOptions, openDiskStore } from './disk-store.js';
import { openMemoryStore } from './memory-store.js';
import type { Store } from './store.js';

/** As long as a test may wait for anything. */
const PATIENCE_MS = 10_000;

export async function until(holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error('waited in vain');
    await wait(1);
  }
}

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ppnfs-store-'));
}

export const memoryHarness: StoreHarness = {
  name: 'memory',
  cannot: { outlive: 'it is gone with its process' },
  open: () => {
    const store = openMemoryStore();
    return Promise.resolve(world(() => store));
  },
};

export const diskHarness = (durability: Durability, options: Partial<DiskStoreOptions> = {}): StoreHarness => ({
  name: `disk, ${durability}${options.limits === undefined ? '' : ', small bounds'}`,
  cannot: durability === 'memory' ? { outlive: 'what it finds after a crash is suspect' } : {},
  open: async () => {
    const folder = makeFolder();
    const open = () => openDiskStore({ folder, durability, ...options });
    let store = await open();
    const crash = async (): Promise<void> => {
      await store.close();
      store = await open();
    };
    return world(
      () => store,
      crash,
      () => rmSync(folder, { recursive: true }),
    );
  },
});

function world(store: () => Store, crash?: () => Promise<void>, clear?: () => void): StoreWorld {
  return {
    begin: (post) => store().begin(post),
    crash: crash ?? (() => Promise.reject(new Error('it cannot outlive its process'))),
    until,
    pause: () => wait(20),
    close: async () => {
      await store().close();
      clear?.();
    },
  };
}
