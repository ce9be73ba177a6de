/** Small worlds that are looked at as a whole. Each that holds is a proof, for as many servers, operations and faults as it has. */
import type { Cast } from './cast.js';

export interface Case {
  /** What may happen, for people. */
  readonly name: string;
  readonly cast: Cast;
  /** So few states that the tests look at all of them. */
  readonly isQuick: boolean;
}

const THREE = { servers: ['n1', 'n2', 'n3'], chain: ['n1', 'n2', 'n3'] };

export const CASES: readonly Case[] = [
  {
    name: 'two writes of one path',
    isQuick: true,
    cast: { ...THREE, clients: [[{ at: 'n2', does: 'put' }], [{ at: 'n3', does: 'put' }]] },
  },
  {
    name: 'a write, a deletion and a read',
    isQuick: false,
    cast: {
      ...THREE,
      clients: [[{ at: 'n2', does: 'put' }], [{ at: 'n3', does: 'delete' }], [{ at: 'n1', does: 'stat' }]],
    },
  },
  {
    name: 'a write, and reads outside its chain that keep what they got',
    isQuick: true,
    cast: {
      servers: ['n1', 'n2', 'n3', 'n4'],
      chain: ['n1', 'n2', 'n3'],
      clients: [
        [
          { at: 'n4', does: 'put' },
          { at: 'n4', does: 'get' },
        ],
        [
          { at: 'n4', does: 'get' },
          { at: 'n1', does: 'stat' },
        ],
      ],
    },
  },
  {
    name: 'two writes, and reads outside their chain that keep what they got',
    isQuick: false,
    cast: {
      servers: ['n1', 'n2', 'n3', 'n4'],
      chain: ['n1', 'n2'],
      clients: [
        [{ at: 'n4', does: 'put' }],
        [
          { at: 'n3', does: 'get' },
          { at: 'n3', does: 'get' },
        ],
        [{ at: 'n1', does: 'put' }],
      ],
    },
  },
  {
    name: 'a write whose head crashes, in a chain of two',
    isQuick: true,
    cast: {
      ...{ servers: ['n1', 'n2'], chain: ['n1', 'n2'], clients: [[{ at: 'n2', does: 'put' }]] },
      ...{ mayCrash: ['n1'], mayBeRemoved: ['n1'] },
    },
  },
  {
    name: 'a write whose head crashes',
    isQuick: false,
    cast: { ...THREE, clients: [[{ at: 'n2', does: 'put' }]], mayCrash: ['n1'], mayBeRemoved: ['n1'] },
  },
  {
    name: 'a write whose tail crashes',
    isQuick: false,
    cast: { ...THREE, clients: [[{ at: 'n2', does: 'put' }]], mayCrash: ['n3'], mayBeRemoved: ['n3'] },
  },
  {
    name: 'a write, and a read at the tail that was taken out alive',
    isQuick: false,
    cast: { ...THREE, clients: [[{ at: 'n2', does: 'put' }], [{ at: 'n3', does: 'stat' }]], mayBeRemoved: ['n3'] },
  },
  {
    name: 'a write, and a read at the middle that was taken out alive',
    isQuick: false,
    cast: { ...THREE, clients: [[{ at: 'n1', does: 'put' }], [{ at: 'n2', does: 'stat' }]], mayBeRemoved: ['n2'] },
  },
  {
    name: 'a write while the chain grows by a learner',
    isQuick: false,
    cast: {
      ...{ servers: ['n1', 'n2', 'n3'], chain: ['n1', 'n2'], chainLength: 3, plans: 2 },
      clients: [[{ at: 'n3', does: 'put' }]],
    },
  },
  {
    name: 'a write while a head that was taken out alive is replaced',
    isQuick: false,
    cast: {
      ...{ servers: ['n1', 'n2', 'n3'], chain: ['n1', 'n2'], plans: 2 },
      clients: [[{ at: 'n3', does: 'put' }]],
      mayBeRemoved: ['n1'],
    },
  },
];
