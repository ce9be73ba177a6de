/**
 * The coordinator of an explored world: a few keys with versions, answering at once. Watches fire only when a move lets them.
 * A value: every change gives another register.
 */
import {
  type CoordinatorReply,
  type CoordinatorRequest,
  type CoordinatorValue,
  type Key,
  MEMBERS,
  type Stored,
  VIEW_KEY,
} from '../../core/coordinator-port.js';
import type { Registration } from '../../core/view/registration.js';
import type { View } from '../../core/view/view.js';

export class Register {
  private constructor(private readonly values: ReadonlyMap<Key, Stored>) {}

  static of(view: View): Register {
    return new Register(new Map()).with(VIEW_KEY, { kind: 'view', view }, '');
  }

  get view(): View {
    const value = this.values.get(VIEW_KEY)?.value;
    if (value?.kind !== 'view') throw new Error('the register has no view');
    return value.view;
  }

  get registrations(): readonly Registration[] {
    return this.under(MEMBERS).flatMap(({ value }) => (value.kind === 'registration' ? [value.registration] : []));
  }

  /** Everything there is, in the order in which it was made. */
  get all(): readonly Stored[] {
    return [...this.values.values()];
  }

  withView(view: View): Register {
    return this.with(VIEW_KEY, { kind: 'view', view }, '');
  }

  /** What a session owns goes with it. */
  withoutOwner(owner: string): Register {
    return new Register(new Map([...this.values].filter(([, stored]) => stored.owner !== owner)));
  }

  carryOut(
    request: CoordinatorRequest,
    owner: string,
  ): { readonly register: Register; readonly reply: CoordinatorReply } {
    const unchanged = (reply: CoordinatorReply) => ({ register: this, reply });
    if (request.op === 'sync') return unchanged({ result: 'done', version: 0 });
    if (request.op === 'list') return unchanged({ result: 'values', stored: this.under(request.under) });
    const present = this.values.get(request.key);
    if (request.op === 'create') {
      if (present !== undefined) return unchanged({ result: 'conflict' });
      const register = this.with(request.key, request.value, request.ephemeral ? owner : '');
      return { register, reply: { result: 'done', version: 0 } };
    }
    if (present === undefined) return unchanged({ result: 'absent' });
    if (request.op === 'read') return unchanged({ result: 'value', stored: present });
    if (present.version !== request.expected) return unchanged({ result: 'conflict' });
    const register =
      request.op === 'set' ? this.with(request.key, request.value, present.owner) : this.without(request.key);
    return { register, reply: { result: 'done', version: present.version + 1 } };
  }

  private under(prefix: Key): readonly Stored[] {
    return this.all.filter(({ key }) => key.startsWith(prefix));
  }

  private with(key: Key, value: CoordinatorValue, owner: string): Register {
    const version = (this.values.get(key)?.version ?? -1) + 1;
    return new Register(new Map(this.values).set(key, { key, value, version, owner }));
  }

  private without(key: Key): Register {
    const values = new Map(this.values);
    values.delete(key);
    return new Register(values);
  }
}
