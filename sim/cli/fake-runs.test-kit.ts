/**
 * Scenarios and runs for tests of the command line: what a run comes to is in the scenario's name.
 */
import type { Outcome, RunResult, StoryLine, Violation } from '../run-result.js';
import { ScenarioError } from '../scenario/errors.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Loader } from './load-all.js';

export function fakeScenario(name: string, more: Partial<Scenario> = {}): Scenario {
  const none = { minUs: 0, maxUs: 0 };
  return {
    name,
    file: `scenarios/${name.replaceAll(' ', '-')}.yaml`,
    seedsMax: undefined,
    seed: { from: 1, to: 1 },
    cluster: {
      nodes: 5,
      spares: 0,
      founded: true,
      durability: 'fsync',
      chain: 3,
      minReplicas: 2,
      shards: 128,
      chunkBytes: 262_144,
      streamBytes: 4_194_304,
    },
    network: { delay: none, bytesPerSecond: undefined },
    disk: { persist: none, read: none, flush: none },
    coordinator: { kind: 'embedded', sessionUs: 2_000_000, delay: none, notice: none },
    clients: { timeoutUs: 1_000_000, retries: 0 },
    limits: {},
    workload: [],
    steps: [],
    expect: {
      convergedWithinUs: 1_000_000,
      eventually: [],
      sometimes: [],
      never: [],
      evenHeads: false,
      okRateMin: undefined,
      linkBytesMaxTimes: undefined,
      ringBytesMaxTimes: undefined,
      allStepsStrike: true,
      mayLose: false,
    },
    ...more,
  };
}

/** Names files as scenarios are named; `ranged` has its own range of seeds, `bounded` a bound. */
export const fakeLoader: Loader = {
  load: (file) => {
    const name = /^scenarios\/([a-z0-9-]+)\.yaml$/.exec(file)?.[1]?.replaceAll('-', ' ');
    if (name === undefined) throw new ScenarioError(file, { message: 'no such file', suggestion: undefined });
    if (name === 'explodes') throw new TypeError('the loader itself is broken');
    return fakeScenario(name, {
      ...(name.includes('ranged') ? { seed: { from: 3, to: 6 } } : {}),
      ...(name.includes('bounded') ? { seedsMax: 3 } : {}),
    });
  },
  explain: (error) => (error instanceof ScenarioError ? `${error.file}: ${error.message}` : undefined),
};

export const fakeStory: readonly StoryLine[] = [
  { atUs: 0, voice: 'step', who: 'n1', text: 'put /docs/readme (README.md, 5.1 KiB)', level: 0 },
  { atUs: 1_204, voice: 'ring', who: 'n2', text: 'staged chunk 0 of 1', level: 1 },
  { atUs: 2_013, voice: 'fault', who: 'n3', text: 'crashed', level: 0 },
  { atUs: 9_400, voice: 'ring', who: '', text: 'closed up without n3: epoch 2', level: 0 },
  { atUs: 12_000, voice: 'client', who: 'n1', text: 'stored as version 2.1', level: 0 },
  { atUs: 2_100_000, voice: 'check', who: '', text: 'all replicas are equal', level: 0 },
];

const fakeViolation: Violation = {
  checker: 'linearizable',
  message: 'a get of /a.txt at n4 saw version 1.1 after 1.2 had been acknowledged',
  atUs: 2_013_000,
  excerpt: ['c1  put /a.txt at n1   1.204s .. 1.300s  stored 1.2', 'c2  get /a.txt at n4   1.900s .. 2.013s  saw 1.1'],
};

function fakeOutcome(name: string, seed: number): Outcome {
  if (name.includes('vacuous')) return 'vacuous';
  if (name.includes('stuck')) return 'stuck';
  if (name.includes('fails') || (name.includes('odd') && seed % 2 === 1)) return 'fail';
  return 'pass';
}

/** Does what the name says: `throws`, `dies`, `hangs` (all on seed 2), `talks`; else ends with an outcome. */
export function fakeRunner(scenario: Scenario, seed: number, { story }: { readonly story: boolean }): RunResult {
  const { name, file } = scenario;
  if (seed === 2 && name.includes('throws')) throw new Error('a broken invariant');
  if (seed === 2 && name.includes('dies')) process.exit(7);
  while (seed === 2 && name.includes('hangs'));
  if (name.includes('talks')) console.log('a forgotten console.log');
  const outcome = fakeOutcome(name, seed);
  return {
    scenario: name,
    file,
    seed,
    outcome,
    traceHash: (seed * 0x9e3779b1).toString(16).padStart(16, '0'),
    events: 1_000 + seed,
    virtualMs: 2_100 + seed / 10,
    wallMs: 0,
    violations: outcome === 'pass' ? [] : [fakeViolation],
    figures: {
      done: 2,
      refused: 0,
      unknown: 0,
      bytesStored: 5_222,
      bytesRead: 5_222,
      bytesOnLinks: 31_457_280,
      epochs: 2,
      longestHealUs: 7_387,
      promoted: 0,
      shardsLost: 0,
      shardsRevived: 0,
      restarts: 0,
      losses: 0,
      faults: { crash: 1, split: seed % 3 },
      facts: { 'want-joined': 3 },
    },
    story: story ? fakeStory : [],
  };
}
