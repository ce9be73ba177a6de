/**
 * The coordinator's keys: values with versions, some of them owned by sessions. Compare-and-set as ZooKeeper does it.
 * Knows no session but by name. Must never judge a value.
 */
import type {
  CoordinatorReply,
  CoordinatorRequest,
  CoordinatorValue,
  Key,
  Stored,
} from '../../../core/coordinator-port.js';

export type Write = Extract<CoordinatorRequest, { op: 'create' | 'set' | 'delete' }>;

export class KeyStore {
  private readonly stored = new Map<Key, Stored>();
  private readonly owned = new Map<string, Set<Key>>();

  constructor(private readonly changed: (key: Key) => void) {}

  get values(): ReadonlyMap<Key, Stored> {
    return this.stored;
  }

  /** As they are now, and stay. */
  copy(): ReadonlyMap<Key, Stored> {
    return new Map(this.stored);
  }

  write(write: Write, owner: string): CoordinatorReply {
    const present = this.stored.get(write.key);
    if (write.op === 'create') {
      if (present !== undefined) return { result: 'conflict' };
      this.put(write.key, write.value, 0, write.ephemeral ? owner : '');
      return { result: 'done', version: 0 };
    }
    if (present === undefined) return { result: 'absent' };
    if (present.version !== write.expected) return { result: 'conflict' };
    const version = present.version + 1;
    if (write.op === 'set') this.put(write.key, write.value, version, present.owner);
    else this.remove(present);
    return { result: 'done', version };
  }

  /** Everything this session owns goes. */
  dropOwner(owner: string): void {
    for (const key of this.owned.get(owner) ?? []) {
      const present = this.stored.get(key);
      if (present?.owner === owner) this.remove(present);
    }
    this.owned.delete(owner);
  }

  private put(key: Key, value: CoordinatorValue, version: number, owner: string): void {
    this.stored.set(key, { key, value, version, owner });
    if (owner !== '') {
      const keys = this.owned.get(owner) ?? new Set();
      this.owned.set(owner, keys.add(key));
    }
    this.changed(key);
  }

  private remove({ key }: Stored): void {
    this.stored.delete(key);
    this.changed(key);
  }
}

/** Reads, from the leader's values or from what a follower has seen of them. */
export function readFrom(
  values: ReadonlyMap<Key, Stored>,
  request: Extract<CoordinatorRequest, { op: 'read' | 'list' }>,
): CoordinatorReply {
  if (request.op === 'list') {
    return { result: 'values', stored: [...values.values()].filter(({ key }) => key.startsWith(request.under)) };
  }
  const stored = values.get(request.key);
  return stored === undefined ? { result: 'absent' } : { result: 'value', stored };
}
