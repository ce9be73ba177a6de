// A process may die at any byte of a write, and any byte may rot: what was acknowledged is found, or its loss is told.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { base, chunk, entry, foundText, IDENTITY } from '../../../core/conformance/store-life.test-kit.js';
import type { Recovered } from '../../../core/store-port.js';
import { DiskBench, look, recordsIn, type WrittenRecord } from './disk.test-kit.js';
import { segmentName } from './manifest.js';
import { offsetOf, type RecordKind } from './record.js';

let bench: DiskBench;
/** A folder as it was while its store was running. */
let folder: string;
let log: Buffer;
let records: readonly WrittenRecord[];
let whole: Recovered;

const path = (): string => join(folder, segmentName(1));
const endOf = ({ place, bytes }: WrittenRecord): number => offsetOf(place) + bytes;

beforeEach(async () => {
  bench = new DiskBench();
  const life = await bench.begin(await bench.open());
  life.ask({ kind: 'write-identity', identity: IDENTITY });
  life.persist(0, entry(1), entry(2));
  life.store(1, chunk('u9', 0, 40), chunk('u1', 0, 40), chunk('u1', 1, 900));
  life.persist(1, entry(1));
  await life.hears('1: 1.1');
  life.writeBase(0, base(1, 1));
  life.ask({ kind: 'drop-upload', upload: 'u9' });
  life.persist(0, entry(3));
  await life.hears('0: 1.3');
  life.store(2, chunk('u2', 0, 40));
  life.ask({ kind: 'forget-shard', shard: 1 });
  life.persist(2, entry(1), entry(2));
  await life.hears('2: 1.2');
  folder = bench.copy();
  log = readFileSync(path());
  records = await recordsIn(folder);
  ({ recovered: whole } = await look(folder));
});

afterEach(() => bench.clear());

/** Whether these are the same records as at first, or fewer; every one of them as it was written. */
function isPartOfWhole(recovered: Recovered): boolean {
  return recovered.shards.every(({ shard, entries }) => {
    const before = everWritten(shard);
    return entries.every(({ entry: one, sound }) => !sound || before.has(JSON.stringify(one)));
  });
}

const everWritten = (shard: number): ReadonlySet<string> =>
  new Set(records.filter(({ head }) => head.kind === 'entry' && head.shard === shard).map(({ text }) => text));

const isTold = ({ shards, suspectUpTo }: Recovered): boolean =>
  suspectUpTo > 0 ||
  shards.some(({ suspect, baseSound, entries }) => suspect || !baseSound || entries.some((e) => !e.sound));

describe('a log that ends anywhere', () => {
  it('is found up to the last record that is whole, and nothing is doubted', async () => {
    const first = endOf(records[0] as WrittenRecord);
    let cuts = 0;
    // The last two byte by byte, the others here and there.
    for (let length = log.length; length >= first; length -= length > log.length - 500 ? 1 : 29) {
      truncateSync(path(), length);
      const { recovered, end, holes } = await look(folder);
      const there = records.filter((record) => endOf(record) <= length);
      expect(offsetOf(end)).toBe(endOf(there[there.length - 1] as WrittenRecord));
      expect(holes).toEqual([]);
      expect(isTold(recovered)).toBe(false);
      expect(isPartOfWhole(recovered)).toBe(true);
      const entries = there.filter(({ head }) => head.kind === 'entry' && head.shard === 2).length;
      expect(recovered.shards.find(({ shard }) => shard === 2)?.entries.length ?? 0).toBe(entries);
      const count = (kind: RecordKind): number => there.filter(({ head }) => head.kind === kind).length;
      const chunks = recovered.uploads.reduce((sum, { chunks: [range] }) => sum + (range?.to ?? 0), 0);
      expect(chunks).toBe(count('chunk') - count('drop'));
      if (offsetOf(end) === length) continue;
      cuts++;
      // What was cut off is gone from the file, too.
      expect(readFileSync(path())).toHaveLength(offsetOf(end));
      writeFileSync(path(), log.subarray(0, length));
    }
    expect(cuts).toBeGreaterThan(500);
  });
});

describe('a byte that rots', () => {
  it('is never taken for what was written, and no acknowledged entry goes without a word', async () => {
    const kinds = new Set<string>();
    for (let at = 0; at < log.length; at += 5) {
      const record = records.find((one) => endOf(one) > at) as WrittenRecord;
      // Within the bytes of a chunk one place is as good as another.
      const inBody = at - offsetOf(record.place) - (record.bytes - record.head.bodyBytes);
      if (inBody > 0 && inBody % 50 !== 0) continue;
      const bytes = Buffer.from(log);
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
      writeFileSync(path(), bytes);
      const recovered = await look(folder).then(
        (findings) => findings.recovered,
        (error: Error) => error.message,
      );
      if (typeof recovered === 'string') {
        expect(recovered).toContain('whose it is cannot be read');
        kinds.add(`${record.head.kind}: an error`);
        continue;
      }
      expect(isPartOfWhole(recovered)).toBe(true);
      if (foundText(recovered) === foundText(whole)) kinds.add(`${record.head.kind}: nothing lost`);
      else if (isTold(recovered)) kinds.add(`${record.head.kind}: told`);
      else {
        // A chunk is told of when it is read, or missed by the table that names it.
        expect(['chunk', 'drop']).toContain(record.head.kind);
        kinds.add(`${record.head.kind}: a chunk is missing`);
      }
    }
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'base: told',
        'chunk: a chunk is missing',
        'entry: told',
        'forget: told',
        'opened: told',
      ]),
    );
  });
});
