/**
 * What the embedded coordinator holds: keys with versions, and sessions by name. Every change of it is a value of its
 * own, so that the service and the journal that is read back after a restart do the very same.
 * Must never judge a value; knows no connection, no clock, no disk.
 */
import { z } from 'zod';
import type { CoordinatorReply, CoordinatorRequest, Key, Stored } from '../../../core/coordinator-port.js';
import { asValue, plainValue } from '../values.js';

export type Change =
  | { readonly put: Stored }
  | { readonly gone: Key }
  /** `number`: of all sessions there ever were; never used again. */
  | { readonly opened: string; readonly number: number; readonly secretHash: string }
  | { readonly over: string };

interface Kept {
  readonly stored: Stored;
  /** The count of all changes when this one came. */
  readonly changed: number;
  readonly bytes: number;
}

const count = z.number().int().nonnegative();
const storedSchema = z.object({ key: z.string(), value: z.unknown(), version: count, owner: z.string() });
const openedSchema = z.object({ opened: z.string(), number: count, secretHash: z.string() });
const changeSchema = z.union([
  z.object({ put: storedSchema }),
  z.object({ gone: z.string() }),
  openedSchema,
  z.object({ over: z.string() }),
]);
const snapshotSchema = z.object({
  ...{ format: z.literal(1), service: z.string().min(1), changes: count, sessionsEver: count },
  keys: z.array(storedSchema.extend({ changed: count })),
  sessions: z.array(z.object({ name: z.string(), secretHash: z.string() })),
});

export class CoordinatorState {
  changes = 0;
  sessionsEver = 0;
  /** Of all values, as they are written. */
  valueBytes = 0;
  /** The count of all changes when a key went; of those of an older generation, when that ended. */
  private goneAt = 0;
  private readonly kept = new Map<Key, Kept>();
  private readonly secretHashes = new Map<string, string>();

  /** `service`: names this state for good, so that no session is ever taken for one of another state. */
  constructor(readonly service: string) {}

  get keys(): number {
    return this.kept.size;
  }

  get sessions(): IterableIterator<string> {
    return this.secretHashes.keys();
  }

  get sessionCount(): number {
    return this.secretHashes.size;
  }

  secretHash(session: string): string | undefined {
    return this.secretHashes.get(session);
  }

  /** When this key changed last; of one that is not there, or later: when each went is not kept. */
  changedAt(key: Key): number {
    return this.kept.get(key)?.changed ?? Math.min(this.goneAt, this.changes);
  }

  read(request: Extract<CoordinatorRequest, { op: 'read' | 'list' }>): CoordinatorReply {
    if (request.op === 'read') {
      const kept = this.kept.get(request.key);
      return kept === undefined ? { result: 'absent' } : { result: 'value', stored: kept.stored };
    }
    const stored = [...this.kept.values()]
      .map((each) => each.stored)
      .filter(({ key }) => key.startsWith(request.under));
    return { result: 'values', stored: stored.sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }

  /** @returns the answer, and the change to be made for it. */
  decide(
    request: Extract<CoordinatorRequest, { op: 'create' | 'set' | 'delete' }>,
    owner: string,
  ): { readonly reply: CoordinatorReply; readonly change?: Change } {
    const present = this.kept.get(request.key)?.stored;
    const { key } = request;
    if (request.op === 'create') {
      if (present !== undefined) return { reply: { result: 'conflict' } };
      const stored = { key, value: request.value, version: 0, owner: request.ephemeral ? owner : '' };
      return { reply: { result: 'done', version: 0 }, change: { put: stored } };
    }
    if (present === undefined) return { reply: { result: 'absent' } };
    if (present.version !== request.expected) return { reply: { result: 'conflict' } };
    const version = present.version + 1;
    const reply = { result: 'done', version } as const;
    if (request.op === 'delete') return { reply, change: { gone: key } };
    return { reply, change: { put: { ...present, value: request.value, version } } };
  }

  /** What has to go when this session is over. */
  endOf(session: string): readonly Change[] {
    const gone: Change[] = [];
    for (const { stored } of this.kept.values()) if (stored.owner === session) gone.push({ gone: stored.key });
    return [...gone, { over: session }];
  }

  apply(change: Change): void {
    this.changes++;
    if ('put' in change) {
      this.keep(change.put, this.changes);
    } else if ('gone' in change) {
      this.valueBytes -= this.kept.get(change.gone)?.bytes ?? 0;
      this.kept.delete(change.gone);
      this.goneAt = this.changes;
    } else if ('opened' in change) {
      this.sessionsEver = Math.max(this.sessionsEver, change.number);
      this.secretHashes.set(change.opened, change.secretHash);
    } else {
      this.secretHashes.delete(change.over);
    }
  }

  snapshot(): object {
    const { service, changes, sessionsEver } = this;
    const keys = [...this.kept.values()].map(({ stored, changed }) => ({
      ...{ ...stored, value: plainValue(stored.value), changed },
    }));
    const sessions = [...this.secretHashes].map(([name, secretHash]) => ({ name, secretHash }));
    return { format: 1, service, changes, sessionsEver, keys, sessions };
  }

  /** @throws with what is wrong with it. */
  static from(snapshot: unknown): CoordinatorState {
    const { service, changes, sessionsEver, keys, sessions } = snapshotSchema.parse(snapshot);
    const state = new CoordinatorState(service);
    state.changes = changes;
    state.goneAt = changes;
    state.sessionsEver = sessionsEver;
    for (const { changed, value, ...rest } of keys) state.keep({ ...rest, value: asValue(value) }, changed);
    for (const { name, secretHash } of sessions) state.secretHashes.set(name, secretHash);
    return state;
  }

  private keep(stored: Stored, changed: number): void {
    const bytes = Buffer.byteLength(JSON.stringify(plainValue(stored.value)));
    this.valueBytes += bytes - (this.kept.get(stored.key)?.bytes ?? 0);
    this.kept.set(stored.key, { stored, changed, bytes });
  }
}

/** A change as it is written, and back. */
export function plainChange(change: Change): object {
  return 'put' in change ? { put: { ...change.put, value: plainValue(change.put.value) } } : change;
}

/** @throws with what is wrong with it. */
export function asChange(parsed: unknown): Change {
  const change = changeSchema.parse(parsed);
  return 'put' in change ? { put: { ...change.put, value: asValue(change.put.value) } } : change;
}
