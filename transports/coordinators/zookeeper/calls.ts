/**
 * One request of the core as calls of the client, and their codes as a reply. What neither succeeds nor fails in a way
 * that the port has a word for is `unknown`: the core looks, or gives the session up. Decides nothing else.
 */
import type { CoordinatorReply, CoordinatorRequest, Key } from '../../../core/coordinator-port.js';
import { type AccessEntry, Code, Flag, Permission } from './addon.js';
import type { Client, Got, Outcome } from './client.js';
import type { Note } from './messages.js';
import { bytesOf, keyOf, pathOf, valueIn } from './nodes.js';

export interface CallContext {
  readonly client: Client;
  readonly root: string;
  readonly isProtected: boolean;
  note(level: Note['level'], text: string, details: Note['details']): void;
  /** The watch of this key is armed. */
  armed(key: Key): void;
}

type Write = Extract<CoordinatorRequest, { op: 'create' | 'set' | 'delete' }>;

const UNKNOWN: CoordinatorReply = { result: 'unknown' };
const done = (version: number): CoordinatorReply => ({ result: 'done', version });

/** The connection is gone, and with it the answer: nothing to write home about. */
const LOST: ReadonlySet<number> = new Set([
  ...[Code.connectionLoss, Code.operationTimeout, Code.sessionExpired, Code.closing, Code.invalidState],
]);

const ACCESS: readonly AccessEntry[] = [
  // `auth`: whoever this session has introduced itself as.
  { perms: Permission.all, scheme: 'auth', auth: '' },
  { perms: Permission.read, scheme: 'world', auth: 'anyone' },
];

/**
 * What is asked behind this is carried out behind this: all calls of a request leave at once.
 * @param left but for a list, whose second half leaves when it says so.
 */
export function carryOut(
  context: CallContext,
  request: CoordinatorRequest,
  left: () => void,
): Promise<CoordinatorReply> {
  if (request.op === 'list') return list(context, request.under, left);
  const reply = carryOutAtOnce(context, request);
  left();
  return reply;
}

async function carryOutAtOnce(
  context: CallContext,
  request: Exclude<CoordinatorRequest, { op: 'list' }>,
): Promise<CoordinatorReply> {
  const { client, root } = context;
  if (request.op === 'sync') {
    const synced = await client.sync(root);
    return synced.code === Code.ok ? done(0) : failure(context, root, synced);
  }
  const { key } = request;
  const path = pathOf(root, key);
  if (request.op !== 'read') return write(context, path, request);
  // Armed before it is read, so that no change can fall between; absent or not.
  if (request.watch) client.watch(path, () => context.armed(key));
  return replyOf(context, path, await client.get(path)) ?? UNKNOWN;
}

/** @returns undefined for what cannot be ours. */
function replyOf(context: CallContext, path: string, got: Got): CoordinatorReply | undefined {
  const { stat, bytes } = got;
  if (got.code !== Code.ok || stat === undefined) return failure(context, path, got);
  // Its creator was cut off before it could do so, or knew no password.
  if (context.isProtected && stat.aversion === 0) void protect(context, path);
  try {
    const owner = stat.ephemeralOwner === '0' ? '' : stat.ephemeralOwner;
    const stored = { key: keyOf(context.root, path), value: valueIn(bytes), version: stat.version, owner };
    return { result: 'value', stored };
  } catch (error) {
    context.note('error', 'a znode holds what is not ours', { path, why: (error as Error).message });
    return undefined;
  }
}

/** What stands in a folder; what goes meanwhile, or is not ours, is left out. */
async function list(context: CallContext, under: Key, left: () => void): Promise<CoordinatorReply> {
  const { client, root } = context;
  const folder = under.slice(0, Math.max(0, under.lastIndexOf('/')));
  const path = folder === '' ? root : pathOf(root, folder);
  const listed = await client.children(path);
  const paths = listed.names.map((name) => `${path}/${name}`).filter((one) => keyOf(root, one).startsWith(under));
  const nodes = paths.sort().map(async (one) => replyOf(context, one, await client.get(one)));
  left();
  if (listed.code === Code.noNode) return { result: 'values', stored: [] };
  if (listed.code !== Code.ok) return failure(context, path, listed);
  const replies = await Promise.all(nodes);
  if (replies.some((reply) => reply?.result === 'unknown')) return UNKNOWN;
  return { result: 'values', stored: replies.flatMap((reply) => (reply?.result === 'value' ? [reply.stored] : [])) };
}

async function write(context: CallContext, path: string, request: Write): Promise<CoordinatorReply> {
  const { client } = context;
  if (request.op === 'delete') {
    const deleted = await client.delete(path, request.expected);
    return deleted.code === Code.ok ? done(0) : failure(context, path, deleted);
  }
  let bytes: Buffer;
  try {
    bytes = bytesOf(request.value);
  } catch (error) {
    context.note('error', 'a value cannot be written', { path, why: (error as Error).message });
    return UNKNOWN;
  }
  if (request.op === 'set') {
    const set = await client.set(path, bytes, request.expected);
    return set.code === Code.ok ? done(set.version) : failure(context, path, set);
  }
  const created = await createNode(context, path, bytes, request.ephemeral ? Flag.ephemeral : Flag.persistent);
  return created.code === Code.ok ? done(0) : failure(context, path, created);
}

/** The client makes everything open to everybody, so the access list follows, in the same breath. */
export async function createNode(context: CallContext, path: string, bytes: Buffer, flag: number): Promise<Outcome> {
  const creating = context.client.create(path, bytes, flag);
  const protecting = context.isProtected ? protect(context, path) : undefined;
  const created = await creating;
  if (created.code !== Code.ok || protecting === undefined) return created;
  return protecting;
}

export async function protect(context: CallContext, path: string): Promise<Outcome> {
  const outcome = await context.client.protect(path, ACCESS);
  // Done before, or nothing is there.
  const isDone = outcome.code === Code.badVersion || outcome.code === Code.noNode;
  return isDone ? { code: Code.ok, text: outcome.text } : outcome;
}

/** What a code other than ok means, in the port's words. */
export function failure(context: CallContext, path: string, { code, text }: Outcome): CoordinatorReply {
  if (code === Code.noNode) return { result: 'absent' };
  if (code === Code.nodeExists || code === Code.badVersion) return { result: 'conflict' };
  if (LOST.has(code)) return UNKNOWN;
  const hint = code === Code.noAuth ? 'all servers of a cluster need the same user and password' : '';
  context.note('error', 'ZooKeeper refuses a call', { path, code, why: text, hint });
  return UNKNOWN;
}
