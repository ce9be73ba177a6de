/**
 * What the store was asked to make durable, counted. It answers in the order of asking, shard by shard, once for each
 * asking: so it is known of every answer what it speaks for, also where two askings go up to the same entry.
 */
import type { LogEntry } from './file.js';
import type { ShardId } from './ids.js';
import type { Writes } from './state.js';
import type { Base } from './store-port.js';
import { put, type Turn } from './turn.js';

const NO_WRITES: Writes = { asked: 0, answered: 0 };

const writesOf = (turn: Turn, shard: ShardId): Writes => turn.state.writes.get(shard) ?? NO_WRITES;

function asked(turn: Turn, shard: ShardId): number {
  const writes = writesOf(turn, shard);
  const number = writes.asked + 1;
  turn.state.writes = turn.state.writes.set(shard, { ...writes, asked: number });
  return number;
}

/** @returns the number of this asking, from 1. */
export function persist(turn: Turn, shard: ShardId, entries: readonly LogEntry[]): number {
  put(turn, { kind: 'persist', shard, entries });
  return asked(turn, shard);
}

/** @returns the number of this asking, from 1. */
export function persistBase(turn: Turn, shard: ShardId, base: Base): number {
  put(turn, { kind: 'write-base', shard, base });
  return asked(turn, shard);
}

/** The store answers. */
export function onAnswered(turn: Turn, shard: ShardId): void {
  const writes = writesOf(turn, shard);
  turn.state.writes = turn.state.writes.set(shard, { ...writes, answered: writes.answered + 1 });
}

/** Whether what was asked for under this number is durable. */
export const isAnswered = (turn: Turn, shard: ShardId, number: number): boolean =>
  writesOf(turn, shard).answered >= number;
