/**
 * The leaves that are words: names, paths, servers, links, conditions, yes or no.
 * Knows the selectors; no key of the format, and not which servers and operations there are.
 */

import { nearest } from '../../core/suggest.js';
import { parseDuration } from '../../core/units.js';
import { quote, WrongValue } from './errors.js';
import { CHAOS_WORDS, type ChaosWord, FAMILIES, FAULT_WORDS, isFaultKey } from './fault-words.js';
import { field, onlyString, scalarText, type Told } from './field.js';
import type { PathChoice, Who } from './scenario.js';
import { OPERATION_NAME, parseCondition, parseGroup, parseLink, parseWho } from './selectors.js';

const CHAOS_FAMILIES = Object.keys(FAMILIES).filter((family) => family !== 'chaos');

export const flagField = (told: Told) =>
  field(
    (value) => {
      if (typeof value === 'boolean') return value;
      const yes = /^(yes|on|y|true)$/i.test(String(value));
      const no = /^(no|off|n|false)$/i.test(String(value));
      throw new WrongValue(`${quote(value)} is neither true nor false`, yes ? 'true' : no ? 'false' : undefined);
    },
    { type: 'boolean', ...told },
  );

export const consistencyField = (where: string) =>
  wordField(
    {
      title: 'Consistency',
      description: `${where}: linearizable (default), or eventual: what the asked server itself knows, perhaps not the latest.`,
      examples: ['eventual'],
    },
    ['linearizable', 'eventual'],
    'a consistency',
  );

export const sentenceField = (told: Told) =>
  field(
    (value) => {
      const text = onlyString(value, 'a sentence').trim();
      if (text === '' || text.includes('\n')) throw new WrongValue('this must be one line of text');
      return text;
    },
    { type: 'string', minLength: 1, ...told },
  );

const listOf = (words: readonly string[]): string => (words.length <= 12 ? `: ${words.join(', ')}` : '');

/** One of these words, and no other. */
export const wordField = <W extends string>(told: Told, words: readonly W[], kind: string, listed = listOf(words)) =>
  field(
    (value): W => {
      const found = words.find((word) => word === value);
      if (found !== undefined) return found;
      const text = typeof value === 'string' ? value : '';
      throw new WrongValue(`${quote(value)} is not ${kind}${listed}`, nearest(text, words));
    },
    { enum: words, ...told },
  );

export const pathField = (told: Told) =>
  field((value) => checkedPath(onlyString(value, 'a path such as /a.txt')), { type: 'string', pattern: '^/', ...told });

/** Only the slash is demanded: what else is wrong with a path, the ring must say, and scenarios test that it does. */
export function checkedPath(path: string): string {
  if (!path.startsWith('/')) throw new WrongValue(`${quote(path)}: a path begins with a slash`, `/${path}`);
  return path;
}

export const nameField = (told: Told) =>
  field(
    (value) => {
      if (typeof value === 'string' && OPERATION_NAME.test(value)) return value;
      throw new WrongValue(`${quote(value)} is not a name: a letter, then letters, digits, ".", "_" and "-", no space`);
    },
    { type: 'string', pattern: OPERATION_NAME.source, ...told },
  );

export const fileField = (told: Told) =>
  field((value) => onlyString(value, 'the name of a file'), { type: 'string', ...told });

export const preconditionField = (told: Told) =>
  field(
    (value) => {
      const text = onlyString(value, 'none, any or a version in quotes');
      if (text === 'none' || text === 'any' || /^\d+\.\d+$/.test(text)) return text;
      const meant = nearest(text, ['none', 'any']);
      throw new WrongValue(
        `${quote(text)} is neither none (absent), any (present) nor a version such as '3.14'`,
        meant,
      );
    },
    { type: 'string', ...told },
  );

const whoText = (value: unknown): string => scalarText(value, 'a server such as n3 or head(/a.txt)');

export const whoField = (told: Told) => field((value) => parseWho(whoText(value)), { type: 'string', ...told });
const groupValue = (value: unknown) => parseGroup(Array.isArray(value) ? value.map(whoText) : whoText(value));
const stringOrStrings = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] };

export const groupField = (told: Told) => field(groupValue, { ...stringOrStrings, ...told });

export const groupsField = (told: Told) =>
  field(
    (value) => {
      if (Array.isArray(value) && value.length >= 2) return value.map(groupValue);
      const how = 'a split has two groups or more, as in [[n1, n2], [n3, n4, n5]]; to cut off one group, use isolate';
      throw new WrongValue(`${quote(value)}: ${how}`);
    },
    { type: 'array', minItems: 2, items: stringOrStrings, ...told },
  );

export const linkField = (told: Told) =>
  field((value) => parseLink(scalarText(value, 'a link such as n1 > n2')), { type: 'string', ...told });

export const conditionField = (told: Told) =>
  field((value) => parseCondition(scalarText(value, 'a condition such as head(/a.txt) has appended first')), {
    type: 'string',
    pattern: ' has ',
    ...told,
  });

/** In a step, `from`, `to` and `by` mean what the action says: triggers.ts and fault-steps.ts read them. */
export const stepTextField = (told: Told, expected: string) =>
  field((value) => scalarText(value, expected), { type: ['string', 'number'], ...told });

/** The coordinator, which is named so, or as the leader of its servers. */
export const coordinatorField = (told: Told) =>
  field(
    (value): Who => {
      const who = parseWho(whoText(value));
      if (who.kind === 'coordinator' || who.kind === 'leader') return who;
      throw new WrongValue(`${quote(value)} is not the coordinator, and nothing else can have this`, 'coordinator');
    },
    { enum: ['coordinator', 'zk.leader', 'leader'], ...told },
  );

/** `all`, or words and families of faults → words, each once. */
export const chaosField = (told: Told) =>
  field(
    (value): readonly ChaosWord[] => {
      if (value === 'all') return CHAOS_WORDS;
      const items: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (items.length === 0) throw new WrongValue('this list of faults is empty: name one, or write all', 'all');
      return [...new Set(items.flatMap((item) => chaosWords(onlyString(item, 'a fault'))))];
    },
    {
      anyOf: [
        { enum: ['all', ...CHAOS_FAMILIES, ...CHAOS_WORDS] },
        { type: 'array', items: { enum: [...CHAOS_FAMILIES, ...CHAOS_WORDS] }, minItems: 1 },
      ],
      ...told,
    },
  );

function chaosWords(text: string): readonly ChaosWord[] {
  const family = CHAOS_WORDS.filter((word) => FAULT_WORDS[word].family === text);
  if (family.length > 0) return family;
  const word = CHAOS_WORDS.find((known) => known === text);
  if (word !== undefined) return [word];
  if (isFaultKey(text)) throw new WrongValue(`${quote(text)} is nothing to draw: chaos ends its faults by itself`);
  const known = ['all', ...CHAOS_FAMILIES, ...CHAOS_WORDS];
  throw new WrongValue(
    `${quote(text)} is no fault that chaos can strike (npm run sim -- --list-faults names all)`,
    nearest(text, known),
  );
}

/** `within 10s` → µs. */
export const withinField = (told: Told) =>
  field(
    (value) => {
      const text = scalarText(value, 'a bound such as within 10s').trim();
      const match = /^within\s+(\S.*)$/.exec(text);
      if (match === null) {
        throw new WrongValue(
          `${quote(text)} is not a bound such as within 10s`,
          /^\d/.test(text) ? `within ${text}` : undefined,
        );
      }
      const us = parseDuration(match[1] as string);
      if (us === 0) throw new WrongValue(`${quote(text)}: it must be more than 0`);
      return us;
    },
    { type: 'string', pattern: '^within ', ...told },
  );

function pathChoice(value: unknown): PathChoice {
  if (Array.isArray(value)) {
    if (value.length === 0) throw new WrongValue('this list of paths is empty: name one');
    return { kind: 'list', paths: value.map((path) => checkedPath(onlyString(path, 'a path such as /a.txt'))) };
  }
  const text = scalarText(value, 'zipf(20), uniform(20) or a list of paths').trim();
  const match = /^(zipf|uniform)\(([1-9]\d{0,5})\)$/.exec(text);
  if (match !== null) return { kind: match[1] as 'zipf' | 'uniform', count: Number(match[2]) };
  const [, word = '', count = '20'] = /^([a-z]*)\W*([1-9]\d{0,5})?\W*$/i.exec(text) ?? [];
  const meant = text.startsWith('/') ? `[${text}]` : nearest(word, ['zipf', 'uniform'])?.concat(`(${count})`);
  throw new WrongValue(`${quote(text)} is neither zipf(20) nor uniform(20) nor a list of paths`, meant);
}

export const pathsField = (told: Told) =>
  field(pathChoice, {
    anyOf: [
      { type: 'string', pattern: '^(zipf|uniform)\\([1-9]\\d*\\)$' },
      { type: 'array', items: { type: 'string', pattern: '^/' }, minItems: 1 },
    ],
    ...told,
  });

/** Servers by name only: one, or a list. */
export const serversField = (told: Told) =>
  field(
    (value): readonly string[] => {
      const group = groupValue(value);
      const who = group.kind === 'list' ? group.who : [];
      const ids = who.flatMap((one) => (one.kind === 'server' ? [one.id] : []));
      if (ids.length > 0 && ids.length === who.length) return ids;
      throw new WrongValue(`${quote(value)}: name servers here, as in n1 or [n1, n2]`);
    },
    { ...stringOrStrings, ...told },
  );
