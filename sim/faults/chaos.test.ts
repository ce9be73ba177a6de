// Chaos strikes everything there is, and never more than chains of three survive: judged by a world that keeps book of the
// copies by itself.
import { describe, expect, it } from 'vitest';
import { type Durability, makeView } from '../../core/view/view.js';
import { randomStream } from '../random.js';
import { CHAOS_WORDS, namesOf } from '../scenario/fault-words.js';
import type { Chaos, FaultAction } from '../scenario/scenario.js';
import { Cast } from './cast.js';
import { drawChaos, isSurvivable } from './chaos.js';
import { ChaosRun } from './chaos-run.js';
import type { ChaosScene } from './chaos-scene.js';
import { faultName, strikeFault } from './fault.js';
import { HealingWorld } from './healing-world.test-kit.js';
import { NetworkDamage } from './network-damage.js';
import { ProcessDamage } from './process-damage.js';

const IDS = ['n1', 'n2', 'n3', 'n4', 'n5'];
const SECOND = 1_000_000;

/** Chaos of all kinds for a virtual minute. */
function ran(seed: number, durability: Durability = 'fsync', more: Partial<Chaos> = {}, isForgetful = false) {
  const world = new HealingWorld(IDS, ['n6'], durability);
  const cast = new Cast(world);
  for (const path of ['/a', '/b', '/c']) {
    cast.fact('n1', 1, { fact: 'upload-started', upload: 'u', path, operation: 'o' });
  }
  const tools = { world, cast, network: new NetworkDamage(world), processes: new ProcessDamage(world) };
  const struck: string[] = [];
  let misses = 0;
  const strike = (fault: FaultAction, forUs: number, random: typeof stream, ended: () => void): boolean => {
    const one = strikeFault(fault, tools, random);
    if (one !== undefined) struck.push(one.name);
    if (one?.undo === undefined) ended();
    else {
      world.at(world.nowUs + forUs, () => {
        one.undo?.();
        ended();
      });
    }
    return one !== undefined;
  };
  const stream = randomStream(seed, 'x');
  const chaos = {
    words: CHAOS_WORDS,
    every: { minUs: 250_000, maxUs: 800_000 },
    lasting: { minUs: 200_000, maxUs: 2 * SECOND },
    atMost: 2,
    ...more,
  };
  const later = (us: number, action: () => void) => world.at(us, action);
  const missed = () => {
    misses += 1;
  };
  const span = { fromUs: SECOND, toUs: 60 * SECOND };
  const run = new ChaosRun(chaos, span, { world, cast, strike, later, missed }, String(seed));
  if (isForgetful) Object.defineProperty(run, 'struck', { get: () => new Set() });
  run.start();
  world.runUntil(100 * SECOND);
  return { world, struck, misses };
}

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

describe('chaos', () => {
  it.each(['fsync', 'os', 'memory'] as const)('never destroys a last copy, under %s', (durability) => {
    for (const seed of SEEDS) {
      const { world, struck } = ran(seed, durability);
      expect([...world.complaints], `seed ${seed}: ${struck.join(' ')}`).toEqual([]);
      expect(world.mostAway, `seed ${seed}`).toBeLessThanOrEqual(2);
      if (durability !== 'fsync') expect(world.darkness).toBe(0);
    }
  });

  it('strikes every word, and now and then the whole ring', () => {
    const runs = SEEDS.map((seed) => ran(seed));
    const names = new Set(runs.flatMap(({ struck }) => struck));
    // Who has left comes back by a restart.
    const expected = [...CHAOS_WORDS.flatMap(namesOf), 'restart'];
    expect([...names].sort()).toEqual([...expected].sort());
    const dark = runs.filter(({ world }) => world.darkness > 0).length;
    expect(dark).toBeGreaterThan(0);
    expect(dark).toBeLessThan(SEEDS.length);
    const counts = runs.map(({ struck }) => struck.length);
    expect(Math.min(...counts)).toBeGreaterThan(60);
  });

  it('ends what it began', () => {
    for (const seed of SEEDS.slice(0, 10)) {
      const { world } = ran(seed);
      const away = [...world.servers.values()].filter(({ process }) => process !== 'running');
      const left = world.deeds.filter((deed) => deed.startsWith('leave')).length;
      const neverJoined = world.deeds.includes('join n6') ? 0 : 1;
      expect(away.length, `seed ${seed}`).toBeLessThanOrEqual(left + neverJoined);
      expect(world.view.chains.every(({ members }) => members.length === 3)).toBe(true);
    }
  });

  it('strikes as hard as it may: without its book it would destroy last copies', () => {
    const hard: Partial<Chaos> = {
      words: ['power-loss', 'reboot', 'torn', 'lost-rename', 'bitrot'],
      every: { minUs: 100_000, maxUs: 200_000 },
    };
    const complaints = (isForgetful: boolean) =>
      SEEDS.flatMap((seed) => [...ran(seed, 'os', hard, isForgetful).world.complaints]);
    expect(complaints(false)).toEqual([]);
    expect(complaints(true).length).toBeGreaterThan(0);
  });
});

describe('a draw', () => {
  const scene = (more: Partial<ChaosScene> = {}): ChaosScene => {
    const world = new HealingWorld(IDS, [], 'fsync');
    return {
      view: world.view,
      servers: [...world.servers.values()],
      spares: [],
      gone: [],
      struck: new Set(),
      isCalm: true,
      snapshots: new Set(),
      lasting: new Set(),
      paths: ['/a'],
      atMost: 2,
      ...more,
    };
  };

  it('keeps a sound member in each chain', () => {
    expect(isSurvivable(scene(), { struck: ['n1', 'n2'] })).toBe(true);
    expect(isSurvivable(scene(), { struck: ['n1', 'n2', 'n4'] })).toBe(false);
    expect(isSurvivable(scene({ struck: new Set(['n3']) }), { struck: ['n1', 'n2'] })).toBe(false);
    const { chains, ...view } = scene().view;
    const short = chains.map(() => ({ members: ['n1', 'n2'], learners: [], lost: [] }));
    expect(isSurvivable(scene({ view: makeView({ ...view, chains: short }) }), { struck: ['n1', 'n2'] })).toBe(false);
    expect(isSurvivable(scene({ view: makeView({ ...view, chains: short }) }), { struck: ['n1'] })).toBe(true);
  });

  it('takes the power of the whole ring only when nothing is amiss', () => {
    const all = { struck: IDS };
    expect(isSurvivable(scene(), all)).toBe(true);
    expect(isSurvivable(scene({ isCalm: false }), all)).toBe(false);
    expect(isSurvivable(scene({ struck: new Set(['n1']) }), all)).toBe(false);
    const { settings, ...view } = scene().view;
    const os = makeView({ ...view, settings: { ...settings, durability: 'os' } });
    expect(isSurvivable(scene({ view: os }), all)).toBe(false);
  });

  it('lets a chunk rot only where all other copies are sound', () => {
    const random = randomStream(1, 'rot');
    const chunks = (one: ChaosScene) =>
      Array.from({ length: 200 }, () => drawChaos(['bitrot'], one, random)).filter((drawn) => drawn?.rotten === true);
    const calm = chunks(scene());
    expect(calm.length).toBeGreaterThan(0);
    const [tail] = calm[0]?.struck ?? [];
    const chain = scene().view.chains.find(({ members }) => members.at(-1) === tail);
    expect(chunks(scene({ struck: new Set([chain?.members[0] ?? '']) }))).toEqual([]);
  });

  it('brings back a stale disk only where there is a snapshot', () => {
    const random = randomStream(1, 'stale');
    const disks = (one: ChaosScene) =>
      Array.from({ length: 100 }, () => drawChaos(['reboot'], one, random)).flatMap((drawn) =>
        (drawn?.faults ?? []).flatMap((fault) => (fault.kind === 'reboot' ? fault.disk : [])),
      );
    expect(new Set(disks(scene()))).toEqual(new Set(['kept', 'wiped']));
    expect(disks(scene({ snapshots: new Set(IDS) }))).toContain('stale');
  });

  it('does what costs nobody anything, however many are struck', () => {
    const random = randomStream(1, 'full');
    const struck = new Set(['n1', 'n2']);
    for (let i = 0; i < 300; i++) {
      const drawn = drawChaos(CHAOS_WORDS, scene({ struck }), random);
      expect(drawn?.struck, drawn?.faults.map(faultName).join()).toEqual([]);
    }
    expect(drawChaos(['crash', 'pause', 'partition', 'leave'], scene({ struck }), random)).toBeUndefined();
    expect(drawChaos(['crash'], scene({ atMost: 0 }), random)).toBeUndefined();
  });
});
