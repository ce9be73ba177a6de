/**
 * The operations that a scenario gives names to (`as`), and the check of every mention of one.
 * Knows the format; no YAML.
 */

import { nearest } from '../../core/suggest.js';
import type { Problems } from './problems.js';
import type { ClientAction, Condition } from './scenario.js';
import type { ScenarioInFile } from './schema.js';
import type { Path } from './source.js';
import type { StepInFile } from './step-schema.js';
import { DEEDS } from './words.js';

export type Operations = ReadonlyMap<string, ClientAction['kind']>;

const CLIENT_KINDS = ['put', 'get', 'stat', 'delete', 'list'] as const;

export function operationsOf(raw: ScenarioInFile, problems: Problems): Operations {
  const operations = new Map<string, ClientAction['kind']>();
  const add = (step: StepInFile, path: Path): void => {
    const kind = CLIENT_KINDS.find((known) => step[known] !== undefined);
    if (step.as === undefined || kind === undefined) return;
    if (operations.has(step.as)) {
      problems.add([...path, 'as'], `there is an operation "${step.as}" already: each name is used once`);
    }
    operations.set(step.as, kind);
  };
  for (const [i, step] of (raw.steps ?? []).entries()) add(step, ['steps', i]);
  for (const [i, step] of (raw.expect?.eventually ?? []).entries()) add(step, ['expect', 'eventually', i]);
  return operations;
}

/** `equals: first`: only a put has bytes to compare with. */
export function checkEquals(name: string, path: Path, operations: Operations, problems: Problems): void {
  const puts = [...operations].filter(([, kind]) => kind === 'put').map(([known]) => known);
  const kind = operations.get(name);
  if (kind === 'put') return;
  const problem =
    kind === undefined ? `there is no operation "${name}"` : `"${name}" is a ${kind}, and only a put has bytes`;
  problems.add(path, `${problem}${listed('puts', puts)}`, nearest(name, puts));
}

/** `when … has appended first`: the operation exists and can do such a thing. */
export function checkMention(condition: Condition, path: Path, operations: Operations, problems: Problems): void {
  if (condition.kind !== 'deed' && condition.kind !== 'finished') return;
  const { operation } = condition;
  const kind = operations.get(operation);
  if (kind === undefined) {
    const names = [...operations.keys()];
    problems.add(path, `there is no operation "${operation}"${listed('operations', names)}`, nearest(operation, names));
  } else if (condition.kind === 'deed') {
    const deed = condition.deed;
    if (kind === 'put' || (kind === 'delete' && DEEDS[deed] === 'write')) return;
    problems.add(path, `"${operation}" is a ${kind}, which is never ${deed}`, `${operation} has finished`);
  }
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return ` (no step has a name: give one with as)`;
  return names.length > 8 ? '' : ` (${what} here: ${names.join(', ')})`;
}
