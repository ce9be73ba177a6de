/**
 * Which keys of a step go together: one table, and the check of one step against it.
 * Knows keys; nothing of what stands under them.
 */
import { quote } from './errors.js';
import { FAULT_KEYS, FAULT_WORDS, type FaultKey, isFaultKey } from './fault-words.js';
import type { Problems } from './problems.js';
import type { ClientAction } from './scenario.js';
import type { Path } from './source.js';
import type { StepInFile } from './step-schema.js';

type Key = keyof StepInFile;

const CLIENT_DETAILS = {
  put: ['size', 'file', 'via', 'as', 'if', 'abandon-after', 'client-rate', 'clients', 'expect'],
  get: ['via', 'as', 'equals', 'range', 'client-rate', 'consistency', 'clients', 'expect'],
  stat: ['via', 'as', 'consistency', 'clients', 'expect'],
  delete: ['via', 'as', 'if', 'clients', 'expect'],
  list: ['via', 'as', 'clients', 'expect'],
} as const satisfies Record<ClientAction['kind'], readonly Key[]>;

const FAULT_DETAILS = Object.fromEntries(FAULT_KEYS.map((key) => [key, FAULT_WORDS[key].details])) as Readonly<
  Record<FaultKey, readonly Key[]>
>;

const TRIGGER_DETAILS = {
  at: [],
  when: ['after'],
  every: ['from', 'until', 'to'],
} as const satisfies Partial<Record<Key, readonly Key[]>>;

export type ClientKey = keyof typeof CLIENT_DETAILS;
export type TriggerKey = keyof typeof TRIGGER_DETAILS;

export interface StepKeys {
  readonly action: ClientKey | FaultKey;
  /** Undefined: none, which is right only where none is allowed. */
  readonly trigger: TriggerKey | undefined;
}

const isIn = <K extends string>(table: Readonly<Record<K, unknown>>, key: string): key is K =>
  Object.hasOwn(table, key);

export const isClientKey = (key: string): key is ClientKey => isIn(CLIENT_DETAILS, key);

/** Undefined after a problem that leaves nothing to go on with. */
export function checkKeys(
  step: StepInFile,
  path: Path,
  problems: Problems,
  mayHaveTime: boolean,
): StepKeys | undefined {
  const keys = (Object.keys(step) as Key[]).filter((key) => step[key] !== undefined);
  const [action, second] = keys.filter((key) => isClientKey(key) || isFaultKey(key)) as (ClientKey | FaultKey)[];
  const [trigger, secondTrigger] = keys.filter((key) => isIn(TRIGGER_DETAILS, key)) as TriggerKey[];
  if (action === undefined) {
    const asked = Object.keys(CLIENT_DETAILS).join(', ');
    const faults = 'crash, restart, partition, … (npm run sim -- --list-faults names all)';
    problems.add(path, `this step does nothing: let a client ${asked}, or strike a fault: ${faults}`);
    return undefined;
  }
  if (second !== undefined) {
    problems.addKey([...path, second], `a step does one thing, and this one has two: ${action} and ${second}`);
    return undefined;
  }
  if (secondTrigger !== undefined) {
    problems.addKey(
      [...path, secondTrigger],
      `a step has one time, and this one has two: ${trigger} and ${secondTrigger}`,
    );
  }
  if (trigger === undefined && mayHaveTime) problems.add(path, 'this step has no time: give it at, when or every');
  if (trigger !== undefined && !mayHaveTime) {
    problems.addKey([...path, trigger], 'the steps of eventually have no time: they run at the end, when all is calm');
  }
  checkDetails(keys, { action, trigger }, path, problems);
  return { action, trigger };
}

function checkDetails(keys: readonly Key[], { action, trigger }: StepKeys, path: Path, problems: Problems): void {
  const tables = { ...CLIENT_DETAILS, ...FAULT_DETAILS, ...TRIGGER_DETAILS } as Readonly<
    Record<string, readonly Key[]>
  >;
  const allowed = [...(tables[action] ?? []), ...(trigger === undefined ? [] : (tables[trigger] ?? []))];
  for (const key of keys) {
    if (key in tables || allowed.includes(key)) continue;
    const owners = Object.keys(tables).filter((owner) => tables[owner]?.includes(key));
    const why =
      key === 'for'
        ? `${action} has no end of its own: ${quote(key)}`
        : `${quote(key)} has no meaning with ${action}: it`;
    problems.addKey([...path, key], `${why} goes with ${owners.join(', ')}`);
  }
}
