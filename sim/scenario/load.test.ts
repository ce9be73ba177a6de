import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { CHAOS_WORDS } from './fault-words.js';
import { loadScenario, parseScenario } from './load.js';
import type { Scenario, Step } from './scenario.js';

const scenarios = new URL('../../../scenarios/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'ppnfs-scenario-'));
afterAll(() => rmSync(folder, { recursive: true }));

const withSteps = (steps: string, rest = '', cluster = ''): Scenario =>
  parseScenario(`scenario: x\ncluster: { nodes: 5${cluster} }\n${rest}steps:\n${steps}\n`, 'x.yaml');
const stepOf = (text: string, cluster = ''): Step => {
  const first = '  - { at: 0, put: /first, size: 1B, as: first }\n';
  return withSteps(`${first}  - ${text}`, '', cluster).steps[1] as Step;
};
const server = (id: string) => ({ kind: 'server', id });
const only = (id: string) => ({ kind: 'list', who: [server(id)] });
const oneWay = { from: server('n1'), to: server('n2'), bothWays: false };

describe('the whole of a scenario', () => {
  it('has defaults for all but its name and its nodes', () => {
    expect(withSteps('  - { at: 1s, crash: n1 }')).toMatchObject({
      name: 'x',
      file: 'x.yaml',
      seedsMax: undefined,
      seed: { from: 1, to: 1 },
      cluster: { nodes: 5, chain: 3, minReplicas: 2, shards: 16, chunkBytes: 262_144, streamBytes: 4_194_304 },
      network: { delay: { minUs: 200, maxUs: 2_000 }, bytesPerSecond: undefined },
      disk: {
        persist: { minUs: 100, maxUs: 1_000 },
        read: { minUs: 50, maxUs: 500 },
        flush: { minUs: 500_000, maxUs: 2_000_000 },
      },
      coordinator: {
        kind: 'zookeeper',
        sessionUs: 2_000_000,
        delay: { minUs: 1_000, maxUs: 5_000 },
        notice: { minUs: 1_000, maxUs: 20_000 },
      },
      clients: { timeoutUs: 5_000_000, retries: 3 },
      limits: {},
      workload: [],
      expect: {
        convergedWithinUs: 10_000_000,
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
    });
  });

  it.each([
    ['{ nodes: 1 }', { nodes: 1, chain: 1, minReplicas: 1, shards: 16 }],
    ['{ nodes: 2 }', { nodes: 2, chain: 2, minReplicas: 2, shards: 16 }],
    ['{ nodes: 2, chain: 3 }', { nodes: 2, chain: 3, minReplicas: 2 }],
    ['{ nodes: 64 }', { shards: 16 }],
    ['{ nodes: 65 }', { shards: 65 }],
    ['{ nodes: 5, chunk: 64KiB }', { chunkBytes: 65_536, streamBytes: 1_048_576 }],
    ['{ nodes: 5, chunk: 64KiB, stream: 192KiB }', { chunkBytes: 65_536, streamBytes: 196_608 }],
    ['{ nodes: 5, chain: 1, shards: 7 }', { chain: 1, minReplicas: 1, shards: 7 }],
    ['{ nodes: 5, chain: 4, min-replicas: 4 }', { chain: 4, minReplicas: 4 }],
    ['{ nodes: 5 }', { spares: 0, durability: 'fsync' }],
    ['{ nodes: 5, spares: 2, durability: os }', { spares: 2, durability: 'os' }],
  ])('cluster %s', (cluster, expected) => {
    const text = `scenario: x\ncluster: ${cluster}\nsteps: [{ at: 1s, crash: n1 }]\n`;
    expect(parseScenario(text, 'x.yaml').cluster).toMatchObject(expected);
  });

  it('takes every setting', () => {
    const settings = `seed: 1..50
seeds-max: 3
network: { delay: 1ms..5ms, rate: 100MB/s }
disk: { persist: 1ms, read: 2ms, flush: 1s }
coordinator: { kind: embedded, session: 3s, delay: 1ms, notice: 3ms..4ms }
clients: { timeout: 2s, retries: 0 }
limits: { heartbeatMs: 50, quotaFrames: 8 }
expect:
  converged: within 4s
  sometimes: [want-joined, chunks-resent]
  never: [link-broken]
  even-heads: true
  ok-rate: ">= 80%"
  link-bytes: "<= 1.5x"
  ring-bytes: "<= 2.5x"
  steps-strike: false
`;
    expect(withSteps('  - { at: 1s, crash: n1 }', settings)).toMatchObject({
      seed: { from: 1, to: 50 },
      seedsMax: 3,
      network: { delay: { minUs: 1_000, maxUs: 5_000 }, bytesPerSecond: 100_000_000 },
      disk: {
        persist: { minUs: 1_000, maxUs: 1_000 },
        read: { minUs: 2_000, maxUs: 2_000 },
        flush: { minUs: 1e6, maxUs: 1e6 },
      },
      coordinator: {
        kind: 'embedded',
        sessionUs: 3_000_000,
        delay: { minUs: 1_000, maxUs: 1_000 },
        notice: { minUs: 3_000, maxUs: 4_000 },
      },
      clients: { timeoutUs: 2_000_000, retries: 0 },
      limits: { heartbeatMs: 50, quotaFrames: 8 },
      expect: {
        convergedWithinUs: 4_000_000,
        sometimes: ['want-joined', 'chunks-resent'],
        never: ['link-broken'],
        evenHeads: true,
        okRateMin: 0.8,
        linkBytesMaxTimes: 1.5,
        ringBytesMaxTimes: 2.5,
        allStepsStrike: false,
        mayLose: false,
      },
    });
  });

  it('takes workloads', () => {
    const workload = (text: string) =>
      parseScenario(`scenario: x\ncluster: { nodes: 5 }\nworkload:\n  - ${text}\n`, 'x.yaml').workload[0];
    expect(workload('{ mix: { get: 1 }, for: 1s }')).toEqual({
      place: { line: 4, column: 5 },
      clients: 1,
      mix: { get: 1 },
      paths: { kind: 'uniform', count: 10 },
      size: { minBytes: 1_024, maxBytes: 1_048_576 },
      operationsPerSecond: undefined,
      startUs: 0,
      forUs: 1_000_000,
      via: undefined,
      consistency: 'linearizable',
    });
    const whole = `{ clients: 4, mix: { put: 3, put-if-absent: 1, get: 6, delete: 0 }, paths: zipf(20), size: 1KiB..2MiB,
    rate: 50/s, from: 1s, for: 20s, via: [n1, n2] }`;
    expect(workload(whole)).toMatchObject({
      clients: 4,
      mix: { put: 3, 'put-if-absent': 1, get: 6 },
      paths: { kind: 'zipf', count: 20 },
      size: { minBytes: 1_024, maxBytes: 2_097_152 },
      operationsPerSecond: 50,
      startUs: 1_000_000,
      forUs: 20_000_000,
      via: ['n1', 'n2'],
    });
    expect(workload('{ mix: { get: 1 }, paths: [/a, /b], for: 1s, via: n3 }')).toMatchObject({
      paths: { kind: 'list', paths: ['/a', '/b'] },
      via: ['n3'],
    });
  });

  it('loads the examples', () => {
    const { name, steps } = loadScenario(fileURLToPath(new URL('quickstart.yaml', scenarios)));
    expect(name).toContain('a file goes round');
    expect(steps.length).toBeGreaterThan(2);
  });
});

describe('steps of clients', () => {
  it.each([
    [
      'put: /a, size: 3MiB, via: n1, as: a, if: none, abandon-after: 1MiB, client-rate: 1MB/s, expect: stored',
      { name: 'a', via: server('n1'), clients: 1, expect: { outcome: 'stored', equals: undefined } },
      {
        kind: 'put',
        path: '/a',
        content: { kind: 'imaginary', size: { minBytes: 3_145_728, maxBytes: 3_145_728 } },
        precondition: 'none',
        abandonAfterBytes: 1_048_576,
        clientBytesPerSecond: 1_000_000,
      },
    ],
    [
      'get: /first, equals: first, range: 0..1B, clients: 100, client-rate: 1MB/s',
      { name: undefined, via: undefined, clients: 100, expect: { outcome: undefined, equals: 'first' } },
      { kind: 'get', path: '/first', fromByte: 0, toByte: 1, clientBytesPerSecond: 1_000_000 },
    ],
    ['get: /a', {}, { kind: 'get', fromByte: 0, toByte: undefined }],
    ['stat: /a, expect: absent', {}, { kind: 'stat', path: '/a' }],
    ["delete: /a, if: '3.10'", {}, { kind: 'delete', path: '/a', precondition: '3.10' }],
    [
      'list: /docs/, via: tail(/a)',
      { via: { kind: 'role', role: 'tail', path: '/a' } },
      { kind: 'list', prefix: '/docs/' },
    ],
    ['put: /a, size: 1B, expect: too-few-replicas', { expect: { outcome: 'too-few-replicas' } }, { kind: 'put' }],
  ])('%s', (text, client, action) => {
    expect(stepOf(`{ at: 1s, ${text} }`).action).toMatchObject({ kind: 'client', ...client, action });
  });

  it('find real files beside the scenario', () => {
    writeFileSync(join(folder, 'content.txt'), 'hello');
    const file = join(folder, 'x.yaml');
    const text = 'scenario: x\ncluster: { nodes: 1 }\nsteps: [{ at: 0s, put: /a, file: content.txt }]\n';
    writeFileSync(file, text);
    const action = loadScenario(file).steps[0]?.action;
    expect(action).toMatchObject({ action: { content: { kind: 'file', file: join(folder, 'content.txt') } } });
  });
});

describe('faults', () => {
  it.each([
    ['crash: [n1, n2]', { kind: 'crash', power: false, who: { kind: 'list', who: [server('n1'), server('n2')] } }],
    ['crash: minority, for: 1s', { kind: 'crash', power: false, who: { kind: 'minority' } }, 1_000_000],
    ['crash: n3, power: true', { kind: 'crash', power: true, who: only('n3') }],
    ['power-loss: all', { kind: 'crash', power: true, who: { kind: 'all' } }],
    ['restart: all', { kind: 'restart', disk: 'kept', who: { kind: 'all' } }],
    ['restart: n3, disk: wiped', { kind: 'restart', disk: 'wiped', who: only('n3') }],
    ['reboot: n3', { kind: 'reboot', power: false, disk: 'kept', who: only('n3') }, 1_000_000],
    [
      'reboot: n3, power: true, disk: wiped, for: 2s',
      { kind: 'reboot', power: true, disk: 'wiped', who: only('n3') },
      2_000_000,
    ],
    ['join: n6', { kind: 'join', who: only('n6') }],
    ['join: all', { kind: 'join', who: { kind: 'all' } }],
    ['leave: joining', { kind: 'leave', who: { kind: 'list', who: [{ kind: 'joining' }] } }],
    ['revive: /a, from: n2', { kind: 'revive', path: '/a', from: server('n2') }],
    ['snapshot: n3', { kind: 'disk', who: only('n3'), trouble: { kind: 'snapshot' } }],
    ['torn: n3', { kind: 'disk', who: only('n3'), trouble: { kind: 'torn' } }],
    ['lose-unsynced: n3', { kind: 'disk', who: only('n3'), trouble: { kind: 'lose-unsynced' } }],
    ['lost-rename: n3', { kind: 'disk', who: only('n3'), trouble: { kind: 'lost-rename' } }],
    ['bitrot: n3', { kind: 'disk', who: only('n3'), trouble: { kind: 'bitrot', what: 'chunk', path: undefined } }],
    [
      'bitrot: n3, what: log, path: /a',
      { kind: 'disk', who: only('n3'), trouble: { kind: 'bitrot', what: 'log', path: '/a' } },
    ],
    ['eio: n3, of: read, for: 1s', { kind: 'disk', who: only('n3'), trouble: { kind: 'eio', of: 'read' } }, 1_000_000],
    ['full: n3, for: 1s', { kind: 'disk', who: only('n3'), trouble: { kind: 'full' } }, 1_000_000],
    ['slow-disk: n3, times: 20', { kind: 'disk', who: only('n3'), trouble: { kind: 'slow', times: 20 } }],
    ['skew: n3, by: -2s', { kind: 'clock', who: only('n3'), change: { kind: 'skew', byUs: -2_000_000 } }],
    ['drift: n3, by: -50, for: 1s', { kind: 'clock', who: only('n3'), change: { kind: 'drift', perMille: -50 } }, 1e6],
    ['drift: n3, by: 50', { kind: 'clock', who: only('n3'), change: { kind: 'drift', perMille: 50 } }],
    ['jump: n3, by: 1h', { kind: 'clock', who: only('n3'), change: { kind: 'jump', byUs: 3_600_000_000 } }],
    ['jump: n3, by: +1s', { kind: 'clock', who: only('n3'), change: { kind: 'jump', byUs: 1_000_000 } }],
    ['freeze: n3, for: 1s', { kind: 'clock', who: only('n3'), change: { kind: 'freeze' } }, 1_000_000],
    ['expire: n3', { kind: 'session', who: only('n3'), trouble: { kind: 'expire' } }],
    ['disconnect: n3, for: 1s', { kind: 'session', who: only('n3'), trouble: { kind: 'disconnect' } }, 1_000_000],
    ['lose-reply: n3', { kind: 'session', who: only('n3'), trouble: { kind: 'lose-reply', to: 'any' } }],
    ['lose-reply: n3, to: create', { kind: 'session', who: only('n3'), trouble: { kind: 'lose-reply', to: 'create' } }],
    ['lose-watch: n3', { kind: 'session', who: only('n3'), trouble: { kind: 'lose-watch' } }],
    ['delay-watch: n3, by: 2s', { kind: 'session', who: only('n3'), trouble: { kind: 'delay-watch', byUs: 2e6 } }],
    ['stale-read: n3, for: 1s', { kind: 'session', who: only('n3'), trouble: { kind: 'stale-read' } }, 1_000_000],
    ['ghost: n3', { kind: 'session', who: only('n3'), trouble: { kind: 'ghost' } }],
    ['leader-change: zk.leader', { kind: 'coordinator', trouble: { kind: 'leader-change' } }],
    ['outage: coordinator, for: 1s', { kind: 'coordinator', trouble: { kind: 'outage' } }, 1_000_000],
    ['pause: n3, for: 2s', { kind: 'pause', who: only('n3') }, 2_000_000],
    ['resume: n3', { kind: 'resume', who: only('n3') }],
    [
      'partition: { split: [[n1, coordinator], n2] }, for: 4s',
      {
        kind: 'split',
        groups: [{ kind: 'list', who: [server('n1'), { kind: 'coordinator' }] }, only('n2')],
      },
      4_000_000,
    ],
    ['partition: { isolate: half }', { kind: 'isolate', who: { kind: 'half' } }],
    ['silence: n1 > n2, for: 1s', { kind: 'silence', link: oneWay }, 1_000_000],
    ['hold: n1 > n2', { kind: 'hold', link: oneWay }],
    ['release: n1 > n2', { kind: 'release', link: oneWay }],
    ['reset: n1 - n2', { kind: 'reset', link: { ...oneWay, bothWays: true } }],
    ['delay: n1 > n2, by: 50ms..60ms', { kind: 'delay', link: oneWay, delay: { minUs: 50_000, maxUs: 60_000 } }],
    ['rate: n1 > n2, to: 1MB/s', { kind: 'rate', link: oneWay, bytesPerSecond: 1_000_000 }],
    ['heal: network', { kind: 'heal' }],
    ['remove: n3', { kind: 'remove', who: server('n3') }],
  ])('%s', (text, fault, forUs = undefined) => {
    const action = { kind: 'fault', fault, forUs };
    expect(stepOf(`{ at: 1s, ${text} }`, ', spares: 1').action).toEqual(action);
    const until = text.startsWith('revive') ? 'until' : 'from: 2s, until';
    const again = stepOf(`{ every: 1s, ${until}: 3s, ${text} }`, ', spares: 1');
    expect(again).toMatchObject({ trigger: { kind: 'every', toUs: 3_000_000 }, action });
  });

  it('a stale disk is one of which there is a snapshot', () => {
    const { steps } = withSteps('  - { at: 1s, snapshot: n3 }\n  - { at: 2s, reboot: n3, disk: stale }');
    expect(steps[1]?.action).toMatchObject({ fault: { kind: 'reboot', disk: 'stale' } });
  });
});

describe('chaos', () => {
  it('draws from words, families or all', () => {
    const chaos = (text: string) => stepOf(`{ chaos: ${text}, every: 300ms..900ms, from: 2s, until: 20s }`).action;
    expect(chaos('[pause, clocks, freeze]')).toEqual({
      kind: 'chaos',
      chaos: {
        words: ['pause', 'skew', 'drift', 'jump', 'freeze'],
        every: { minUs: 300_000, maxUs: 900_000 },
        lasting: { minUs: 200_000, maxUs: 3_000_000 },
        atMost: 2,
      },
    });
    expect(chaos('all')).toMatchObject({ chaos: { words: CHAOS_WORDS } });
    expect(chaos('reset, at-most: 1, for: 1s')).toMatchObject({
      chaos: { words: ['reset'], atMost: 1, lasting: { minUs: 1_000_000, maxUs: 1_000_000 } },
    });
  });

  it('goes on from one time until another', () => {
    const { trigger } = stepOf('{ chaos: all, every: 300ms..900ms, from: 2s, until: 20s }');
    expect(trigger).toEqual({ kind: 'every', everyUs: 300_000, fromUs: 2_000_000, toUs: 20_000_000 });
  });
});

describe('triggers', () => {
  const deed = { kind: 'deed', who: { kind: 'role', role: 'head', path: '/a' }, deed: 'appended', operation: 'first' };
  const promoted = { kind: 'told', who: { kind: 'any' }, fact: 'promoted' };
  it.each([
    ['at: 1.5s, crash: n1', { kind: 'at', us: 1_500_000 }],
    ['when: head(/a) has appended first, crash: n1', { kind: 'when', condition: deed, afterUs: 0 }],
    ['when: head(/a) has appended first, after: 1ms, crash: n1', { kind: 'when', condition: deed, afterUs: 1_000 }],
    ['every: 1s, from: 2s, to: 10s, crash: n1', { kind: 'every', everyUs: 1e6, fromUs: 2e6, toUs: 10e6 }],
    ['when: any has promoted, crash: n1', { kind: 'when', condition: promoted, afterUs: 0 }],
    ['every: 1s, until: 10s, rate: n1 > n2, to: 1MB/s', { kind: 'every', everyUs: 1e6, fromUs: 1e6, toUs: 10e6 }],
  ])('%s', (text, trigger) => {
    expect(stepOf(`{ ${text} }`).trigger).toEqual(trigger);
  });

  it('are absent from the steps of eventually', () => {
    const { expect: expected } = withSteps(
      '  - { at: 1s, crash: n1 }',
      'expect: { eventually: [{ get: /a, via: n1 }] }\n',
    );
    expect(expected.eventually).toMatchObject([{ text: 'get: /a, via: n1', action: { action: { kind: 'get' } } }]);
  });
});

describe('the words of a step', () => {
  it.each([
    ['{ at: 1s,   crash: [ n1 ,n2 ] }', 'at: 1s, crash: [n1, n2]'],
    ['at: 1s # soon\n    crash:\n      - n1\n      - n2', 'at: 1s, crash: [n1, n2]'],
    ['{ at: 1s, partition: {\n      isolate: n1 } }', 'at: 1s, partition: { isolate: n1 }'],
  ])('are on one line: %j', (yaml, text) => {
    const step = withSteps(`  - ${yaml}`).steps[0];
    expect(step).toMatchObject({ text, place: { line: 4, column: 5 } });
  });

  it('are those of the anchor for an alias', () => {
    const { steps } = withSteps('  - &one { at: 1s, crash: n1 }\n  - *one');
    expect(steps[1]).toMatchObject({ text: 'at: 1s, crash: n1', place: { line: 5, column: 5 } });
  });
});
