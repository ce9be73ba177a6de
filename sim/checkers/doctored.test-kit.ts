/**
 * Pieces of doctored runs: log entries, facts, operations and states, as short as tests want to write them.
 */
import { FRESH_SHARD } from '../../core/chain/shards.js';
import type { LogEntry, Manifest, Outcome } from '../../core/file.js';
import type { EntryId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import { SortedMap } from '../../core/sorted-map.js';
import { type HeldUpload, initialState, type NodeState, type ShardState } from '../../core/state.js';
import { makeView, type View } from '../../core/view/view.js';
import { FakeWorld, ringView } from '../clients/fake-world.test-kit.js';
import type { FinalAnswer, OperationRecord, Order } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { ClientAction } from '../scenario/scenario.js';

/** One shard, all of whose members were lost: n1, n2 and n3 in these lives. */
export function lostView(ids: readonly string[], epoch: number): View {
  const lost = ['n1', 'n2', 'n3'].map((id) => ({ id, incarnation: 1 }));
  return makeView({ ...ringView(ids, [ids.slice(0, 1)], epoch), chains: [{ members: [], learners: [], lost }] });
}

/** Being caught up for the only shard. */
export function withLearner(view: View, learner: string): View {
  return makeView({ ...view, chains: view.chains.map((chain) => ({ ...chain, learners: [learner] })) });
}

export const IDS = ['n1', 'n2', 'n3', 'n4'] as const;
/** One shard, chain n1 → n2 → n3. */
export const VIEW = ringView(IDS, [['n1', 'n2', 'n3']]);
export const world = (view: View = VIEW): FakeWorld =>
  new FakeWorld(
    view.ring.map(({ id }) => id),
    view,
  );

export const id = (sequence: number, epoch = 1): EntryId => ({ epoch, sequence });

export function manifest(upload: string, length = 250): Manifest {
  return { upload, length, chunkBytes: 100, sha256: `imaginary:${upload}`, contentType: '', modifiedMs: 0 };
}

/** A stored put: entry number, operation and upload go by one name. */
export function entry(sequence: number, operation = `o${sequence}`, epoch = 1, path = '/a'): LogEntry {
  const change = { kind: 'put', manifest: manifest(operation) } as const;
  const proposal = { operation, path, change, precondition: undefined, fingerprint: '' };
  return {
    id: id(sequence, epoch),
    proposal,
    outcome: { result: 'stored', version: id(sequence, epoch), upload: operation },
  };
}

export const ordered = (of: LogEntry, shard = 0): Fact => ({ fact: 'ordered', shard, entry: of });
export const appended = (of: LogEntry, shard = 0): Fact => ({ fact: 'appended', shard, entry: of });
export const persisted = (upTo: EntryId, shard = 0): Fact => ({ fact: 'persisted', shard, upTo });
export const committed = (upTo: EntryId, shard = 0): Fact => ({ fact: 'committed', shard, upTo, entries: 1 });
export const learned = (upTo: EntryId, shard = 0): Fact => ({ fact: 'learned', shard, upTo, dropped: 0 });
export const installed = (epoch: number, members = 4): Fact => ({ fact: 'view-installed', epoch, members });

type Hears = { fact?(server: string, incarnation: number, fact: Fact): void };

/** Tells facts to everybody, in order. */
export function tell(watchers: readonly Hears[], ...facts: readonly (readonly [server: string, fact: Fact])[]): void {
  for (const [server, fact] of facts) for (const watcher of watchers) watcher.fact?.(server, 1, fact);
}

/** An entry that goes down the whole chain and is committed. */
export function wentWell(of: LogEntry): (readonly [string, Fact])[] {
  return [
    ['n1', ordered(of)],
    ['n1', persisted(of.id)],
    ['n2', appended(of)],
    ['n2', persisted(of.id)],
    ['n3', appended(of)],
    ['n3', persisted(of.id)],
    ['n3', committed(of.id)],
    ['n1', committed(of.id)],
    ['n2', committed(of.id)],
  ];
}

const PUT: ClientAction = {
  kind: 'put',
  path: '/a',
  content: { kind: 'imaginary', size: { minBytes: 250, maxBytes: 250 } },
  precondition: undefined,
  abandonAfterBytes: undefined,
  clientBytesPerSecond: undefined,
};

export interface RecordWish {
  readonly action?: ClientAction;
  readonly purpose?: Order['purpose'];
  readonly name?: string;
  readonly operation?: string;
  readonly answer?: FinalAnswer;
  readonly call?: number;
  readonly end?: number;
}

export function record(wish: RecordWish): OperationRecord {
  const action = wish.action ?? PUT;
  const { operation } = wish;
  const isPut = action.kind === 'put' && operation !== undefined;
  return {
    client: 'c1',
    order: { purpose: wish.purpose ?? 'step', name: wish.name, action },
    content: isPut ? { id: operation, length: 250, sha256: `imaginary:${operation}`, bytes: undefined } : undefined,
    operation,
    call: wish.call ?? 1,
    callUs: 0,
    end: wish.answer === undefined ? undefined : (wish.end ?? 2),
    endUs: wish.answer === undefined ? undefined : 5,
    answer: wish.answer,
    server: 'n1',
    attempts: 1,
  };
}

export const done = (outcome: Outcome): FinalAnswer => ({ result: 'done', outcome });

const held = (chunks: number, phase: HeldUpload['phase'] = 'kept'): HeldUpload => ({
  shard: 0,
  chunks: chunks === 0 ? [] : [{ from: 0, to: chunks }],
  phase,
  dropAtMs: 0,
});

/** A member at rest that has committed these entries, with all their bytes. */
export function member(view: View, self: string, entries: readonly LogEntry[], chunks = 3): NodeState {
  const last = entries[entries.length - 1]?.id ?? id(0, 0);
  let shard: ShardState = { ...FRESH_SHARD, last, committed: last };
  let uploads = SortedMap.empty<string, HeldUpload>();
  for (const { proposal, id: version } of entries) {
    const file = { version, manifest: manifest(proposal.operation) };
    const old = shard.files.get(proposal.path);
    if (old !== undefined) uploads = uploads.delete(old.manifest.upload);
    shard = { ...shard, files: shard.files.set(proposal.path, file) };
    uploads = uploads.set(proposal.operation, held(chunks));
  }
  const state = initialState({ id: self, incarnation: 1, address: '', clusterId: 'test', seed: 1 });
  return {
    ...state,
    status: 'member',
    view,
    shards: SortedMap.empty<number, ShardState>().set(0, shard),
    held: uploads,
  };
}

/** Changes one server's state. */
export function doctor(of: FakeWorld, server: string, change: (state: NodeState) => NodeState): void {
  const handle = of.server(server);
  handle.state = change(handle.state);
}

export function changeShard(state: NodeState, change: (shard: ShardState) => ShardState): NodeState {
  return { ...state, shards: state.shards.set(0, change(state.shards.get(0) ?? FRESH_SHARD)) };
}

export const hold = (state: NodeState, upload: string, phase: HeldUpload['phase']): NodeState => ({
  ...state,
  held: state.held.set(upload, held(1, phase)),
  staged: phase === 'staged' ? state.staged.set(upload, 0) : state.staged,
});

export const messages = (violations: readonly Violation[]): string =>
  violations.map(({ message, excerpt }) => [message, ...excerpt].join('\n')).join('\n');
