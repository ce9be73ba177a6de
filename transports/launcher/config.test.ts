import { describe, expect, it } from 'vitest';
import {
  type Checked,
  checkCoordinatorConfig,
  checkNodeConfig,
  checkRingConfig,
  DEFAULT_RING,
  type RawConfig,
} from './config.js';
import { foundingConflicts, foundingSettings } from './founding.js';

const node: RawConfig = { id: 'n1', coordinator: 'tcp://127.0.0.1:7100', data: './n1' };

function told(checked: Checked<unknown>): readonly string[] {
  if (checked.ok) return ['all is well'];
  return checked.problems.map(({ key, message, suggestion }) =>
    suggestion === undefined ? `${key}: ${message}` : `${key}: ${message}; ${suggestion}?`,
  );
}

describe('a node', () => {
  it('needs a name, a coordinator and a folder; the rest has defaults', () => {
    expect(checkNodeConfig(node)).toEqual({
      ok: true,
      config: {
        id: 'n1',
        listen: { host: '127.0.0.1', port: 7101 },
        http: { host: '127.0.0.1', port: 8101 },
        coordinator: 'tcp://127.0.0.1:7100',
        data: './n1',
        advertise: undefined,
        store: 'disk',
        capacityBytes: undefined,
        link: 'tcp',
        founding: {},
        logLevel: 'info',
        logPretty: false,
      },
    });
  });

  it('takes text as well as numbers and truths of a file', () => {
    const checked = checkNodeConfig({
      ...node,
      listen: 7301,
      http: '[::1]:0',
      chain: 5,
      'min-replicas': '2',
      chunk: '64KiB',
      stream: '1MiB',
      'log-pretty': true,
    });
    expect(checked.ok && checked.config).toMatchObject({
      listen: { host: '127.0.0.1', port: 7301 },
      http: { host: '::1', port: 0 },
      founding: { chainLength: 5, minReplicas: 2, chunkBytes: 65_536, streamBytes: 1_048_576 },
      logPretty: true,
    });
  });

  it('says everything that is wrong at once', () => {
    const wrong = {
      id: 'n 1',
      listen: '0.0.0.0:7101',
      chian: 3,
      chain: 2,
      'min-replicas': 3,
      chunk: '64K',
      link: 'udp',
    };
    expect(told(checkNodeConfig(wrong))).toEqual([
      'id: "n 1" is not a name: up to 63 letters, digits, "-" and "_", such as n1',
      'chian: unknown key "chian"; chain?',
      'chunk: "64K": a size is a number directly followed by B, kB, KiB, MB, MiB, GB, GiB, TB, TiB, like 64KiB; 64KiB?',
      'link: "udp" is not one of: tcp, http',
      'coordinator: is missing: say where, as in tcp://127.0.0.1:7100',
      'data: is missing: a store on the disk needs a folder of its own (or use the store "memory")',
      'listen: "0.0.0.0" can be reached from other machines, by anybody there: say --allow-public if that is meant, or use 127.0.0.1',
      'advertise: is missing: others cannot dial 0.0.0.0, so say under which address they find this server',
      'min-replicas: 3 is more than the 2 servers of a chain: nothing could be written',
    ]);
  });

  it.each([
    ['a list', { id: ['n1'] }, 'id: ["n1"] is not a value for it'],
    ['a coordinator without a port', { coordinator: 'tcp://a' }, '"a" is not HOST:PORT'],
    ['http for coordinator', { coordinator: 'http://a:1' }, 'is no coordinator'],
    ['a port too far', { http: '127.0.0.1:70000' }, 'is not an address such as'],
    ['one port for two things', { listen: 'localhost:7101', http: 'localhost:7101' }, 'must be another port'],
    ['a stream of two chunks', { chunk: '1MiB', stream: '2MiB' }, 'three chunks of 1MiB in transit; 3MiB?'],
    ['synced memory', { store: 'memory', durability: 'fsync' }, 'a store in memory cannot promise "fsync"; memory?'],
    ['neither true nor false', { 'log-pretty': 'maybe' }, '"maybe" is neither true nor false'],
    ['too many', { shards: 5000 }, '"5000" is not a whole number from 1 to 4096'],
  ])('refuses %s', (_, wrong, words) => {
    const [first, ...others] = told(checkNodeConfig({ ...node, ...wrong }));
    expect(first).toContain(words);
    expect(others).toEqual([]);
  });

  it('may be public if that is said plainly', () => {
    const open = { ...node, listen: '0.0.0.0:7101', 'allow-public': 'true', advertise: '10.0.0.7:7101' };
    expect(told(checkNodeConfig(open))).toEqual(['all is well']);
    expect(told(checkNodeConfig({ ...open, advertise: '0.0.0.0:7101' }))).toHaveLength(1);
  });

  it.each(['zk://a:2181,b:2181/ring', 'tcp://a:1,b:2', 'file:./coordinator'])(
    'finds its coordinator at %s',
    (coordinator) => {
      expect(told(checkNodeConfig({ ...node, coordinator }))).toEqual(['all is well']);
    },
  );
});

describe('a ring on this machine', () => {
  it('needs nothing', () => {
    expect(checkRingConfig({})).toEqual({ ok: true, config: { ...DEFAULT_RING, founding: {} } });
  });

  it('has ports that do not overlap', () => {
    expect(told(checkRingConfig({ 'ring-port': 8100 }))).toEqual([
      'ring-port: its ports overlap with those of http-port',
    ]);
    expect(told(checkRingConfig({ 'ring-port': 0, 'http-port': 0, 'coordinator-port': 0 }))).toEqual(['all is well']);
    expect(told(checkRingConfig({ 'http-port': 65_533 }))[0]).toContain('do not all exist');
  });
});

it('a coordinator needs a folder', () => {
  expect(told(checkCoordinatorConfig({}))[0]).toContain('data: is missing');
  expect(checkCoordinatorConfig({ data: 'x', listen: 'localhost:0' })).toMatchObject({
    ok: true,
    config: { listen: { host: 'localhost', port: 0 }, data: 'x' },
  });
});

describe('founding', () => {
  it('has safe defaults', () => {
    expect(foundingSettings({}, 'disk')).toEqual({
      durability: 'fsync',
      chainLength: 3,
      minReplicas: 2,
      shards: 128,
      chunkBytes: 262_144,
      transitSlots: 16,
    });
    expect(foundingSettings({ chainLength: 1 }, 'memory')).toMatchObject({ durability: 'memory', minReplicas: 1 });
  });

  it('a wish that contradicts the ring is told, what was not wished is not', () => {
    const settings = foundingSettings({ chainLength: 2 }, 'disk');
    expect(foundingConflicts({}, settings)).toEqual([]);
    expect(foundingConflicts({ chainLength: 2, streamBytes: 4_194_305 }, settings)).toEqual([]);
    expect(foundingConflicts({ chainLength: 3, chunkBytes: 1024 }, settings)).toEqual([
      'chain is 2 in this ring since its founding, and cannot be 3',
      'chunk is 256KiB in this ring since its founding, and cannot be 1KiB',
    ]);
  });
});

describe('an address to listen at', () => {
  it.each([
    ['8101', { host: '127.0.0.1', port: 8101 }],
    [':8101', { host: '127.0.0.1', port: 8101 }],
    ['*:8101', { host: '0.0.0.0', port: 8101 }],
    ['[fe80::1%eth0]:8101', { host: 'fe80::1%eth0', port: 8101 }],
    ['files.example:0', { host: 'files.example', port: 0 }],
  ])('may be %s', (http, address) => {
    const checked = checkNodeConfig({ ...node, http, 'allow-public': true });
    expect(checked.ok && checked.config.http).toEqual(address);
  });

  it.each(['*', ':', '', '-1', '123456', '::1:80', 'ł:80', 'a*:80'])('is not %j', (http) => {
    expect(told(checkNodeConfig({ ...node, http }))).toEqual([
      `http: "${http}" is not an address such as 127.0.0.1:8101 or [::1]:8101`,
    ]);
  });
});
