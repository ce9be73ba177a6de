/**
 * The protocol's conversations, in plain text (scripts/*.txt). `REWRITE=1 npx vitest run dist/core/golden` writes the
 * outcomes anew; the difference is then reviewed like any other change.
 * A script called bug-* says how it ought to be: its test fails as soon as the core does so, and the name is to go.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { player } from './commands.test-kit.js';
import { replay, ScriptError } from './script.test-kit.js';
import { World } from './world.test-kit.js';

const folder = fileURLToPath(new URL('../../../core/golden/scripts/', import.meta.url));
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
const isBug = (name: string): boolean => name.startsWith('bug-');
const isRewriting = process.env['REWRITE'] === '1';

interface Play {
  /** The script with the outcomes as they are. */
  readonly replayed: string;
  readonly marks: ReadonlySet<string>;
}

function play(file: string, text: string): Play {
  const world = new World();
  return { replayed: replay(file, text, player(world)), marks: world.marks };
}

const textOf = (name: string): string => readFileSync(folder + name, 'utf8');

describe('golden scripts', () => {
  it.each(names.filter((name) => !isBug(name)))('%s', (name) => {
    const text = textOf(name);
    const { replayed } = play(`core/golden/scripts/${name}`, text);
    if (isRewriting) writeFileSync(folder + name, replayed);
    else expect(replayed).toBe(text);
  });

  const bugs = names.filter(isBug);
  if (bugs.length > 0) {
    it.fails.each(bugs)('%s is not mended yet', (name) => {
      const text = textOf(name);
      expect(play(name, text).replayed).toBe(text);
    });
  }
});

/** What the scripts have to show at least once, all together: a conversation that is never held proves nothing. */
const RARE = [
  'fact chunks-resent',
  'fact chunks-fetched',
  'fact link-broken',
  'fact link-refused',
  'fact link-restored',
  'fact refused',
  'fact removed',
  'fact session',
  'fact registered',
  'fact kept-out',
  'fact view-proposed',
  'fact upload-abandoned',
  'fact upload-dropped',
  'fact want-joined',
  'fact shuttle-shared',
  'fact parked',
  'frame reminder',
  'frame gone',
  'frame token',
  'frame list',
  'answer refused version-gone',
  'answer refused too-few-replicas',
  'answer refused operation-id-reused',
  'answer refused not-a-member',
  'answer unknown too-few-replicas',
  'answer unknown not-a-member',
  'answer absent',
];

describe('together the scripts', () => {
  it('show every rare thing', () => {
    const seen = new Set(names.flatMap((name) => [...play(name, textOf(name)).marks]));
    expect(RARE.filter((mark) => !seen.has(mark))).toEqual([]);
  });
});

describe('a script that is wrong in itself', () => {
  const ring = 'ring n1 n2 chain n1\n----\n\n';

  it.each([
    ['dance n1\n----\n', 's.txt:1: "dance" is no command; there are limits, '],
    [`${ring}put n3 /a 1 chunks as A\n----\n`, 's.txt:4: there is no server n3; the form is: put SERVER PATH'],
    [`${ring}put n1 /a some chunks as A\n----\n`, 's.txt:4: "some" is not a count; '],
    [`${ring}put n1 /a 1 chunks A\n----\n`, 's.txt:4: "as" is missing; '],
    [`${ring}deliver n1-n2\n----\n`, 's.txt:4: "n1-n2" is not a link such as n1>n2; '],
    [`${ring}# a comment\nsettle now\n----\n`, 's.txt:5: "now" is too much; '],
    [`${ring}wake n1 400\n----\n`, 's.txt:4: a time is written +400ms; '],
    [`${ring}settle\n\nsettle\n----\n`, 's.txt:5: the commands above need a line ----'],
    [`${ring}settle\n`, 's.txt:4: the last command needs a line ----'],
    [`${ring}----\n`, 's.txt:4: an outcome without a command above it'],
  ])('%j', (text, message) => {
    expect(() => play('s.txt', text)).toThrow(ScriptError);
    expect(() => play('s.txt', text)).toThrow(message);
  });
});
