import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { formatScenarioError, loadScenario, parseScenario, ScenarioError } from './load.js';

const folder = mkdtempSync(join(tmpdir(), 'ppnfs-scenario-'));
afterAll(() => rmSync(folder, { recursive: true }));

function errorOf(load: () => unknown): ScenarioError {
  try {
    load();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('no error');
}
const told = (text: string): string => formatScenarioError(errorOf(() => parseScenario(text, 'x.yaml')));
/** `line:column: message`, without the excerpt. */
const first = (text: string): string => (told(text).split('\n')[0] as string).replace(/^x\.yaml:/, '');

const HEAD = 'scenario: x\ncluster: { nodes: 5 }\n';
const PUT = '{ at: 1s, put: /a.txt, size: 1KiB, as: first }';
const PLAIN = `${HEAD}steps: [${PUT}]\n`;
/** The step under test stands on line 5, its first key in column 7. */
const withStep = (step: string): string => `${HEAD}steps:\n  - ${PUT}\n  - ${step}\n`;

describe('an error', () => {
  it('shows the place, the line and a caret, as compilers do', () => {
    expect(told(`scenario: x\ncluster: { nodes: 5, chian: 3 }\n`)).toBe(
      [
        'x.yaml:2:22: unknown key "chian"; did you mean "chain"?',
        '  cluster: { nodes: 5, chian: 3 }',
        '                       ^^^^^',
      ].join('\n'),
    );
  });

  it('has its parts for tools', () => {
    const error = errorOf(() => parseScenario(`scenario: x\ncluster: { nodes: 5, chian: 3 }\n`, 'x.yaml'));
    const { file, line, column, message, suggestion } = error;
    expect({ file, line, column, message, suggestion }).toEqual({
      file: 'x.yaml',
      line: 2,
      column: 22,
      message: 'unknown key "chian"',
      suggestion: 'chain',
    });
  });

  it('counts the others', () => {
    expect(told(`${PLAIN}seed: x\nnetwork: { delay: 5, rte: 1MB/s }\n`)).toBe(
      [
        'x.yaml:4:7: "x" is neither a whole number nor a range such as 1..50',
        '  seed: x',
        '        ^',
        '  and 2 more problems:',
        '  x.yaml:5:19: "5" has no unit: a duration is a number directly followed by us, ms, s, min, h, like 5ms; did you mean "5s"?',
        '  x.yaml:5:22: unknown key "rte"; did you mean "rate"?',
      ].join('\n'),
    );
  });

  it('tells what is wrong before what is missing', () => {
    expect(first('senario: x\ncluster: { nodes: 5 }\n')).toBe('1:1: unknown key "senario"; did you mean "scenario"?');
    expect(first('scenario: x\nnodes: 5\n')).toBe('2:1: unknown key "nodes": it belongs in "cluster"');
  });

  it('shows the right part of a long line, and a tab as one column', () => {
    const lines = told(`${PLAIN}seed: [${'1, '.repeat(100)}]\nexpect: {\t${' '.repeat(200)}foo: 1 }\n`).split('\n');
    expect(lines[1]?.length).toBeLessThanOrEqual(120);
    const far = told(`${PLAIN}expect: {${' '.repeat(200)}\tfoo: 1 }\n`).split('\n');
    expect(far[1]?.slice((far[2] as string).indexOf('^'))).toMatch(/^foo/);
    expect(far[1]).toContain('→foo');
  });

  it('cannot move the cursor of a terminal', () => {
    expect(told(`${PLAIN}"\\e[2Jfoo": 1\n`)).toContain('unknown key "\uFFFD[2Jfoo"');
    expect(told(`scenario: x \u009b2J\nclustr: 1\n`)).not.toContain('\u009b');
  });
});

describe('files that are no scenario', () => {
  const path = (name: string, content?: string | Uint8Array): string => {
    if (content !== undefined) writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const problem = (file: string): string =>
    formatScenarioError(errorOf(() => loadScenario(file)))
      .replaceAll(folder, 'F')
      .split('\n')[0] as string;

  it('are told from each other', () => {
    path('quickstart.yaml', PLAIN);
    expect(problem(path('quikstart.yaml'))).toBe(
      'F/quikstart.yaml: there is no such file; did you mean "F/quickstart.yaml"?',
    );
    expect(problem(path('none/x.yaml'))).toBe('F/none/x.yaml: there is no such file');
    expect(problem(path('quickstart.yaml/x.yaml'))).toBe('F/quickstart.yaml/x.yaml: there is no such file');
    expect(problem(folder)).toBe(
      'F: this is a folder: name a scenario file, or several; did you mean "F/quickstart.yaml"?',
    );
    expect(problem('/dev/null')).toBe('/dev/null: this is not a regular file');
    expect(problem(path('large.yaml', `#${' '.repeat(1_048_576)}`))).toBe(
      'F/large.yaml: the file has 1048577 bytes: a scenario has 1MiB at most',
    );
    expect(problem(path('binary.yaml', Uint8Array.of(0x61, 0xff, 0xfe)))).toBe(
      'F/binary.yaml: the file is not UTF-8 text',
    );
  });

  it('for the bytes of a put are missed', () => {
    mkdirSync(join(folder, 'data'));
    path('data/content.bin', 'x');
    const text = (name: string): string => `${HEAD}steps: [{ at: 0s, put: /a, file: ${name} }]\n`;
    expect(problem(path('y.yaml', text('data/contnt.bin')))).toBe(
      'F/y.yaml:3:34: there is no file data/contnt.bin (looked for beside the scenario); did you mean "data/content.bin"?',
    );
    expect(problem(path('y.yaml', text('data')))).toBe(
      'F/y.yaml:3:34: there is no file data (looked for beside the scenario)',
    );
  });
});

const bomb = Array.from({ length: 9 }, (_, i) => `b${i}: &b${i} [${Array(9).fill(i === 0 ? 'x' : `*b${i - 1}`)}]\n`);

describe('broken YAML', () => {
  it.each([
    ['', '1:1: the file is empty: a scenario begins with "scenario: one sentence"'],
    ['# only a comment\n', '1:1: the file is empty: a scenario begins with "scenario: one sentence"'],
    ['- a\n', '1:1: a scenario is a mapping of keys to values, as in "scenario: one sentence"'],
    ['hello\n', '1:1: a scenario is a mapping of keys to values, as in "scenario: one sentence"'],
    ['scenario: x\ncluster:\n\tnodes: 5\n', '3:1: a tab indents this line: YAML is indented with spaces'],
    ['scenario: x\nscenario: y\n', '2:1: the key "scenario" stands here twice'],
    ['cluster: { nodes: 5, nodes: 6 }\n', '1:22: the key "nodes" stands here twice'],
    ['scenario: x\n---\nscenario: y\n', '2:1: a second document begins here: one file holds one scenario'],
    ['? [a]\n: b\n', '1:3: a key must be plain text'],
    ['a: !b c\n', '1:4: tags (words with "!") have no meaning here: put the value in quotes'],
    ['a: b: c\n', '1:4: a second ":" on one line: put the value in quotes, or the keys on lines of their own'],
    ['a: { b: 1 c: 2 }\n', '1:9: a comma is missing in here'],
    ['a: "b\n', '2:1: a quote is opened and never closed'],
    ['a: >= 80%\n', '1:5: a value that begins with > needs quotes, as in ">= 80%"'],
    ['a: *b\n', '1:4: no anchor &b stands before this alias'],
    ['a: &b [*b]\n', '1:8: *b stands inside of what it names'],
    [bomb.join(''), '1:1: the aliases of this file grow beyond measure'],
    [`a: &a 1\nb: [${'*a, '.repeat(101)}]\n`, '2:405: more than 100 aliases in one file'],
    ['['.repeat(100), '1:65: nested too deeply'],
    [`a: ${'{a: ['.repeat(200_000)}`, '1:164: nested too deeply'],
    ['- '.repeat(100_000), '1:129: nested too deeply'],
    ['? '.repeat(100_000), '1:129: nested too deeply'],
  ])('%j', (text, expected) => {
    expect(first(text)).toBe(expected);
  });
});

describe('the whole of a scenario', () => {
  const known = 'nodes, chain, spares, founded, durability, chunk, stream, shards, min-replicas';
  it.each([
    ['cluster: { nodes: 5 }\n', '1:1: "scenario" is missing'],
    ['scenario:\ncluster: { nodes: 5 }\n', '1:1: "scenario" has no value'],
    ['scenario: x\ncluster: {}\n', '2:1: "nodes" is missing'],
    ['scenario: x\ncluster: 5\n', '2:10: "cluster" is a mapping: write { key: value, … }'],
    ['scenario: x\ncluster: { nodes: five }\n', '2:19: "five" is not a whole number from 1 to 1000'],
    ['scenario: x\ncluster: { nodes: 5, color: red }\n', `2:22: unknown key "color" (known here: ${known})`],
    ['scenario: x\ncluster: { nodes: 5, seed: 1 }\n', '2:22: unknown key "seed": it belongs in "the top of the file"'],
    [HEAD, '1:1: nothing happens in this scenario: give it steps or a workload'],
    [
      'scenario: x\ncluster: { nodes: 5, chunk: 64KiB, stream: 100KB }\n',
      '2:44: a stream of 100kB holds fewer than three chunks of 64KiB, and the ring could come to a standstill; ' +
        'did you mean "192KiB"?',
    ],
    [
      'scenario: x\ncluster: { nodes: 5, chain: 2, min-replicas: 3 }\n',
      '2:46: a chain of 2 can never have 3 replicas: every write would be refused; did you mean "2"?',
    ],
    [
      'scenario: x\ncluster: { nodes: 5, chunk: 1GiB }\n',
      '2:29: "1GiB" is out of bounds: A chunk has 1B to 64MiB. Default 256KiB.',
    ],
    [`${PLAIN}limits: { heartbeatMS: 5 }\n`, '4:11: unknown key "heartbeatMS"; did you mean "heartbeatMs"?'],
    [
      `${PLAIN}limits: { planMs: 300, pollMs: 5000 }\n`,
      '4:32: pollMs (5000) must be less than sessionMs (2000): a session in which nothing happens would count as over before it is heard of again',
    ],
    [
      `${PLAIN}limits: { sessionMs: 1000 }\n`,
      '4:22: pollMs (1000) must be less than sessionMs (1000): a session in which nothing happens would count as over before it is heard of again',
    ],
    [`${PLAIN}limits: { heartbeatMs: 5ms }\n`, '4:24: "5ms" is not a whole number from 0 to 1000000000'],
    [`${PLAIN}workload: { for: 1s }\n`, '4:11: "workload" is a list: write [ … ] or lines that begin with "- "'],
    [`${PLAIN}workload:\n  -\n`, '5:4: this item has no value'],
    [`${PLAIN}workload: [{ mix: { puts: 1 }, for: 1s }]\n`, '4:21: unknown key "puts"; did you mean "put"?'],
    [
      `${PLAIN}workload: [{ mix: { put: 0 }, for: 1s }]\n`,
      '4:19: nothing has a weight in this mix: name an operation, as in { put: 1, get: 3 }',
    ],
    [`${PLAIN}workload: [{ mix: { put: 1 } }]\n`, '4:12: "for" is missing'],
    [
      `${PLAIN}workload: [{ mix: { put: 1 }, for: 1s, paths: zip(20) }]\n`,
      '4:47: "zip(20)" is neither zipf(20) nor uniform(20) nor a list of paths; did you mean "zipf(20)"?',
    ],
    [
      `${PLAIN}workload: [{ mix: { put: 1 }, for: 1s, via: [n1, n9] }]\n`,
      '4:50: there is no server n9: the ring has n1 to n5',
    ],
    [
      `${PLAIN}workload: [{ mix: { put: 1 }, for: 1s, via: any }]\n`,
      '4:45: "any": name servers here, as in n1 or [n1, n2]',
    ],
    [
      `${PLAIN}expect: { sometimes: [want-join] }\n`,
      '4:23: "want-join" is not a fact that servers tell; did you mean "want-joined"?',
    ],
    [
      `${PLAIN}expect: { sometimes: want-joined }\n`,
      '4:22: "sometimes" is a list: write [ … ] or lines that begin with "- "; did you mean "[want-joined]"?',
    ],
    [
      `${PLAIN}expect: { converged: 10s }\n`,
      '4:22: "10s" is not a bound such as within 10s; did you mean "within 10s"?',
    ],
    [`${PLAIN}expect: { steps-strike: no }\n`, '4:25: "no" is neither true nor false; did you mean "false"?'],
    [
      `${PLAIN}expect: { eventually: [{ at: 1s, get: /a }] }\n`,
      '4:26: the steps of eventually have no time: they run at the end, when all is calm',
    ],
    [
      `${PLAIN}expect: { eventually: [{ crash: n1 }] }\n`,
      '4:26: eventually only asks, and crash would break something',
    ],
    ['scenario: x\ncluster: { nodes: 5, __proto__: 1 }\n', `2:22: unknown key "__proto__" (known here: ${known})`],
  ])('%j', (text, expected) => {
    expect(first(text)).toBe(expected);
  });
});

describe('a step', () => {
  const actions =
    'let a client put, get, stat, delete, list, or strike a fault: crash, restart, partition, … ' +
    '(npm run sim -- --list-faults names all)';
  it.each([
    ['{ at: 1s, crahs: n1 }', '15: unknown key "crahs"; did you mean "crash"?'],
    ['{ at: 1s, via: n1 }', `5: this step does nothing: ${actions}`],
    ['{ at: 1s, put: /a, crash: n1 }', '24: a step does one thing, and this one has two: put and crash'],
    ['{ crash: n1 }', '5: this step has no time: give it at, when or every'],
    ['{ at: 1s, when: n2 has left, crash: n1 }', '15: a step has one time, and this one has two: at and when'],
    ['{ at: 1s, get: /a, size: 1B }', '24: "size" has no meaning with get: it goes with put'],
    [
      '{ at: 1s, remove: n1, for: 1s }',
      '27: remove has no end of its own: "for" goes with crash, power-loss, reboot, pause, eio, full, slow-disk, ' +
        'drift, freeze, partition, silence, hold, delay, rate, disconnect, stale-read, ghost, outage, chaos',
    ],
    ['{ at: 1s, crash: n1, after: 1s }', '26: "after" has no meaning with crash: it goes with when'],
    [
      '{ at: 5 sec, crash: n1 }',
      '11: "5 sec": a duration is a number directly followed by us, ms, s, min, h, like 5ms; did you mean "5s"?',
    ],
    ['{ at: -5s, crash: n1 }', '11: "-5s": a duration cannot be negative'],
    ['{ at: 25h, crash: n1 }', '11: "25h" is longer than the longest run, one virtual day; did you mean "24h"?'],
    ['{ at: 1s, pause: n1, for: 0s }', '31: "0s" is no time at all: it must be more than 0'],
    ['{ at: 1s, crash: n9 }', '22: there is no server n9: the ring has n1 to n5'],
    ['{ at: 1s, crash: [n1, n9] }', '27: there is no server n9: the ring has n1 to n5'],
    ['{ at: 1s, reset: n1 - n9 }', '22: there is no server n9: the ring has n1 to n5'],
    ['{ at: 1s, partition: { isolate: n9 } }', '37: there is no server n9: the ring has n1 to n5'],
    ['{ when: n9 has left, crash: n1 }', '13: there is no server n9: the ring has n1 to n5'],
    ['{ at: 1s, get: /a, via: n9 }', '29: there is no server n9: the ring has n1 to n5'],
    [
      '{ at: 1s, crash: coordinator }',
      '22: the coordinator is no server: only the network, leader-change and outage can have it',
    ],
    [
      '{ at: 1s, get: /a, via: coordinator }',
      '29: the coordinator is no server: only the network, leader-change and outage can have it',
    ],
    ['{ every: 1s, crash: n1 }', '7: "every" has no end: add to, as in to: 10s'],
    ['{ every: 1s, rate: n1 > n2, to: 1MB/s }', '7: "every" has no end: add until, as in until: 10s'],
    ['{ every: 1s, to: 5s, until: 5s, crash: n1 }', '18: "to" and "until" say the same: keep one of them'],
    ['{ every: 1s, from: 5s, to: 2s, crash: n1 }', '32: it ends (2s) before it begins (5s)'],
    ['{ every: 1us, to: 2h, crash: n1 }', '14: this step would strike more than 100000 times'],
    [
      '{ every: 1s..2s, to: 5s, crash: n1 }',
      '14: only chaos draws its times: others strike at even ones; did you mean "1s"?',
    ],
    [
      '{ every: 1s, from: n1, to: 5s, crash: n1 }',
      '24: "n1" is not a duration: a duration is a number directly followed by us, ms, s, min, h, like 5ms',
    ],
    ['{ every: 1s, to: 5s, get: /a, as: b }', '35: a step that strikes again and again cannot name one operation'],
  ])('%s', (step, expected) => {
    expect(first(withStep(step))).toBe(`5:${expected}`);
  });
});

describe('a client step', () => {
  it.each([
    ['{ at: 1s, put: /b }', '15: a put of what? Give it a size or a file'],
    ['{ at: 1s, put: b, size: 1B }', '20: "b": a path begins with a slash; did you mean "/b"?'],
    ['{ at: 1s, put: /b, size: 1B, as: first }', '38: there is an operation "first" already: each name is used once'],
    [
      '{ at: 1s, put: /b, size: 1B, as: "a b" }',
      '38: "a b" is not a name: a letter, then letters, digits, ".", "_" and "-", no space',
    ],
    [
      '{ at: 1s, put: /b, size: 1KiB, abandon-after: 2KiB }',
      '51: the client cannot give up after 2KiB: the file has 1KiB at most',
    ],
    ['{ at: 1s, get: /a, equals: fist }', '32: there is no operation "fist" (puts here: first); did you mean "first"?'],
    ['{ at: 1s, get: /a, as: g, equals: g }', '39: "g" is a get, and only a put has bytes (puts here: first)'],
    [
      '{ at: 1s, get: /a, expect: stored }',
      '32: a get is never answered "stored": it is delivered, absent, refused, unknown or a refusal code',
    ],
    [
      '{ at: 1s, get: /a, expect: delivred }',
      '32: "delivred" is not an answer that a client can get: stored, precondition-failed, deleted, absent, delivered, found, listed, refused, unknown or a refusal code; did you mean "delivered"?',
    ],
    ['{ at: 1s, delete: /a, if: 3.10 }', '31: "3.1" is not none, any or a version in quotes; did you mean "\'3.1\'"?'],
    [
      '{ when: first has finishd, get: /a }',
      '13: "finishd" is nothing that can have happened: started, staged, ordered, appended, persisted, committed, boarded, caught, finished, installed, left or a fact such as promoted; did you mean "first has finished"?',
    ],
    [
      '{ when: n1 has appended fist, get: /a }',
      '13: there is no operation "fist" (operations here: first); did you mean "first"?',
    ],
    [
      '{ when: fist has finished, get: /a }',
      '13: there is no operation "fist" (operations here: first); did you mean "first"?',
    ],
    ['{ when: me has finished, get: /a, as: me }', '13: this step waits for itself: "me" is its own name'],
    [
      '{ when: n1 has caught me, delete: /a, as: me }',
      '13: "me" is a delete, which is never caught; did you mean "me has finished"?',
    ],
  ])('%s', (step, expected) => {
    expect(first(withStep(step))).toBe(`5:${expected}`);
  });

  it('may wait for a delete to be written', () => {
    const text = `${HEAD}steps:\n  - { at: 1s, delete: /a, as: gone }\n  - { when: n1 has appended gone, crash: n1 }\n`;
    expect(parseScenario(text, 'x.yaml').steps).toHaveLength(2);
  });

  it('needs a name to be waited for', () => {
    expect(first(`${HEAD}steps: [{ when: first has finished, crash: n1 }]\n`)).toBe(
      '3:17: there is no operation "first" (no step has a name: give one with as)',
    );
  });
});

describe('whatever is done to a scenario', () => {
  const good = `${HEAD}seed: 1..3\nworkload:\n  - { mix: { put: 3 }, for: 1s }\nsteps:\n  - ${PUT}\n  - at: 2s\n    partition: { split: [[n1], [n2]] }\nexpect: { ok-rate: ">= 80%" }\n`;
  const scrap = fc.constantFrom(
    '',
    ' ',
    '\n',
    '\t',
    '- ',
    ': ',
    '[',
    '}',
    '"',
    "'",
    '&a ',
    '*a',
    '!',
    '#',
    '%',
    '|',
    '<<',
    '...',
    '\u0000',
    '\u{1F600}',
    '9',
    'n1',
    'null',
  );
  const change = fc.tuple(fc.nat(good.length), fc.nat(12), scrap);

  it('it is loaded or refused with a place', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const text = changes.reduce((now, [at, cut, add]) => now.slice(0, at) + add + now.slice(at + cut), good);
        try {
          parseScenario(text, 'x.yaml');
        } catch (error) {
          if (!(error instanceof ScenarioError)) throw error;
          expect(formatScenarioError(error)).toMatch(/^x\.yaml:\d+:\d+: /);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
