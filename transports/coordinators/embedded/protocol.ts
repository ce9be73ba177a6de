/**
 * What is said between the embedded coordinator and a client of it, on one TCP connection for each session; framed by
 * framing.ts. Calls are answered in the order of asking.
 *
 *   client                                                             service
 *   {method: hello, protocol, version}                              →
 *                                     ← {hello: {version, service, sessionMs}}  or  {refused: why}
 *   {method: open, call}                       a new session        →
 *                                     ← {call, reply: {session, secret}}
 *   {method: attach, call, session, secret, watches: [{key, seen}]} →  the session goes on, on this connection
 *                                     ← {call, reply: {result: attached | expired}}
 *   then, in any number and order
 *   {method: register, call, registration, expected?}   its own registration, ephemeral: made, or set if `expected`  →
 *   {method: join-chain, call, registration, expected?} the same, that asks for learners to be taken into their chains →
 *   {method: report, call, statistics, expected?}       its figures, ephemeral                                        →
 *   {method: read | list | create | set | delete | sync, call, …}  as in core/coordinator-port.ts                     →
 *   {method: heartbeat, call}                                       →  proves to the client that the way is whole
 *                                     ← {call, reply: CoordinatorReply, seen}
 *                                     ← {heartbeat: number}  proves to the service that the client lives
 *   {method: alive, heartbeat: number}                              →  renews the session; nothing else does
 *                                     ← {fired: key}
 *   {method: close}                            the session is over  →
 *                                     ← {refused: why}, and the connection ends
 *
 * `seen` counts all changes: a watch that is armed again by `attach` fires at once if its key has changed since then.
 */
import { z } from 'zod';
import {
  type CoordinatorReply,
  type CoordinatorRequest,
  type CoordinatorValue,
  type Key,
  memberKey,
  statisticsKey,
} from '../../../core/coordinator-port.js';
import { asValue, plainValue } from '../values.js';
import { KEY_BYTES_MAX, WATCHES_MAX } from './limits.js';

export const PROTOCOL = 'ping-pong-nfs coordinator';
export const VERSION = 1;

const count = z.number().int().nonnegative();
const key = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= KEY_BYTES_MAX, `a key has at most ${KEY_BYTES_MAX} bytes`);
const value = z.object({ kind: z.string() }).loose();
const facts = z.object({}).loose();
const call = { call: count };

const requestSchema = z.discriminatedUnion('method', [
  z.object({ method: z.literal('hello'), protocol: z.string(), version: z.number() }),
  z.object({ method: z.literal('open'), ...call }),
  z.object({
    ...{ method: z.literal('attach'), ...call, session: z.string(), secret: z.string() },
    watches: z.array(z.object({ key, seen: count })).max(WATCHES_MAX),
  }),
  z.object({ method: z.literal('close') }),
  z.object({ method: z.literal('alive'), heartbeat: count }),
  z.object({ method: z.literal('heartbeat'), ...call }),
  z.object({ method: z.literal('register'), ...call, registration: facts, expected: count.optional() }),
  z.object({ method: z.literal('join-chain'), ...call, registration: facts, expected: count.optional() }),
  z.object({ method: z.literal('report'), ...call, statistics: facts, expected: count.optional() }),
  z.object({ method: z.literal('read'), ...call, key, watch: z.boolean() }),
  z.object({ method: z.literal('list'), ...call, under: z.string() }),
  z.object({ method: z.literal('create'), ...call, key, value, ephemeral: z.boolean() }),
  z.object({ method: z.literal('set'), ...call, key, value, expected: count }),
  z.object({ method: z.literal('delete'), ...call, key, expected: count }),
  z.object({ method: z.literal('sync'), ...call }),
]);

export type Request = z.infer<typeof requestSchema>;
type Call = Extract<Request, { call: number }>;
/** What a CoordinatorRequest becomes. */
export type KeyCall = Exclude<Call, { method: 'open' | 'attach' | 'heartbeat' }>;

/** @throws with what is wrong. */
export function asRequest(message: unknown): Request {
  const result = requestSchema.safeParse(message);
  if (!result.success) throw new Error(`no message of this protocol: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** What the port is asked, in the words of this protocol. */
export function callOf(number: number, request: CoordinatorRequest): KeyCall {
  if (request.op === 'create' || request.op === 'set') {
    return fittingCall(number, request) ?? writeCall(number, request);
  }
  const { op: method, ...rest } = request;
  return { method, call: number, ...rest } as KeyCall;
}

type Write = Extract<CoordinatorRequest, { op: 'create' | 'set' }>;

function writeCall(call: number, request: Write): KeyCall {
  const value = plainValue(request.value);
  const { key } = request;
  if (request.op === 'create') return { method: 'create', call, key, value, ephemeral: request.ephemeral };
  return { method: 'set', call, key, value, expected: request.expected };
}

/** A server's own entries have methods of their own. */
function fittingCall(call: number, { key, value, ...how }: Write): KeyCall | undefined {
  if (how.op === 'create' && !how.ephemeral) return undefined;
  const expected = how.op === 'set' ? how.expected : undefined;
  if (value.kind === 'registration' && key === memberKey(value.registration.member)) {
    const method = value.registration.ready.length > 0 ? 'join-chain' : 'register';
    return { method, call, registration: { ...value.registration }, expected };
  }
  if (value.kind === 'statistics' && key === statisticsKey(value.statistics.member)) {
    return { method: 'report', call, statistics: { ...value.statistics }, expected };
  }
  return undefined;
}

/** @throws with what is wrong with its value. */
export function requestOf(call: KeyCall): CoordinatorRequest {
  switch (call.method) {
    case 'register':
    case 'join-chain': {
      const value = asValue({ kind: 'registration', registration: call.registration });
      if (value.kind !== 'registration') throw new Error('a registration is expected');
      return writeOf(memberKey(value.registration.member), value, call.expected);
    }
    case 'report': {
      const value = asValue({ kind: 'statistics', statistics: call.statistics });
      if (value.kind !== 'statistics') throw new Error('statistics are expected');
      return writeOf(statisticsKey(value.statistics.member), value, call.expected);
    }
    case 'create':
      return { op: 'create', key: call.key, value: asValue(call.value), ephemeral: call.ephemeral };
    case 'set':
      return { op: 'set', key: call.key, value: asValue(call.value), expected: call.expected };
    case 'read':
      return { op: 'read', key: call.key, watch: call.watch };
    case 'list':
      return { op: 'list', under: call.under };
    case 'delete':
      return { op: 'delete', key: call.key, expected: call.expected };
    case 'sync':
      return { op: 'sync' };
  }
}

function writeOf(key: Key, value: CoordinatorValue, expected: number | undefined): CoordinatorRequest {
  if (expected === undefined) return { op: 'create', key, value, ephemeral: true };
  return { op: 'set', key, value, expected };
}

const stored = z.object({ key: z.string(), value, version: count, owner: z.string() });
const replySchema = z.union([
  z.object({ result: z.literal('value'), stored }),
  z.object({ result: z.literal('values'), stored: z.array(stored) }),
  z.object({ result: z.literal('done'), version: count }),
  z.object({ result: z.enum(['absent', 'conflict', 'attached', 'expired']) }),
  z.object({ session: z.string(), secret: z.string() }),
]);
const answerSchema = z.union([
  z.object({ ...call, reply: replySchema, seen: count.optional() }),
  z.object({ fired: z.string() }),
  z.object({ heartbeat: count }),
  z.object({ hello: z.object({ version: count, service: z.string(), sessionMs: count }) }),
  z.object({ refused: z.string() }),
]);

export type Answer = z.infer<typeof answerSchema>;
export type Reply = z.infer<typeof replySchema>;

/** @throws with what is wrong. */
export function asAnswer(message: unknown): Answer {
  const result = answerSchema.safeParse(message);
  if (!result.success) throw new Error(`no answer of a coordinator: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** @throws if it is none that the port knows. */
export function coordinatorReply(reply: Reply): CoordinatorReply {
  if (!('result' in reply)) throw new Error('an answer to another call');
  switch (reply.result) {
    case 'value':
      return { result: 'value', stored: { ...reply.stored, value: asValue(reply.stored.value) } };
    case 'values':
      return { result: 'values', stored: reply.stored.map((each) => ({ ...each, value: asValue(each.value) })) };
    case 'done':
      return { result: 'done', version: reply.version };
    case 'absent':
    case 'conflict':
      return { result: reply.result };
    default:
      throw new Error('an answer to another call');
  }
}
