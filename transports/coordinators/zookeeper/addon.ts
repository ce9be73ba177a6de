/**
 * The npm package `zookeeper`, as much of it as is used here, with its numbers by name. It is an optional dependency with
 * a native part, so it is imported only when somebody asks for ZooKeeper, and only in the thread of worker.ts: the addon
 * drives heartbeats from the event loop it was loaded in, and its static handles belong to one loop of a process only.
 */

/** Return codes of the C client. */
export const Code = {
  ok: 0,
  connectionLoss: -4,
  operationTimeout: -7,
  invalidState: -9,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  nodeExists: -110,
  sessionExpired: -112,
  closing: -116,
} as const;

/** Of a handle that has a connection, and a session on it. */
export const CONNECTED = 3;

/** Why a handle closed, as the event says. */
export const CLOSED_AS_EXPIRED = -112;

export const Flag = { persistent: 0, ephemeral: 1 } as const;
export const Permission = { read: 1, all: 31 } as const;

export interface Stat {
  readonly version: number;
  /** How often the access list was changed. */
  readonly aversion: number;
  /** The session's id in hexadecimal digits; `0`: none. */
  readonly ephemeralOwner: string;
}

export interface AccessEntry {
  readonly perms: number;
  readonly scheme: string;
  readonly auth: string;
}

export interface HandleSettings {
  readonly connect: string;
  readonly timeout: number;
  readonly debug_level: number;
  readonly host_order_deterministic: boolean;
}

type Done<T extends readonly unknown[]> = (code: number, text: string, ...rest: T) => void;

/**
 * One handle is one session. Every call returns a code: other than ok, its callback never comes. Versions are compared
 * as they are: an undefined one would count as 0, -1 compares with nothing.
 */
export interface Handle {
  /** Session id in hexadecimal digits. */
  readonly client_id: string;
  /** What the service has granted, in milliseconds. */
  readonly timeout: number;
  readonly state: number;
  on(event: 'connect' | 'connecting', told: () => void): void;
  on(event: 'created' | 'changed' | 'deleted' | 'notwatching', told: (handle: unknown, path: string) => void): void;
  on(event: 'close', told: (handle: unknown, code: number) => void): void;
  init(settings: HandleSettings): void;
  close(): void;
  add_auth(scheme: string, auth: string, done: Done<[]>): number;
  a_exists(path: string, watch: boolean, done: Done<[stat: Stat | null]>): number;
  a_get(path: string, watch: boolean, done: Done<[stat: Stat | null, bytes: Buffer | null]>): number;
  a_get_children(path: string, watch: boolean, done: Done<[names: readonly string[] | null]>): number;
  a_create(path: string, bytes: Buffer, flags: number, done: Done<[path: string]>): number;
  a_set(path: string, bytes: Buffer, version: number, done: Done<[stat: Stat | null]>): number;
  a_delete_(path: string, version: number, done: Done<[]>): number;
  a_set_acl(path: string, version: number, acl: readonly AccessEntry[], done: Done<[]>): number;
  a_sync(path: string, done: Done<[path: string]>): number;
}

export type Addon = new (settings?: Partial<HandleSettings>) => Handle;

/** @throws with what to type, if the package or its native part is not there. */
export async function importAddon(): Promise<Addon> {
  // Not a literal: whoever left the optional dependency out can still compile this.
  const name: string = 'zookeeper';
  try {
    return ((await import(name)) as { default: Addon }).default;
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new Error(
      `the client of ZooKeeper cannot be loaded (${why}). It is an optional dependency that is compiled when it is ` +
        'installed: with python3, make and a C++ compiler at hand, type `npm install zookeeper`. ' +
        'The embedded coordinator (tcp://host:port) needs nothing of it.',
    );
  }
}
