// A process that writes to a store as fast as it can and says what was acknowledged, until it is killed.
import { pathToFileURL } from 'node:url';
import { base, chunk, entry } from '../../../core/conformance/store-life.test-kit.js';
import type { StorePort } from '../../../core/ports.js';
import type { Recovered } from '../../../core/store-port.js';
import type { Durability } from '../../../core/view/view.js';
import { openDiskStore } from '../disk-store.js';

export const SHARDS = 3;
/** An upload is dropped when so many later ones of its shard are acknowledged. */
export const KEPT = 20;
const BASE_EVERY = 25;
/** Requests of one shard that are not answered yet. */
const UNDER_WAY = 4;

/** Segments that fill and empty many times in a second. */
export const LIMITS = { segmentBytes: 200_000, groupBytesMax: 50_000, reserveFileBytes: 0, syncEveryBytes: 20_000 };

export const uploadOf = (shard: number, sequence: number): string => `u${shard}.${sequence}`;
export const chunkOf = (shard: number, sequence: number) =>
  chunk(uploadOf(shard, sequence), 0, 100 + ((sequence * 7919) % 12_000));

/** The last entry of a shard that follows on those before it. */
export function lastOf(recovered: Recovered, shard: number): number {
  const found = recovered.shards.find((one) => one.shard === shard);
  let last = found?.base?.at.sequence ?? 0;
  for (const { entry: one, sound } of found?.entries ?? []) {
    if (!sound || one.id.sequence > last + 1) break;
    last = Math.max(last, one.id.sequence);
  }
  return last;
}

async function write(folder: string, durability: Durability): Promise<void> {
  const store = await openDiskStore({ folder, durability, limits: LIMITS });
  const asked: number[] = [];
  const port: StorePort = await store.begin((input) => {
    if (input.kind === 'persisted') {
      const { shard, upTo } = input;
      // Once it is out of our hands: whoever reads it may be slow, and must not know less than what is dropped for it.
      process.stdout.write(`${shard} ${upTo.sequence}\n`, () => {
        if (upTo.sequence > KEPT) port.carryOut({ kind: 'drop-upload', upload: uploadOf(shard, upTo.sequence - KEPT) });
        goOn(shard, upTo.sequence);
      });
    } else {
      process.stdout.write(`${JSON.stringify(input)}\n`);
    }
  });
  const goOn = (shard: number, acknowledged: number): void => {
    while ((asked[shard] ?? 0) < acknowledged + UNDER_WAY) {
      const sequence = (asked[shard] ?? 0) + 1;
      asked[shard] = sequence;
      port.carryOut({ kind: 'store-chunk', shard, chunk: chunkOf(shard, sequence) });
      port.carryOut({ kind: 'persist', shard, entries: [entry(sequence)] });
      if (sequence % BASE_EVERY === 0) port.carryOut({ kind: 'write-base', shard, base: base(sequence, 3) });
    }
  };
  for (let shard = 0; shard < SHARDS; shard++) {
    asked[shard] = lastOf(port.recovered, shard);
    // Those whose turn to be dropped came when the process before was killed.
    for (const { upload } of port.recovered.uploads) {
      const [owner, sequence] = upload.slice(1).split('.').map(Number) as [number, number];
      if (owner === shard && sequence <= (asked[shard] ?? 0) - KEPT) port.carryOut({ kind: 'drop-upload', upload });
    }
    goOn(shard, asked[shard] ?? 0);
  }
}

const [, script = '', folder = '', durability = ''] = process.argv;
if (import.meta.url === pathToFileURL(script).href) await write(folder, durability as Durability);
