// What is wrong with a fault of a scenario, and what was meant.
import { describe, expect, it } from 'vitest';
import { formatScenarioError, parseScenario, ScenarioError } from './load.js';

/** `line:column: message`, without the excerpt. */
function first(text: string): string {
  try {
    parseScenario(text, 'x.yaml');
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return (formatScenarioError(error).split('\n')[0] as string).replace(/^x\.yaml:/, '');
  }
  return 'no error';
}

/** The step under test stands on line 5, its first key in column 7. */
const withStep = (step: string): string =>
  `scenario: x\ncluster: { nodes: 5 }\nsteps:\n  - { at: 1s, put: /a.txt, size: 1KiB, as: first }\n  - ${step}\n`;

describe('a fault', () => {
  it.each([
    ['{ at: 1s, partition: {} }', '15: a partition of what? Write { isolate: n3 } or { split: [[n1, n2], [n3]] }'],
    [
      '{ at: 1s, partition: { split: [n1, n2], isolate: n3 } }',
      '45: a partition is one thing, and this one has two: split and isolate',
    ],
    ['{ at: 1s, partition: { split: [[n1, n2], [n2, n3]] } }', '47: n2 is in two groups of this split'],
    ['{ at: 1s, partition: { split: [n1, all] } }', '40: all servers are one group: nothing is left to split from'],
    [
      '{ at: 1s, partition: { split: half } }',
      '35: "half": a split has two groups or more, as in [[n1, n2], [n3, n4, n5]]; to cut off one group, use isolate',
    ],
    ['{ at: 1s, delay: n1 > n2 }', '15: a delay by how much? Add by, as in by: 50ms..60ms'],
    ['{ at: 1s, rate: n1 > n2 }', '15: a rate of what? Add to, as in to: 1MB/s'],
    [
      '{ at: 1s, rate: n1 > n2, to: 1MB }',
      '34: "1MB" is not a rate: bytes per second are written like 100MB/s; did you mean "1MB/s"?',
    ],
    ['{ at: 1s, heal: netwrk }', '21: "netwrk" is not what can be healed: network; did you mean "network"?'],
    ['{ at: 1s, pause: n1, for: 1s..2s }', '31: only chaos draws how long a fault lasts; did you mean "1s"?'],
    [
      '{ at: 1s, restart: n1, disk: wipd }',
      '34: "wipd" is not a disk to start with: kept, wiped, stale; did you mean "wiped"?',
    ],
    [
      '{ at: 1s, restart: n1, disk: stale }',
      '34: no disk can be stale here: no step takes a snapshot of one, as in snapshot: n3',
    ],
    ['{ at: 1s, pause: n1, power: true }', '26: "power" has no meaning with pause: it goes with crash, reboot'],
    ['{ at: 1s, crash: n1, power: yes }', '33: "yes" is neither true nor false; did you mean "true"?'],
    [
      '{ at: 1s, join: n6 }',
      '21: nobody can join: this cluster has no spares. Add some, as in cluster: { nodes: 5, spares: 1 }',
    ],
    ['{ at: 1s, revive: /a }', '15: from whose disk? Add from, as in from: n2'],
    [
      '{ at: 1s, revive: /a, from: 2s }',
      '33: "2s" names nobody: a server is n1, n2, …, any, joining, head(/path), mid(/path), tail(/path) or owner(/path)',
    ],
    ['{ at: 1s, bitrot: n1, what: chnk }', '33: "chnk" is not what can rot: chunk, log; did you mean "chunk"?'],
    ['{ at: 1s, eio: n1 }', '15: what fails? Add of, as in of: read or of: write'],
    ['{ at: 1s, eio: n1, of: rite }', '28: "rite" is not what a disk does: read, write; did you mean "write"?'],
    ['{ at: 1s, slow-disk: n1 }', '15: how slow? Add times, as in times: 20'],
    ['{ at: 1s, slow-disk: n1, times: 1 }', '37: "1" is not a whole number from 2 to 1000000'],
    ['{ at: 1s, skew: n1 }', '15: skew by how much? Add by, as in by: -2s'],
    [
      '{ at: 1s, skew: n1, by: -2 sec }',
      '29: "2 sec": a duration is a number directly followed by us, ms, s, min, h, like 5ms; did you mean "-2s"?',
    ],
    ['{ at: 1s, jump: n1, by: 0 }', '29: "0" is no change at all'],
    ['{ at: 1s, drift: n1 }', '15: drift by how much? Add by, in seconds of a thousand, as in by: 50'],
    [
      '{ at: 1s, drift: n1, by: 5% }',
      '30: "5%" is not how many seconds in a thousand a clock gains: a whole number from -900 to 100000, not 0',
    ],
    ['{ at: 1s, delay-watch: n1, by: -2s }', '36: "-2s": a duration cannot be negative'],
    [
      '{ at: 1s, lose-reply: n1, to: craete }',
      '35: "craete" is not a call to the coordinator: create, set, delete, any; did you mean "create"?',
    ],
    ['{ every: 1s, lose-reply: n1, to: set }', '7: "every" has no end: add until, as in until: 10s'],
    [
      '{ at: 1s, outage: n1 }',
      '23: "n1" is not the coordinator, and nothing else can have this; did you mean "coordinator"?',
    ],
    [
      '{ at: 1s, expire: coordinator }',
      '23: the coordinator is no server: only the network, leader-change and outage can have it',
    ],
    ['{ at: 1s, powr-loss: n1 }', '15: unknown key "powr-loss"; did you mean "power-loss"?'],
    ['{ at: 1s, chaos: all }', '15: chaos strikes again and again: add every, as in every: 300ms..900ms'],
    [
      '{ every: 1s, until: 9s, chaos: [crash, pauze] }',
      '36: "pauze" is no fault that chaos can strike (npm run sim -- --list-faults names all); did you mean "pause"?',
    ],
    ['{ every: 1s, until: 9s, chaos: heal }', '36: "heal" is nothing to draw: chaos ends its faults by itself'],
    [
      '{ every: 1s, until: 9s, chaos: [] }',
      '36: this list of faults is empty: name one, or write all; did you mean "all"?',
    ],
    [
      '{ every: 1s, until: 9s, chaos: all, at-most: 3 }',
      '50: chains of 3 survive no more than 2 servers struck at one time; did you mean "2"?',
    ],
  ])('%s', (step, expected) => {
    expect(first(withStep(step))).toBe(`5:${expected}`);
  });

  it('is of a server that there is, and a join of one that is not in the ring yet', () => {
    const problem = (step: string) =>
      first(`scenario: x\ncluster: { nodes: 5, spares: 2 }\nsteps:\n  - ${step}\n`).replace(/^4:\d+: /, '');
    expect(problem('{ at: 1s, join: n3 }')).toBe(
      'n3 is in the ring from the beginning: only the spares n6 to n7 can join; did you mean "n6"?',
    );
    expect(problem('{ at: 1s, crash: n8 }')).toBe(
      'there is no server n8: the ring has n1 to n5, and the spares n6 to n7',
    );
  });
});
