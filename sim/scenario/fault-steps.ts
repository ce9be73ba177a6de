/**
 * What a fault step breaks or mends: the step's keys to a FaultAction.
 * Knows the format and the servers; no YAML.
 */

import { nearest } from '../../core/suggest.js';
import { WrongValue } from './errors.js';
import { amountField, timeAmount, wholeAmount } from './fault-amounts.js';
import type { FaultKey } from './fault-words.js';
import { parseSpan } from './ranges.js';
import { parseByteRate } from './rates.js';
import type { ClockChange, DiskTrouble, FaultAction, Group, LinkSelector, SessionTrouble, Who } from './scenario.js';
import { parseWho } from './selectors.js';
import { checkGroup, checkLink, checkPart, checkParts, checkSpares, checkWho } from './servers.js';
import type { Path } from './source.js';
import type { StepContext } from './step-context.js';
import type { StepInFile } from './step-schema.js';

/** Stands for a fault that was refused: never struck. */
const HEAL: FaultAction = { kind: 'heal' };

export function resolveFault(
  step: StepInFile,
  kind: Exclude<FaultKey, 'chaos'>,
  path: Path,
  context: StepContext,
): FaultAction {
  const at = [...path, kind];
  switch (kind) {
    case 'silence':
    case 'hold':
    case 'release':
    case 'reset':
    case 'delay':
    case 'rate': {
      const link = step[kind] as LinkSelector;
      checkLink(link, at, context);
      return resolveLinkFault(step, kind, link, path, context);
    }
    case 'partition':
      return resolvePartition(step, at, context);
    case 'heal':
      return HEAL;
    case 'remove':
      checkWho(step.remove as Who, at, context);
      return { kind, who: step.remove as Who };
    case 'revive':
      return resolveRevive(step, path, context);
    case 'leader-change':
    case 'outage':
      return { kind: 'coordinator', trouble: { kind } };
    default: {
      const who = step[kind] as Group;
      if (kind === 'join') checkSpares(who, at, context);
      checkGroup(who, at, context);
      return resolveServerFault(step, kind, who, path, context);
    }
  }
}

/** Those whose word stands before servers. */
type ServerKey = Exclude<
  FaultKey,
  | ('silence' | 'hold' | 'release' | 'reset' | 'delay' | 'rate' | 'partition' | 'heal')
  | ('remove' | 'revive' | 'leader-change' | 'outage' | 'chaos')
>;

function resolveServerFault(
  step: StepInFile,
  kind: ServerKey,
  who: Group,
  path: Path,
  context: StepContext,
): FaultAction {
  switch (kind) {
    case 'crash':
      return { kind, who, power: step.power ?? false };
    case 'power-loss':
      return { kind: 'crash', who, power: true };
    case 'restart':
      return { kind, who, disk: diskOf(step, path, context) };
    case 'reboot':
      return { kind, who, power: step.power ?? false, disk: diskOf(step, path, context) };
    case 'pause':
    case 'resume':
    case 'leave':
    case 'join':
      return { kind, who };
    case 'skew':
    case 'drift':
    case 'jump':
    case 'freeze':
      return { kind: 'clock', who, change: clockChange(step, kind, path, context) };
    case 'expire':
    case 'disconnect':
    case 'lose-reply':
    case 'lose-watch':
    case 'delay-watch':
    case 'stale-read':
    case 'ghost':
      return { kind: 'session', who, trouble: sessionTrouble(step, kind, path, context) };
    default:
      return { kind: 'disk', who, trouble: diskTrouble(step, kind, path, context) };
  }
}

function diskOf(step: StepInFile, path: Path, { takesSnapshots, problems }: StepContext): 'kept' | 'wiped' | 'stale' {
  if (step.disk === 'stale' && !takesSnapshots) {
    problems.add([...path, 'disk'], 'no disk can be stale here: no step takes a snapshot of one, as in snapshot: n3');
  }
  return step.disk ?? 'kept';
}

type DiskKey = 'snapshot' | 'torn' | 'lose-unsynced' | 'lost-rename' | 'bitrot' | 'eio' | 'full' | 'slow-disk';

function diskTrouble(step: StepInFile, kind: DiskKey, path: Path, { problems }: StepContext): DiskTrouble {
  switch (kind) {
    case 'bitrot':
      return { kind, what: step.what ?? 'chunk', path: step.path };
    case 'eio':
      if (step.of === undefined) problems.addKey([...path, kind], 'what fails? Add of, as in of: read or of: write');
      return { kind, of: step.of ?? 'read' };
    case 'slow-disk':
      if (step.times === undefined) problems.addKey([...path, kind], 'how slow? Add times, as in times: 20');
      return { kind: 'slow', times: step.times ?? 2 };
    default:
      return { kind };
  }
}

type ClockKey = 'skew' | 'drift' | 'jump' | 'freeze';

function clockChange(step: StepInFile, kind: ClockKey, path: Path, context: StepContext): ClockChange {
  switch (kind) {
    case 'freeze':
      return { kind };
    case 'drift':
      return { kind, perMille: wholeAmount(step, kind, path, context) };
    default:
      return { kind, byUs: timeAmount(step, kind, path, context, true) };
  }
}

type SessionKey = 'expire' | 'disconnect' | 'lose-reply' | 'lose-watch' | 'delay-watch' | 'stale-read' | 'ghost';
const CALLS = ['create', 'set', 'delete', 'any'] as const;

function sessionTrouble(step: StepInFile, kind: SessionKey, path: Path, context: StepContext): SessionTrouble {
  if (kind === 'delay-watch') return { kind, byUs: timeAmount(step, kind, path, context, false) };
  if (kind !== 'lose-reply') return { kind };
  return { kind, to: amountField('to', path, context, 'any', () => oneOf(step.to ?? 'any', CALLS)) };
}

function oneOf<W extends string>(text: string, words: readonly W[]): W {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new WrongValue(`"${text}" is not a call to the coordinator: ${words.join(', ')}`, nearest(text, words));
}

function resolveRevive(step: StepInFile, path: Path, context: StepContext): FaultAction {
  if (step.from === undefined) {
    context.problems.addKey([...path, 'revive'], 'from whose disk? Add from, as in from: n2');
    return HEAL;
  }
  const from = amountField<Who>('from', path, context, { kind: 'any' }, () => parseWho(step.from as string));
  checkWho(from, [...path, 'from'], context);
  return { kind: 'revive', path: step.revive as string, from };
}

function resolveLinkFault(
  step: StepInFile,
  kind: 'silence' | 'hold' | 'release' | 'reset' | 'delay' | 'rate',
  link: LinkSelector,
  path: Path,
  context: StepContext,
): FaultAction {
  const { problems } = context;
  if (kind === 'delay') {
    if (step.by === undefined) {
      problems.addKey([...path, kind], 'a delay by how much? Add by, as in by: 50ms..60ms');
      return HEAL;
    }
    const nothing = { minUs: 0, maxUs: 0 };
    return { kind, link, delay: amountField('by', path, context, nothing, () => parseSpan(step.by as string)) };
  }
  if (kind !== 'rate') return { kind, link };
  if (step.to === undefined) {
    problems.addKey([...path, kind], 'a rate of what? Add to, as in to: 1MB/s');
    return HEAL;
  }
  return { kind, link, bytesPerSecond: amountField('to', path, context, 1, () => parseByteRate(step.to as string)) };
}

function resolvePartition({ partition }: StepInFile, path: Path, context: StepContext): FaultAction {
  const { split, isolate } = partition ?? {};
  if (split !== undefined && isolate !== undefined) {
    context.problems.addKey([...path, 'isolate'], 'a partition is one thing, and this one has two: split and isolate');
  }
  if (split !== undefined) {
    checkParts(split, [...path, 'split'], context);
    return { kind: 'split', groups: split };
  }
  if (isolate !== undefined) {
    checkPart(isolate, [...path, 'isolate'], context);
    return { kind: 'isolate', who: isolate };
  }
  context.problems.addKey(path, 'a partition of what? Write { isolate: n3 } or { split: [[n1, n2], [n3]] }');
  return HEAL;
}
