/**
 * Lists: one revolution, every tail stamping its shards and adding its files. Complete or asked again; linearizable
 * for each path, no snapshot across shards (brief §3.5.5).
 */
import { placeIn } from '../chain/shards.js';
import type { ListFrame, ListItem } from '../frame.js';
import type { RequestId } from '../ids.js';
import type { ClientOperation } from '../input.js';
import type { Lister } from '../reads-state.js';
import { launch, put, revolutionMs, type Turn, wakeBy } from '../turn.js';
import { changeReads } from './readers.js';

export function startList(turn: Turn, request: RequestId, wish: Extract<ClientOperation, { kind: 'list' }>): void {
  const { reads, limits } = turn.state;
  const { prefix, after } = wish;
  const limit = Math.max(1, Math.min(wish.limit, limits.listPageMax));
  const id = reads.nextId;
  changeReads(turn, { nextId: id + 1 });
  sendList(turn, { request, id, prefix, after, limit, sentAtMs: turn.now, startedMs: turn.now });
}

function sendList(turn: Turn, lister: Lister): void {
  const { id, prefix, after, limit } = lister;
  changeReads(turn, { listers: turn.state.reads.listers.set(id, { ...lister, sentAtMs: turn.now }) });
  const list = { kind: 'list', id, prefix, after, limit, items: [], stampedShards: 0, more: false } as const;
  launch(turn, turn.state.self, list);
  wakeBy(turn, 'reads', turn.now + revolutionMs(turn));
}

/** Adds what this server's tails know. */
export function visitList(turn: Turn, frame: ListFrame): ListFrame {
  const { chains } = turn.state.view;
  let { items, stampedShards, more } = frame;
  for (let shard = 0; shard < chains.length; shard++) {
    if (placeIn(turn, shard)?.isTail !== true) continue;
    stampedShards++;
    const own = matching(turn, shard, frame);
    if (own.length === 0) continue;
    const merged = [...items, ...own].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    items = merged.slice(0, frame.limit);
    more ||= merged.length > frame.limit;
  }
  return { ...frame, items, stampedShards, more };
}

/** At most one path more than the limit: then there is more. */
function matching(turn: Turn, shard: number, frame: ListFrame): readonly ListItem[] {
  const files = turn.state.shards.get(shard)?.files;
  const found: ListItem[] = [];
  if (files === undefined) return found;
  const from = frame.after > frame.prefix ? frame.after : frame.prefix;
  for (const [path, file] of files.entries(from)) {
    if (!path.startsWith(frame.prefix) || found.length > frame.limit) break;
    if (path > frame.after) found.push({ path, file });
  }
  return found;
}

export function onListHome(turn: Turn, frame: ListFrame): void {
  const { reads, view } = turn.state;
  const lister = reads.listers.get(frame.id);
  if (lister === undefined || frame.stampedShards !== view.settings.shards) return;
  changeReads(turn, { listers: reads.listers.delete(frame.id) });
  const { items, more } = frame;
  put(turn, { kind: 'answer', request: lister.request, answer: { result: 'listed', items, more } });
}

export function onView(turn: Turn): void {
  for (const lister of turn.state.reads.listers.values()) sendList(turn, lister);
}

/** The reads timer, for lists. */
export function sweepLists(turn: Turn): void {
  const { limits } = turn.state;
  for (const lister of turn.state.reads.listers.values()) {
    if (turn.now - lister.startedMs >= limits.operationMs + revolutionMs(turn)) {
      forgetLister(turn, lister.request);
      put(turn, { kind: 'answer', request: lister.request, answer: { result: 'refused', code: 'unavailable' } });
    } else if (turn.now - lister.sentAtMs >= revolutionMs(turn)) {
      sendList(turn, lister);
    }
  }
}

export function forgetLister(turn: Turn, request: RequestId): void {
  for (const lister of turn.state.reads.listers.values()) {
    if (lister.request === request) changeReads(turn, { listers: turn.state.reads.listers.delete(lister.id) });
  }
}
