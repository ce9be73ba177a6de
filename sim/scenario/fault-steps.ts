/**
 * What a fault step breaks or mends.
 * Knows the format and the servers; no YAML.
 */
import { WrongValue } from './errors.js';
import { parseByteRate } from './rates.js';
import type { FaultAction, Group, LinkSelector, Who } from './scenario.js';
import { checkGroup, checkLink, checkPart, checkParts, checkWho } from './servers.js';
import type { Path } from './source.js';
import type { StepContext } from './step-context.js';
import type { FaultKey } from './step-keys.js';
import type { StepInFile } from './step-schema.js';

const HEAL: FaultAction = { kind: 'heal' };

export function resolveFault(step: StepInFile, kind: FaultKey, path: Path, context: StepContext): FaultAction {
  const at = [...path, kind];
  switch (kind) {
    case 'crash':
    case 'restart': {
      const who = step[kind] as Group;
      checkGroup(who, at, context);
      return kind === 'crash' ? { kind, who, power: false } : { kind, who, disk: 'kept' };
    }
    case 'pause':
    case 'resume': {
      const who = step[kind] as Group;
      checkGroup(who, at, context);
      return { kind, who };
    }
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
  }
}

function resolveLinkFault(
  step: StepInFile,
  kind: 'silence' | 'hold' | 'release' | 'reset' | 'delay' | 'rate',
  link: LinkSelector,
  path: Path,
  { problems }: StepContext,
): FaultAction {
  if (kind === 'delay') {
    if (step.by !== undefined) return { kind, link, delay: step.by };
    problems.addKey([...path, kind], 'a delay by how much? Add by, as in by: 50ms..60ms');
    return HEAL;
  }
  if (kind !== 'rate') return { kind, link };
  if (step.to === undefined) {
    problems.addKey([...path, kind], 'a rate of what? Add to, as in to: 1MB/s');
    return HEAL;
  }
  try {
    return { kind, link, bytesPerSecond: parseByteRate(step.to) };
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    problems.add([...path, 'to'], error.message, error.suggestion);
    return HEAL;
  }
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
