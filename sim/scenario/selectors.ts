/**
 * Who, groups, links and conditions as people write them, to the plain data of scenario.ts.
 * Knows no YAML, and neither how many servers there are nor which operations exist: steps.ts checks that.
 */

import { nearest } from '../../core/suggest.js';
import { quote, WrongValue } from './errors.js';
import type { Condition, Group, LinkSelector, ServerDeed, Who } from './scenario.js';
import { DEEDS, FACT_NAMES } from './words.js';

const ROLES = ['head', 'mid', 'tail', 'owner'] as const;
type Role = (typeof ROLES)[number];
const GROUP_WORDS = ['half', 'minority', 'all'] as const;

const WHO_FORM = 'a server is n1, n2, …, any, joining, head(/path), mid(/path), tail(/path) or owner(/path)';
const WHO_PATTERN = '[A-Za-z][\\w.]*(?:\\s*\\([^()]*\\))?';
const LINK = new RegExp(`^(${WHO_PATTERN})\\s*(<?->?|<?>|<|→)\\s*(${WHO_PATTERN})$`);
const CONDITION = new RegExp(`^(${WHO_PATTERN}|[\\w.-]+)\\s+has\\s+(\\S+)(?:\\s+(\\S+))?$`);
/** Names of operations (`as`). */
export const OPERATION_NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** One server, or the coordinator. */
export function parseWho(given: string): Who {
  const text = given.trim();
  if (text === 'any' || text === 'coordinator' || text === 'joining') return { kind: text };
  if (text === 'zk.leader' || text === 'leader') return { kind: 'leader' };
  if (/^n[1-9]\d{0,3}$/.test(text)) return { kind: 'server', id: text };
  const role = /^(\w+)(\s*)\((\s*)([^()]*?)(\s*)\)$/.exec(text);
  if (role !== null) return parseRole(text, role[1] as string, role[4] as string);
  throw notWho(text);
}

function parseRole(text: string, word: string, path: string): Who {
  const role = ROLES.find((known) => known === word);
  if (role === undefined) {
    const meant = nearest(word, ROLES);
    throw new WrongValue(`${quote(text)} names nobody: ${WHO_FORM}`, meant && `${meant}(${path})`);
  }
  if (!path.startsWith('/')) {
    throw new WrongValue(`${quote(text)}: a path begins with a slash`, path === '' ? undefined : `${role}(/${path})`);
  }
  return { kind: 'role', role, path };
}

function notWho(text: string): WrongValue {
  if ((GROUP_WORDS as readonly string[]).includes(text)) {
    return new WrongValue(`${quote(text)} is several servers, and one is needed here: ${WHO_FORM}`);
  }
  if ((ROLES as readonly string[]).includes(text)) {
    return new WrongValue(`${quote(text)} of which path? Write ${text as Role}(/path)`);
  }
  if (text === 'n0') return new WrongValue('servers are counted from n1', 'n1');
  const number = /^(?:n|node|server|s)?[\s_-]?([1-9]\d{0,3})$/i.exec(text);
  const meant = number === null ? nearest(text, ['any', 'coordinator', 'joining', 'zk.leader']) : `n${number[1]}`;
  return new WrongValue(`${quote(text)} names nobody: ${WHO_FORM}`, meant);
}

/** One who, a list of them, or half, minority, all. */
export function parseGroup(given: string | readonly string[]): Group {
  if (typeof given !== 'string') return parseGroupList(given);
  const text = given.trim();
  const word = GROUP_WORDS.find((known) => known === text);
  if (word !== undefined) return { kind: word };
  try {
    return { kind: 'list', who: [parseWho(text)] };
  } catch (error) {
    const meant = nearest(text, GROUP_WORDS);
    if (text.includes(',')) throw new WrongValue(`${quote(text)}: several servers are a list`, `[${text}]`);
    if (meant !== undefined) throw new WrongValue(`${quote(text)} names nobody`, meant);
    throw error;
  }
}

function parseGroupList(items: readonly string[]): Group {
  if (items.length === 0) throw new WrongValue('this group is empty: name a server');
  const seen = new Set<string>();
  for (const item of items) {
    if (seen.has(item.trim())) throw new WrongValue(`${quote(item)} stands twice in this group`);
    seen.add(item.trim());
  }
  return { kind: 'list', who: items.map(parseWho) };
}

/** `a > b` one way, `a - b` both ways. */
export function parseLink(given: string): LinkSelector {
  const text = given.trim();
  const [, from = '', arrow = '', to = ''] = LINK.exec(text) ?? [];
  const how = `${quote(text)} is not a link: write n1 > n2 (what n1 sends to n2) or n1 - n2 (both ways)`;
  if (arrow === '') {
    const two = text.split(/\s+(?:to|and|<)\s+|\s*,\s*|\s+/);
    throw new WrongValue(how, two.length === 2 ? `${two[0]} > ${two[1]}` : undefined);
  }
  if (arrow !== '>' && arrow !== '-') {
    const meant =
      arrow === '<' || arrow === '<-' ? `${to} > ${from}` : `${from} ${arrow.startsWith('<') ? '-' : '>'} ${to}`;
    throw new WrongValue(how, meant);
  }
  if (from === to && from !== 'any') throw new WrongValue(`${quote(text)}: a link has two different ends`);
  return { from: parseWho(from), to: parseWho(to), bothWays: arrow === '-' };
}

/** `head(/a) has appended first`, `first has finished`, `n2 has installed 3`, `n2 has left`, `any has promoted`. */
export function parseCondition(given: string): Condition {
  const text = given.trim();
  const [, subject = '', verb = '', object] = CONDITION.exec(text) ?? [];
  if (subject === '') {
    throw new WrongValue(
      `${quote(text)} is not a condition: write "head(/a.txt) has appended first", "first has finished", ` +
        '"n2 has installed 3", "n2 has left" or, with any fact, "n2 has promoted"',
    );
  }
  const extra = (why: string, meant?: string): WrongValue => new WrongValue(`${quote(text)}: ${why}`, meant);
  switch (verb) {
    case 'finished':
      if (object !== undefined) throw extra('an operation has finished, and nothing follows', `${object} has finished`);
      if (!OPERATION_NAME.test(subject)) throw extra('an operation finishes, not a server: name it with as');
      return { kind: 'finished', operation: subject };
    case 'left':
      if (object !== undefined) throw extra('nothing follows "left"', `${subject} has left`);
      return { kind: 'removed', who: serverIn(subject) };
    case 'installed': {
      if (!/^[1-9]\d{0,8}$/.test(object ?? '')) throw extra('which epoch? Write a number, as in "n2 has installed 3"');
      return { kind: 'installed', who: serverIn(subject), epoch: Number(object) };
    }
    default:
      return parseDeed(text, subject, verb, object);
  }
}

/** A deed with its operation, or a fact by its name: some words are both. */
function parseDeed(text: string, subject: string, verb: string, operation: string | undefined): Condition {
  const fact = FACT_NAMES.find((name) => name === verb);
  if (fact !== undefined && operation === undefined) return { kind: 'told', who: serverIn(subject), fact };
  if (Object.hasOwn(DEEDS, verb)) {
    if (operation !== undefined) return { kind: 'deed', who: serverIn(subject), deed: verb as ServerDeed, operation };
    throw new WrongValue(`${quote(text)}: ${verb} what? End with the name (as) of an operation`);
  }
  if (fact !== undefined)
    throw new WrongValue(`${quote(text)}: nothing follows ${quote(fact)}`, `${subject} has ${fact}`);
  const known = [...Object.keys(DEEDS), 'finished', 'installed', 'left'];
  const meant = nearest(verb, [...known, ...FACT_NAMES]);
  throw new WrongValue(
    `${quote(verb)} is nothing that can have happened: ${known.join(', ')} or a fact such as promoted`,
    meant && text.replace(verb, meant),
  );
}

function serverIn(text: string): Who {
  const who = parseWho(text);
  if (who.kind === 'coordinator' || who.kind === 'leader')
    throw new WrongValue('the coordinator does none of this: name a server');
  return who;
}
