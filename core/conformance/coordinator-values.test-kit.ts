// Values of every kind that a coordinator keeps, with every field in use.
import type { CoordinatorValue } from '../coordinator-port.js';
import type { Registration } from '../view/registration.js';
import { lostWith, ringOf } from '../view/views.test-kit.js';

export const registration: Registration = {
  ...{ member: 'n1', incarnation: 3, address: '127.0.0.1:7001', clusterId: 'c', store: 'd15c', life: '11fe' },
  written: true,
  ...{ epoch: 7, brokenIn: true, brokenOut: false, probes: ['n2', 'größe'], seat: { before: 'n4', after: 'n2' } },
  ready: [{ shard: 3, learner: 'n5' }],
  stalled: [{ shard: 4, learner: 'n6' }],
  kept: [{ shard: 5, last: { epoch: 6, sequence: 2 ** 40 }, suspect: true }],
  leaving: 'handing-over',
};

const silent: Registration = {
  ...registration,
  ...{ brokenIn: false, probes: [], seat: undefined, ready: [], stalled: [], kept: [], leaving: 'no', written: false },
};

export const view = ringOf('a b c d', 'a b + c');
/** A later one. */
export const nextView = { ...ringOf('a b d', 'a b'), epoch: 8 };

export const lives = (count: number): CoordinatorValue => ({ kind: 'lives', count });

export const valuesOfAllKinds: readonly CoordinatorValue[] = [
  lives(1),
  { kind: 'view', view },
  { kind: 'view', view: { ...view, chains: [lostWith('a b')] } },
  { kind: 'registration', registration },
  { kind: 'registration', registration: silent },
  {
    kind: 'statistics',
    statistics: { member: 'n1', incarnation: 3, sentBytes: 2 ** 45, receivedBytes: 0, atMs: 1_790_000_000_000 },
  },
];
