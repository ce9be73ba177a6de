import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.js';

const parse = (line: string, environment = {}) =>
  parseArguments(line === '' ? [] : line.split(' '), '1.2.3', 100, environment);

describe('a right command line', () => {
  const plain = { seeds: { kind: 'own' }, json: false, voice: 'normal', workers: undefined, noColour: false };

  it.each([
    ['a.yaml', { files: ['a.yaml'] }],
    ['a.yaml b.yaml', { files: ['a.yaml', 'b.yaml'] }],
    ['a.yaml --seed 7', { files: ['a.yaml'], seeds: { kind: 'one', seed: 7 } }],
    ['--seed=0 a.yaml', { files: ['a.yaml'], seeds: { kind: 'one', seed: 0 } }],
    ['a.yaml --seeds 1..100', { files: ['a.yaml'], seeds: { kind: 'range', range: { from: 1, to: 100 } } }],
    ['a.yaml --seeds 5..5', { files: ['a.yaml'], seeds: { kind: 'range', range: { from: 5, to: 5 } } }],
    ['--json a.yaml', { files: ['a.yaml'], json: true }],
    ['a.yaml --quiet --json', { files: ['a.yaml'], json: true, voice: 'quiet' }],
    ['a.yaml --verbose --no-color', { files: ['a.yaml'], voice: 'verbose', noColour: true }],
    ['a.yaml --workers 3', { files: ['a.yaml'], workers: 3 }],
    // npm takes the dashes away, pnpm does not.
    ['a.yaml -- --seed 7', { files: ['a.yaml'], seeds: { kind: 'one', seed: 7 } }],
    ['007 1e3', { files: ['007', '1e3'] }],
  ])('%s', (line, command) => {
    expect(parse(line)).toEqual({ kind: 'run', command: { ...plain, ...command } });
  });

  it.each(['--help', '-h', 'a.yaml --help', '--help --nonsense'])('%s explains', (line) => {
    const parsed = parse(line);
    expect(parsed.kind).toBe('text');
    const text = 'text' in parsed ? parsed.text : '';
    for (const word of ['Usage', '--seeds', '--workers', 'Examples', 'Exit codes', '130', 'NO_COLOR']) {
      expect(text).toContain(word);
    }
    expect(Math.max(...text.split('\n').map((one) => one.length))).toBeLessThanOrEqual(100);
  });

  it('--list-faults lists, and needs no file', () => {
    expect(parse('--list-faults')).toEqual({ kind: 'faults', json: false });
    expect(parse('--json --list-faults')).toEqual({ kind: 'faults', json: true });
    expect(parse('--list-fault')).toMatchObject({ message: 'unknown flag --list-fault; did you mean --list-faults?' });
  });

  it('--version says the version, whatever else', () => {
    expect(parse('--version')).toEqual({ kind: 'text', text: '1.2.3\n' });
  });
});

describe('a wrong command line says so in one line', () => {
  it.each([
    ['', 'which scenario? No file was given'],
    ['--seed 7', 'which scenario? No file was given'],
    ['a.yaml --seed -1', '--seed needs a whole number from 0 to 9007199254740991, not "-1"'],
    ['a.yaml --seed=-1', '--seed needs a whole number from 0 to 9007199254740991, not "-1"'],
    ['a.yaml --seed abc', '--seed needs a whole number from 0 to 9007199254740991, not "abc"'],
    ['a.yaml --seed 1.5', '--seed needs a whole number from 0 to 9007199254740991, not "1.5"'],
    ['a.yaml --seed 0x10', '--seed needs a whole number from 0 to 9007199254740991, not "0x10"'],
    ['a.yaml --seed 9007199254740992', 'not "9007199254740992"'],
    ['a.yaml --seed 1..5', 'not "1..5"; did you mean --seeds 1..5?'],
    ['a.yaml --seed=', 'not ""'],
    ['a.yaml --seed', '--seed needs a value'],
    ['a.yaml --seed --json', '--seed needs a value'],
    ['a.yaml --seeds 5..2', '--seeds 5..2 counts down; did you mean 2..5?'],
    ['a.yaml --seeds 5', 'not "5"; did you mean --seed 5?'],
    ['a.yaml --seeds 1-5', '--seeds needs two whole numbers as in 1..100, not "1-5"'],
    ['a.yaml --seeds 1..', 'not "1.."'],
    ['a.yaml --seeds 1..2..3', 'not "1..2..3"'],
    ['a.yaml --seed 1 --seeds 1..2', '--seed and --seeds contradict each other: give one of them'],
    ['a.yaml --seed 1 --seed 2', '--seed was given 2 times; once is enough'],
    ['a.yaml --quiet --verbose', '--quiet and --verbose contradict each other'],
    ['a.yaml --workers 0', '--workers needs a whole number from 1 to 256, not "0"'],
    ['a.yaml --workers many', '--workers needs a whole number from 1 to 256, not "many"'],
    ['a.yaml --json=yes', '--json takes no value'],
    ['a.yaml --sed 7', 'unknown flag --sed; did you mean --seed?'],
    ['a.yaml -seed 7', 'unknown flag -seed; did you mean --seed?'],
    ['a.yaml --jsno', 'unknown flag --jsno; did you mean --json?'],
    ['a.yaml --no-colour', 'unknown flag --no-colour; did you mean --no-color?'],
    ['a.yaml --zebra=7', 'unknown flag --zebra'],
    ['a.yaml -x', 'unknown flag -x'],
  ])('%s', (line, message) => {
    const parsed = parse(line);
    expect(parsed).toMatchObject({ kind: 'wrong', message: expect.stringContaining(message) });
    if (parsed.kind !== 'wrong') return;
    expect(parsed.message).not.toContain('\n');
    expect(parsed.hint).toContain('npm run sim');
  });

  it('notices that npm kept a flag to itself', () => {
    const parsed = parse('a.yaml', { npm_config_seeds: '1..100' });
    expect(parsed).toMatchObject({ message: 'npm took --seeds for itself: write -- before the flags' });
    expect(parse('a.yaml --seeds 1..3', { npm_config_seeds: '1..100' }).kind).toBe('run');
  });
});
