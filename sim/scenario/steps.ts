/**
 * One step, with its place and its words: dispatches to its trigger and its action.
 * Knows the format; no YAML.
 */

import { durationText } from '../../core/units.js';
import { resolveClientAction } from './client-steps.js';
import { resolveFault } from './fault-steps.js';
import type { Span, Step } from './scenario.js';
import { checkWho } from './servers.js';
import type { Path } from './source.js';
import type { StepContext } from './step-context.js';
import { checkKeys, isClientKey, type StepKeys } from './step-keys.js';
import type { StepInFile } from './step-schema.js';
import { NO_TIME, resolveTrigger } from './triggers.js';

const REBOOT_US = 1_000_000;
const CHAOS_LASTING: Span = { minUs: 200_000, maxUs: 3_000_000 };

/** Undefined only after a problem was noted. */
export function resolveStep(step: StepInFile, path: Path, context: StepContext): Step | undefined {
  const keys = checkKeys(step, path, context.problems, true);
  if (keys === undefined) return undefined;
  return {
    ...described(path, context),
    trigger: resolveTrigger(step, keys, path, context),
    action: resolveAction(step, keys, path, context),
  };
}

/** A client step of the end of the run: its trigger has no meaning. Undefined only after a problem was noted. */
export function resolveEventually(step: StepInFile, path: Path, context: StepContext): Step | undefined {
  const keys = checkKeys(step, path, context.problems, false);
  if (keys === undefined) return undefined;
  if (!isClientKey(keys.action)) {
    context.problems.addKey([...path, keys.action], `eventually only asks, and ${keys.action} would break something`);
    return undefined;
  }
  return { ...described(path, context), trigger: NO_TIME, action: resolveAction(step, keys, path, context) };
}

function described(path: Path, { source }: StepContext): Pick<Step, 'place' | 'text'> {
  const { line, column } = source.valueAt(path);
  return { place: { line, column }, text: source.textAt(path).replace(/^\{ (.*) \}$/s, '$1') };
}

function resolveAction(step: StepInFile, { action }: StepKeys, path: Path, context: StepContext): Step['action'] {
  if (action === 'chaos') return resolveChaos(step, path, context);
  if (!isClientKey(action)) {
    const forUs = lasting(step, path, context) ?? (action === 'reboot' ? REBOOT_US : undefined);
    return { kind: 'fault', fault: resolveFault(step, action, path, context), forUs };
  }
  if (step.via !== undefined) checkWho(step.via, [...path, 'via'], context);
  return {
    kind: 'client',
    name: step.as,
    via: step.via,
    action: resolveClientAction(step, action, path, context),
    expect: { outcome: step.expect, equals: step.equals },
    clients: step.clients ?? 1,
  };
}

function lasting(step: StepInFile, path: Path, { problems }: StepContext): number | undefined {
  if (step.for === undefined || step.for.minUs === step.for.maxUs) return step.for?.minUs;
  problems.add([...path, 'for'], 'only chaos draws how long a fault lasts', durationText(step.for.minUs));
  return undefined;
}

function resolveChaos(step: StepInFile, path: Path, { problems, chain }: StepContext): Step['action'] {
  const most = chain - 1;
  const atMost = step['at-most'] ?? most;
  if (step.every === undefined) {
    problems.addKey([...path, 'chaos'], 'chaos strikes again and again: add every, as in every: 300ms..900ms');
  }
  if (atMost > most) {
    const message = `chains of ${chain} survive no more than ${most} servers struck at one time`;
    problems.add([...path, 'at-most'], message, String(most));
  }
  const every = step.every ?? CHAOS_LASTING;
  return { kind: 'chaos', chaos: { words: step.chaos ?? [], every, lasting: step.for ?? CHAOS_LASTING, atMost } };
}
