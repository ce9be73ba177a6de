/**
 * When a step strikes.
 * Knows the format, the servers and the named operations; no YAML.
 */

import { durationText } from '../../core/units.js';
import { WrongValue } from './errors.js';
import { checkMention } from './operations.js';
import { parseTime } from './quantity-fields.js';
import type { Condition, Span, Trigger } from './scenario.js';
import { checkWho } from './servers.js';
import type { Path } from './source.js';
import type { StepContext } from './step-context.js';
import type { StepKeys } from './step-keys.js';
import type { StepInFile } from './step-schema.js';

const STRIKES_MAX = 100_000;
/** Of a step without a time: at the end of the run, or in a scenario that is refused anyway. */
export const NO_TIME: Trigger = { kind: 'at', us: 0 };

export function resolveTrigger(step: StepInFile, keys: StepKeys, path: Path, context: StepContext): Trigger {
  if (step.at !== undefined) return { kind: 'at', us: step.at };
  if (step.when !== undefined) {
    checkCondition(step.when, step, [...path, 'when'], context);
    return { kind: 'when', condition: step.when, afterUs: step.after ?? 0 };
  }
  return step.every === undefined ? NO_TIME : resolveEvery(step, step.every, keys, path, context);
}

function checkCondition(condition: Condition, step: StepInFile, path: Path, context: StepContext): void {
  if ('who' in condition) checkWho(condition.who, path, context);
  checkMention(condition, path, context.operations, context.problems);
  if ('operation' in condition && condition.operation === step.as) {
    context.problems.add(path, `this step waits for itself: "${condition.operation}" is its own name`);
  }
}

/** The actions for which `to` or `from` is no time. */
const OWN_TO: readonly string[] = ['rate', 'lose-reply'];
const OWN_FROM: readonly string[] = ['revive'];

function resolveEvery(step: StepInFile, every: Span, keys: StepKeys, path: Path, context: StepContext): Trigger {
  const { problems } = context;
  const everyUs = every.minUs;
  if (every.maxUs > everyUs && keys.action !== 'chaos') {
    problems.add([...path, 'every'], 'only chaos draws its times: others strike at even ones', durationText(everyUs));
  }
  const from = OWN_FROM.includes(keys.action) ? undefined : step.from;
  const fromUs = timeIn(from, [...path, 'from'], context) ?? everyUs;
  const hasOwnTo = OWN_TO.includes(keys.action);
  const toKey = step.until === undefined && !hasOwnTo ? 'to' : 'until';
  const toUs = toKey === 'until' ? step.until : timeIn(step.to, [...path, 'to'], context);
  if (step.as !== undefined) {
    problems.addKey([...path, 'as'], 'a step that strikes again and again cannot name one operation');
  }
  if (toUs === undefined) {
    if (step[toKey] === undefined)
      problems.addKey([...path, 'every'], `"every" has no end: add ${toKey}, as in ${toKey}: 10s`);
    return NO_TIME;
  }
  if (toKey === 'until' && step.to !== undefined && !hasOwnTo) {
    problems.addKey([...path, 'to'], '"to" and "until" say the same: keep one of them');
  }
  if (toUs < fromUs) {
    problems.add([...path, toKey], `it ends (${durationText(toUs)}) before it begins (${durationText(fromUs)})`);
  }
  if ((toUs - fromUs) / everyUs > STRIKES_MAX) {
    problems.add([...path, 'every'], `this step would strike more than ${STRIKES_MAX} times`);
  }
  return { kind: 'every', everyUs, fromUs, toUs };
}

function timeIn(text: string | undefined, path: Path, { problems }: StepContext): number | undefined {
  try {
    return text === undefined ? undefined : parseTime(text);
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    problems.add(path, error.message, error.suggestion);
    return undefined;
  }
}
