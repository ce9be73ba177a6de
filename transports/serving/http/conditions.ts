/**
 * Conditional requests (RFC 9110 §13): entity tags are versions in double quotes. Modification times are the clients'
 * own and may go backwards, so conditions on them are never taken for true. A leaf.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Precondition } from '../../../core/file.js';

/** `any`: whatever there is, `*`. */
type Tags = 'any' | readonly { readonly version: string; readonly isWeak: boolean }[];

/** One of a list, with what stands before it: elements may be empty (RFC 9110 §5.6.1), tags may hold commas. */
const TAG = /^[\t ,]*(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[\t ]*(?=,|$)/;
/** Bounded, since it travels in frames that are. */
const VERSION = /^\d{1,16}\.\d{1,16}$/;

/** @returns undefined if it is not a list of entity tags. */
function tagsOf(text: string): Tags | undefined {
  if (text.trim() === '*') return 'any';
  const tags: { version: string; isWeak: boolean }[] = [];
  let rest = text;
  for (let match = TAG.exec(rest); match !== null; match = TAG.exec(rest)) {
    tags.push({ version: match[2] as string, isWeak: match[1] !== undefined });
    rest = rest.slice(match[0].length);
  }
  return tags.length > 0 && /^[\t ,]*$/.test(rest) ? tags : undefined;
}

/** `never`: no file fulfils it. `bad`: it says nothing that could be checked. */
export type WriteCondition =
  | { readonly kind: 'precondition'; readonly precondition: Precondition }
  | { readonly kind: 'never' }
  | { readonly kind: 'bad' };

const when = (precondition: Precondition): WriteCondition => ({ kind: 'precondition', precondition });

/** What the core is to check before it writes. */
export function writeConditionOf(headers: IncomingHttpHeaders): WriteCondition {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  // To ignore it would be to write where the client says not to, unless If-Match says it better (RFC 9110 §13.1.4).
  if (headers['if-unmodified-since'] !== undefined && ifMatch === undefined) return { kind: 'bad' };
  if (ifMatch === undefined && ifNoneMatch === undefined) return when(undefined);
  if (ifMatch === undefined) return tagsOf(ifNoneMatch as string) === 'any' ? when('none') : { kind: 'bad' };
  if (ifNoneMatch !== undefined) return { kind: 'bad' };
  const tags = tagsOf(ifMatch);
  if (tags === 'any') return when('any');
  const [tag, ...others] = tags ?? [];
  if (tag === undefined || others.length > 0) return { kind: 'bad' };
  return tag.isWeak || !VERSION.test(tag.version) ? { kind: 'never' } : when(tag.version);
}

export interface ReadConditions {
  readonly ifMatch: Tags | undefined;
  readonly ifNoneMatch: Tags | undefined;
  /** The only version of which a range is wanted; '': none, so the whole file is. */
  readonly ifRange: string | undefined;
}

/** @returns undefined if a condition says nothing that could be checked. */
export function readConditionsOf(headers: IncomingHttpHeaders): ReadConditions | undefined {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  const range = headers['if-range'];
  const ifMatch = match === undefined ? undefined : tagsOf(match);
  const ifNoneMatch = noneMatch === undefined ? undefined : tagsOf(noneMatch);
  if ((match !== undefined && ifMatch === undefined) || (noneMatch !== undefined && ifNoneMatch === undefined)) {
    return undefined;
  }
  return { ifMatch, ifNoneMatch, ifRange: typeof range === 'string' ? strongVersion(range) : undefined };
}

function strongVersion(text: string): string {
  const tags = tagsOf(text);
  const [tag] = tags === undefined || tags === 'any' ? [] : tags;
  return tag === undefined || tag.isWeak ? '' : tag.version;
}

/** What becomes of a read of this version. */
export function judge(conditions: ReadConditions, version: string): 'go' | 'failed' | 'unchanged' {
  const { ifMatch, ifNoneMatch } = conditions;
  if (Array.isArray(ifMatch) && !ifMatch.some((tag) => !tag.isWeak && tag.version === version)) return 'failed';
  if (ifNoneMatch === undefined) return 'go';
  return ifNoneMatch === 'any' || ifNoneMatch.some((tag) => tag.version === version) ? 'unchanged' : 'go';
}
