import { describe, expect, it } from 'vitest';
import { WrongValue } from './errors.js';
import { parseCondition, parseGroup, parseLink, parseWho } from './selectors.js';

function refusal(parse: () => unknown): string {
  try {
    return `accepted: ${JSON.stringify(parse())}`;
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    return error.suggestion ?? error.message;
  }
}

const n = (number: number) => ({ kind: 'server', id: `n${number}` }) as const;
const head = (path: string) => ({ kind: 'role', role: 'head', path }) as const;
const whoForm = 'a server is n1, n2, …, any, joining, head(/path), mid(/path), tail(/path) or owner(/path)';

describe('who', () => {
  it.each([
    ['n3', n(3)],
    ['n17', n(17)],
    ['any', { kind: 'any' }],
    ['coordinator', { kind: 'coordinator' }],
    ['zk.leader', { kind: 'leader' }],
    ['leader', { kind: 'leader' }],
    ['joining', { kind: 'joining' }],
    ['head(/a.txt)', head('/a.txt')],
    ['head( /a b - c )', head('/a b - c')],
    ['mid(/a)', { kind: 'role', role: 'mid', path: '/a' }],
    ['tail(/a)', { kind: 'role', role: 'tail', path: '/a' }],
    ['owner(/a)', { kind: 'role', role: 'owner', path: '/a' }],
  ])('%s', (text, who) => {
    expect(parseWho(text)).toEqual(who);
  });

  it.each([
    ['3', 'n3'],
    ['N3', 'n3'],
    ['node3', 'n3'],
    ['server 3', 'n3'],
    ['n0', 'n1'],
    ['haed(/a)', 'head(/a)'],
    ['head(a)', 'head(/a)'],
    ['head()', '"head()": a path begins with a slash'],
    ['head', '"head" of which path? Write head(/path)'],
    ['cordinator', 'coordinator'],
    ['joinng', 'joining'],
    ['zk.leder', 'zk.leader'],
    ['half', `"half" is several servers, and one is needed here: ${whoForm}`],
    ['everybody', `"everybody" names nobody: ${whoForm}`],
    ['', `"" names nobody: ${whoForm}`],
    ['boss(/a)', `"boss(/a)" names nobody: ${whoForm}`],
  ])('%s is refused', (text, expected) => {
    expect(refusal(() => parseWho(text))).toBe(expected);
  });
});

describe('groups', () => {
  it('are one, several, or a word', () => {
    expect(parseGroup('n1')).toEqual({ kind: 'list', who: [n(1)] });
    expect(parseGroup(['n1', 'head(/a)'])).toEqual({ kind: 'list', who: [n(1), head('/a')] });
    for (const kind of ['half', 'minority', 'all'] as const) expect(parseGroup(kind)).toEqual({ kind });
  });

  it.each([
    ['n1, n2', '[n1, n2]'],
    ['minorty', 'minority'],
    ['3', 'n3'],
    [['n1', 'n1'], '"n1" stands twice in this group'],
    [[], 'this group is empty: name a server'],
    [['half'], `"half" is several servers, and one is needed here: ${whoForm}`],
  ] as const)('%s is refused', (given, expected) => {
    expect(refusal(() => parseGroup(given))).toBe(expected);
  });
});

describe('links', () => {
  it.each([
    ['n1 > n2', { from: n(1), to: n(2), bothWays: false }],
    ['n1>n2', { from: n(1), to: n(2), bothWays: false }],
    ['n1 - n2', { from: n(1), to: n(2), bothWays: true }],
    ['head(/a - b) - coordinator', { from: head('/a - b'), to: { kind: 'coordinator' }, bothWays: true }],
    ['n1 - zk.leader', { from: n(1), to: { kind: 'leader' }, bothWays: true }],
    ['any > any', { from: { kind: 'any' }, to: { kind: 'any' }, bothWays: false }],
  ])('%s', (text, link) => {
    expect(parseLink(text)).toEqual(link);
  });

  it.each([
    ['n1 -> n2', 'n1 > n2'],
    ['n1 → n2', 'n1 > n2'],
    ['n1 <-> n2', 'n1 - n2'],
    ['n1 < n2', 'n2 > n1'],
    ['n1 <- n2', 'n2 > n1'],
    ['n1 to n2', 'n1 > n2'],
    ['n1, n2', 'n1 > n2'],
    ['n1 - n1', '"n1 - n1": a link has two different ends'],
    ['n1', '"n1" is not a link: write n1 > n2 (what n1 sends to n2) or n1 - n2 (both ways)'],
    ['n1 > half', `"half" is several servers, and one is needed here: ${whoForm}`],
  ])('%s is refused', (text, expected) => {
    expect(refusal(() => parseLink(text))).toBe(expected);
  });
});

describe('conditions', () => {
  it.each([
    ['head(/a.txt) has appended first', { kind: 'deed', who: head('/a.txt'), deed: 'appended', operation: 'first' }],
    ['any has  caught second-1', { kind: 'deed', who: { kind: 'any' }, deed: 'caught', operation: 'second-1' }],
    ['first has finished', { kind: 'finished', operation: 'first' }],
    ['a-b.c has finished', { kind: 'finished', operation: 'a-b.c' }],
    ['n2 has installed 3', { kind: 'installed', who: n(2), epoch: 3 }],
    ['n2 has left', { kind: 'removed', who: n(2) }],
    ['any has promoted', { kind: 'told', who: { kind: 'any' }, fact: 'promoted' }],
    ['joining has  lesson-begun', { kind: 'told', who: { kind: 'joining' }, fact: 'lesson-begun' }],
    ['n6 has committed', { kind: 'told', who: n(6), fact: 'committed' }],
  ])('%s', (text, condition) => {
    expect(parseCondition(text)).toEqual(condition);
  });

  it.each([
    ['head(/a) has apended first', 'head(/a) has appended first'],
    ['n2 has installed', '"n2 has installed": which epoch? Write a number, as in "n2 has installed 3"'],
    ['n2 has installed 0', '"n2 has installed 0": which epoch? Write a number, as in "n2 has installed 3"'],
    ['n2 has left first', 'n2 has left'],
    ['n2 has finished first', 'first has finished'],
    ['n2 has staged', '"n2 has staged": staged what? End with the name (as) of an operation'],
    ['coordinator has left', 'the coordinator does none of this: name a server'],
    ['zk.leader has left', 'the coordinator does none of this: name a server'],
    ['n2 has promotd', 'n2 has promoted'],
    ['n2 has promoted first', 'n2 has promoted'],
    ['half has left', `"half" is several servers, and one is needed here: ${whoForm}`],
    [
      'n2 has exploded x',
      '"exploded" is nothing that can have happened: started, staged, ordered, appended, persisted, committed, ' +
        'boarded, caught, finished, installed, left or a fact such as promoted',
    ],
  ])('%s is refused', (text, expected) => {
    expect(refusal(() => parseCondition(text))).toBe(expected);
  });
});
