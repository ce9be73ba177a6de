// What every store does, simulated or real: one suite over its port. A harness brings the world to it, and says what it
// cannot do there.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chunk } from '../file.js';
import { NOTHING_RECOVERED } from '../store-port.js';
import { base, chunk, deletion, entry, IDENTITY, StoreLife } from './store-life.test-kit.js';
import type { StoreAbility, StoreHarness, StoreWorld } from './store-world.test-kit.js';

type World = () => StoreWorld;

export function storeConformance(harness: StoreHarness): void {
  describe(`the store's port: ${harness.name}`, () => {
    let opened: StoreWorld;
    beforeEach(async () => {
      opened = await harness.open();
    });
    afterEach(() => opened.close());
    const world = (): StoreWorld => opened;
    persistSuite(world);
    chunkSuite(world);
    lifeSuite(world);
    tableSuite(world);
    for (const [ability, suite] of [
      ['outlive', processSuite],
      ['bytes', bytesSuite],
    ] as const) {
      const why = harness.cannot[ability];
      if (why === undefined) suite(world);
      else leftOut(harness, ability, why);
    }
  });
}

/** Loudly: in the report, and on the screen. */
function leftOut({ name }: StoreHarness, ability: StoreAbility, why: string): void {
  const text = `${name} cannot be tested where '${ability}' is needed: ${why}`;
  console.warn(text);
  it.skipIf(true)(text, () => undefined);
}

function persistSuite(world: World): void {
  it('is empty at first, and says nothing unasked', async () => {
    const life = await StoreLife.begin(world());
    expect(life.recovered).toEqual(NOTHING_RECOVERED);
    await world().pause();
    expect(life.heard).toEqual([]);
  });

  it('answers each persist up to its last entry, in the order of asking, and not before it returns', async () => {
    const life = await StoreLife.begin(world());
    const expected: string[] = [];
    for (let i = 0; i < 40; i++) {
      life.persist(i % 3, entry(2 * i), entry(2 * i + 1));
      expected.push(`${i % 3}: 1.${2 * i + 1}`);
    }
    expect(life.heard).toEqual([]);
    await life.hears(...expected);
    expect(life.words).toEqual(expected);
  });

  it('answers a base in line with the persists of its shard', async () => {
    const life = await StoreLife.begin(world());
    life.persist(0, entry(1));
    life.writeBase(0, base(1, 5_000));
    life.persist(0, entry(2));
    life.writeBase(0, base(2, 1));
    life.persist(0, entry(3));
    await life.hears('0: 1.3');
    expect(life.words).toEqual(['0: 1.1', '0: 1.1', '0: 1.2', '0: 1.2', '0: 1.3']);
  });

  it('answers every identity, and not before what was asked for earlier', async () => {
    const life = await StoreLife.begin(world());
    life.ask({ kind: 'write-identity', identity: IDENTITY });
    life.persist(0, entry(1));
    life.ask({ kind: 'write-identity', identity: { ...IDENTITY, epoch: 8 } });
    expect(life.heard).toEqual([]);
    await world().until(() => life.heard.length === 3);
    expect(life.heard.map(({ kind }) => kind)).toEqual(['identity-persisted', 'persisted', 'identity-persisted']);
  });

  it('answers neither chunks that were written, nor what is to go', async () => {
    const life = await StoreLife.begin(world());
    life.store(0, chunk('u1', 0));
    life.ask({ kind: 'forget-shard', shard: 3 });
    life.ask({ kind: 'drop-upload', upload: 'u1' });
    life.ask({ kind: 'drop-upload', upload: 'u9' });
    await world().pause();
    expect(life.heard).toEqual([]);
  });
}

const identityOf = ({ upload, index, length, checksum }: Chunk) => ({ upload, index, length, checksum });

function chunkSuite(world: World): void {
  it('reads what was stored just before, and afterwards', async () => {
    const life = await StoreLife.begin(world());
    const stored = [chunk('u1', 2, 70_000), chunk('u1', 0, 70_000), chunk('v', 0, 1)];
    life.store(4, ...stored);
    const [first] = stored as [Chunk];
    expect(identityOf((await life.read('u1', 2)) as Chunk)).toEqual(identityOf(first));
    life.persist(4, entry(1));
    await life.hears('4: 1.1');
    for (const one of stored) {
      expect(identityOf((await life.read(one.upload, one.index)) as Chunk)).toEqual(identityOf(one));
    }
  });

  it('says of each chunk that is not there that it is not there', async () => {
    const life = await StoreLife.begin(world());
    life.store(0, chunk('u1', 1));
    for (const [upload, index] of [
      ['u1', 0],
      ['u1', 2],
      ['u2', 1],
    ] as const) {
      expect(await life.read(upload, index)).toBeUndefined();
    }
  });

  it('gives the bytes that were stored last under a name', async () => {
    const life = await StoreLife.begin(world());
    life.store(0, chunk('u1', 0, 10));
    await life.read('u1', 0);
    life.store(0, chunk('u1', 0, 20));
    expect((await life.read('u1', 0))?.length).toBe(20);
  });

  it('answers every read, also many of one chunk', async () => {
    const life = await StoreLife.begin(world());
    life.store(0, ...Array.from({ length: 50 }, (_, index) => chunk('u1', index)));
    for (let i = 0; i < 200; i++) life.ask({ kind: 'read-chunk', upload: 'u1', index: i % 50 });
    await world().until(() => life.heard.length === 200);
    expect(life.heard.every((input) => input.kind === 'chunk-read' && input.chunk?.index === input.index)).toBe(true);
  });

  it('drops all of an upload and nothing else; it may be stored again', async () => {
    const life = await StoreLife.begin(world());
    life.store(0, chunk('u1', 0), chunk('u1', 1), chunk('u2', 0));
    life.ask({ kind: 'drop-upload', upload: 'u1' });
    expect(await life.read('u1', 0)).toBeUndefined();
    expect(await life.read('u2', 0)).toBeDefined();
    life.store(0, chunk('u1', 1));
    expect(await life.read('u1', 0)).toBeUndefined();
    expect(await life.read('u1', 1)).toBeDefined();
  });
}

function lifeSuite(world: World): void {
  it('hands a next life what was answered in the one before', async () => {
    const before = await StoreLife.begin(world());
    before.ask({ kind: 'write-identity', identity: IDENTITY });
    before.store(3, chunk('u1', 0), chunk('u1', 1), chunk('u1', 5));
    before.persist(3, entry(1), deletion(2, 'none'), deletion(3, undefined));
    await before.hears('3: 2.3');
    before.end();
    const life = await StoreLife.begin(world());
    expect(life.found).toBe('a store 3[1 2 3] u1#0-2,5-6');
    expect(life.recovered).toEqual({
      ...{ identity: IDENTITY, suspectUpTo: 0 },
      shards: [
        {
          ...{ shard: 3, base: undefined, baseSound: true, suspect: false },
          entries: [entry(1), deletion(2, 'none'), deletion(3, undefined)].map((one) => ({
            entry: one,
            sound: true,
            hollow: false,
          })),
        },
      ],
      uploads: [
        {
          ...{ upload: 'u1', shard: 3 },
          chunks: [
            { from: 0, to: 2 },
            { from: 5, to: 6 },
          ],
        },
      ],
    });
    expect(await life.read('u1', 5)).toBeDefined();
  });

  it('tells a life that is over nothing more, nor the next one of it', async () => {
    const before = await StoreLife.begin(world());
    before.store(0, chunk('u1', 0));
    before.persist(0, entry(1));
    before.writeBase(0, base(1, 3_000));
    before.ask({ kind: 'read-chunk', upload: 'u1', index: 0 });
    const { length } = before.heard;
    before.end();
    const life = await StoreLife.begin(world());
    before.persist(0, entry(2));
    await world().pause();
    expect(before.heard).toHaveLength(length);
    expect(life.heard).toEqual([]);
  });

  it('never has an entry without the chunks before it, wherever a life ends', async () => {
    for (let i = 1; i <= 8; i++) {
      const before = await StoreLife.begin(world());
      before.store(0, chunk(`u${i}`, 0), chunk(`u${i}`, 1));
      before.persist(0, entry(i));
      if (i % 2 === 0) await before.hears(`0: 1.${i}`);
      before.end();
      const life = await StoreLife.begin(world());
      const uploads = new Set(life.recovered.uploads.map(({ upload }) => upload));
      for (const { entry: one } of life.recovered.shards[0]?.entries ?? []) {
        expect(uploads).toContain(`u${one.id.sequence}`);
      }
      if (i % 2 === 0) expect(uploads).toContain(`u${i}`);
      life.ask({ kind: 'forget-shard', shard: 0 });
      life.end();
    }
  });
}

function tableSuite(world: World): void {
  it('keeps the latest identity', async () => {
    const before = await StoreLife.begin(world());
    before.ask({ kind: 'write-identity', identity: IDENTITY });
    before.ask({ kind: 'write-identity', identity: { ...IDENTITY, epoch: 8 } });
    before.persist(0, entry(1));
    await before.hears('0: 1.1');
    expect((await StoreLife.begin(world())).recovered.identity).toEqual({ ...IDENTITY, epoch: 8 });
  });

  it('keeps of a shard its latest base and the entries behind it', async () => {
    const before = await StoreLife.begin(world());
    before.persist(1, entry(1), entry(2), entry(3));
    before.writeBase(1, base(1));
    before.writeBase(1, base(2));
    before.persist(1, entry(4));
    before.persist(2, entry(1));
    await before.hears('2: 1.1', '1: 1.4');
    expect((await StoreLife.begin(world())).found).toBe('1[base2 3 4] 2[1]');
  });

  it('gives a base back as it was', async () => {
    const before = await StoreLife.begin(world());
    const written = [base(7, 0), base(8, 1), base(9, 2_500)];
    for (const [shard, one] of written.entries()) before.writeBase(shard, one);
    await before.hears('0: 1.7', '1: 1.8', '2: 1.9');
    const { recovered } = await StoreLife.begin(world());
    for (const [shard, one] of written.entries()) {
      const found = recovered.shards[shard]?.base;
      expect(found?.at).toEqual(one.at);
      expect(found?.floor).toBe(one.floor);
      expect([...(found?.files.entries() ?? [])]).toEqual([...one.files.entries()]);
      expect([...(found?.outcomes.entries() ?? [])]).toEqual([...one.outcomes.entries()]);
    }
  });

  it('has nothing that stood behind a gap once a life was told of it: it is not in the way of what comes', async () => {
    const before = await StoreLife.begin(world());
    before.persist(1, entry(1), entry(2), entry(5), entry(6));
    before.persist(2, entry(1), entry(2), entry(5), entry(6));
    await before.hears('2: 1.6');
    const life = await StoreLife.begin(world());
    life.writeBase(1, base(2));
    life.persist(1, entry(3, 9), entry(4, 9), entry(5, 9));
    life.persist(2, entry(3, 9), entry(4, 9), entry(5, 9));
    await life.hears('1: 9.5', '2: 9.5');
    const { found, recovered } = await StoreLife.begin(world());
    expect(found).toBe('1[base2 3 4 5] 2[1 2 3 4 5]');
    expect(recovered.shards.map(({ entries }) => entries[entries.length - 1]?.entry.id.epoch)).toEqual([9, 9]);
  });

  it('has nothing of a shard that was forgotten, but for its chunks; what comes later is there', async () => {
    const before = await StoreLife.begin(world());
    before.store(2, chunk('u1', 0));
    before.writeBase(2, base(4, 3_000));
    before.persist(2, entry(5));
    before.ask({ kind: 'forget-shard', shard: 2 });
    before.writeBase(3, base(6));
    before.ask({ kind: 'forget-shard', shard: 3 });
    before.persist(3, entry(1));
    await before.hears('2: 1.5', '3: 1.1');
    const life = await StoreLife.begin(world());
    expect(life.found).toBe('3[1] u1#0-1');
    life.writeBase(2, base(2));
    await life.hears('2: 1.2');
    expect((await StoreLife.begin(world())).found).toBe('2[base2] 3[1] u1#0-1');
  });
}

function processSuite(world: World): void {
  it('gives another process all that was answered', async () => {
    const before = await StoreLife.begin(world());
    before.ask({ kind: 'write-identity', identity: IDENTITY });
    for (let i = 1; i <= 20; i++) {
      before.store(i % 4, chunk(`u${i}`, 0, 5_000));
      before.persist(i % 4, entry(i));
    }
    before.writeBase(1, base(17));
    before.ask({ kind: 'drop-upload', upload: 'u8' });
    before.persist(0, entry(21));
    await before.hears('1: 1.17', '0: 1.21');
    await world().crash();
    const life = await StoreLife.begin(world());
    expect(life.found).toMatch(/^a store 0\[4 8 12 16 20 21\] 1\[base17\] 2\[2 6 10 14 18\] 3\[3 7 11 15 19\] u1#0-1 /);
    const uploads = life.recovered.uploads.map(({ upload }) => upload);
    expect(uploads).toHaveLength(19);
    expect(uploads).not.toContain('u8');
    for (const upload of uploads) expect((await life.read(upload, 0))?.length).toBe(5_000);
  });

  it('gives another process the identity that was answered, though nothing was written behind it', async () => {
    const before = await StoreLife.begin(world());
    before.ask({ kind: 'write-identity', identity: IDENTITY });
    await world().until(() => before.heard.length > 0);
    await world().crash();
    expect((await StoreLife.begin(world())).recovered.identity).toEqual(IDENTITY);
  });
}

function bytesSuite(world: World): void {
  it('gives back the very bytes, in a buffer of their length', async () => {
    const before = await StoreLife.begin(world());
    const stored = [chunk('u1', 0, 300_000), chunk('u1', 1, 1), chunk('u2', 0, 4_096)];
    before.store(0, ...stored);
    before.persist(0, entry(1));
    await before.hears('0: 1.1');
    const life = await StoreLife.begin(world());
    for (const one of stored) {
      const found = (await life.read(one.upload, one.index)) as Chunk;
      expect(identityOf(found)).toEqual(identityOf(one));
      expect((found.payload as Buffer).equals(one.payload as Buffer)).toBe(true);
    }
  });

  it('does not take bytes that are not those of the checksum, and says so before the persist behind them', async () => {
    const life = await StoreLife.begin(world());
    life.store(0, chunk('u1', 0), { ...chunk('u1', 1), checksum: 1 }, { ...chunk('u1', 2), length: 99 });
    life.persist(0, entry(1));
    await life.hears('0: 1.1');
    expect(life.words).toEqual(['u1#1 unwritten', 'u1#2 unwritten', '0: 1.1']);
    expect(await life.read('u1', 0)).toBeDefined();
    expect(await life.read('u1', 1)).toBeUndefined();
  });
  hollowSuite(world);
}

function hollowSuite(world: World): void {
  const spoilt = (upload: string): Chunk => ({ ...chunk(upload, 0), checksum: 1 });

  it('tells the next life of an entry written without its chunk that it is hollow, and the one after it nothing', async () => {
    const before = await StoreLife.begin(world());
    before.ask({ kind: 'write-identity', identity: IDENTITY });
    before.store(0, chunk('u1', 0), spoilt('u2'));
    before.persist(0, entry(1), entry(2, 1, '/b'), entry(3));
    before.persist(1, entry(1));
    await before.hears('0: 1.3', '1: 1.1');
    const life = await StoreLife.begin(world());
    expect(life.found).toBe('a store 0[1 2~ 3] 1[1] u1#0-1');
    life.persist(0, entry(2, 2));
    await life.hears('0: 2.2');
    const next = await StoreLife.begin(world());
    expect(next.found).toBe('a store 0[1 2] 1[1] u1#0-1');
    expect(next.recovered.shards[0]?.entries.map(({ entry: { id } }) => id.epoch)).toEqual([1, 2]);
  });

  it('keeps what was written once more behind an entry that stays hollow, life after life, and nothing else behind that', async () => {
    const before = await StoreLife.begin(world());
    before.ask({ kind: 'write-identity', identity: IDENTITY });
    before.store(0, spoilt('u1'), spoilt('u3'));
    before.persist(0, entry(1), entry(2, 1, '/b'), entry(3, 1, '/c'), entry(4, 1, '/b'));
    before.store(0, chunk('u1', 0));
    before.persist(0, entry(1));
    await before.hears('0: 1.4', '0: 1.1');
    const life = await StoreLife.begin(world());
    expect(life.found).toBe('a store 0[1~ 2 3~ 4 1] u1#0-1');
    life.persist(0, entry(3, 2));
    await life.hears('0: 2.3');
    expect((await StoreLife.begin(world())).found).toBe('a store 0[1~ 2 1 3] u1#0-1');
    expect((await StoreLife.begin(world())).found).toBe('a store 0[1~ 2 1 3] u1#0-1');
  });

  it('calls none hollow that was written once its chunks were here, or nobody wanted them', async () => {
    const before = await StoreLife.begin(world());
    before.ask({ kind: 'write-identity', identity: IDENTITY });
    before.store(0, spoilt('u1'), spoilt('u2'));
    before.persist(0, entry(1));
    before.store(0, chunk('u1', 0));
    before.persist(0, entry(1));
    before.ask({ kind: 'drop-upload', upload: 'u2' });
    before.persist(0, entry(2));
    await before.hears('0: 1.2');
    expect((await StoreLife.begin(world())).found).toBe('a store 0[1~ 1 2] u1#0-1');
    expect((await StoreLife.begin(world())).found).toBe('a store 0[1~ 1 2] u1#0-1');
  });
}
