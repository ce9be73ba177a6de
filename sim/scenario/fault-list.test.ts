// The list of faults is whole, and what it tells is right.
import { describe, expect, it } from 'vitest';
import { faultName } from '../faults/fault.js';
import { faultList, faultListLines } from './fault-list.js';
import { CHAOS_WORDS, isFaultKey, namesOf } from './fault-words.js';
import { parseScenario } from './load.js';
import { stepSchema } from './step-schema.js';

/** What a step can have besides a fault. */
const TIMES = ['at', 'when', 'after', 'every', 'from', 'until', 'to'];
const CLIENTS = ['put', 'get', 'stat', 'delete', 'list'];
const CLIENT_DETAILS = 'size file via as if abandon-after client-rate equals range consistency clients expect'.split(
  ' ',
);
const FAULT_DETAILS = 'power disk by what path of times at-most for'.split(' ');

it('every fault word of the schema is listed', () => {
  const others = new Set([...TIMES, ...CLIENTS, ...CLIENT_DETAILS, ...FAULT_DETAILS]);
  const words = Object.keys(stepSchema.shape).filter((key) => !others.has(key));
  expect(words).toEqual(faultList.map(({ word }) => word));
  expect(words.length).toBeGreaterThanOrEqual(40);
});

it('and, below, the answers that a step can expect', () => {
  const text = faultListLines((line) => [line], 80).join('\n');
  expect(text).toContain('put: stored, precondition-failed · delete: deleted, absent');
});

const rest = '{ at: 0, put: /a.txt, size: 1KiB, as: first }\n  - { at: 0, snapshot: n3 }';
const stepOf = (example: string) =>
  parseScenario(
    `scenario: x\ncluster: { nodes: 5, spares: 1 }\nsteps:\n  - ${rest}\n  - ${example}\n`,
    'x.yaml',
  ).steps.at(-1);

describe.each(faultList)('$word', ({ word, help, example, with: details, chaos }) => {
  it('has help', () => {
    expect(help).toMatch(/^[A-Z].*\.$/);
  });

  it('has an example that is right, and strikes what it says', () => {
    const action = stepOf(example)?.action;
    if (word === 'chaos') expect(action?.kind).toBe('chaos');
    else expect(action?.kind === 'fault' ? namesOf(word).includes(faultName(action.fault)) : false).toBe(true);
  });

  it('says what goes with it', () => {
    for (const key of details) expect(Object.keys(stepSchema.shape)).toContain(key);
    expect(isFaultKey(word)).toBe(true);
    expect(chaos).toBe(CHAOS_WORDS.some((drawn) => drawn === word));
  });
});
