/**
 * Scratch paper for placement: who keeps how much while a next view is worked out. Lives no longer than one computation;
 * counts and writes down, chooses nothing.
 */
import type { MemberId, ShardId } from '../ids.js';
import type { Chain, Member, Settings } from './view.js';

export interface Board {
  readonly ring: readonly Member[];
  readonly positions: ReadonlyMap<MemberId, number>;
  readonly leaving: ReadonlySet<MemberId>;
  readonly fullDisks: ReadonlySet<MemberId>;
  readonly learningMax: number;
  /** Replaced one by one; those that do not change are the very same. */
  readonly chains: Chain[];
  /** By ring position: chains that the member keeps or learns. */
  readonly loads: number[];
  /** By ring position: chains that it learns. */
  readonly learning: number[];
  /** Members that a chain should have, of those who stay. */
  readonly length: number;
  /** A member with so many chains has its share. */
  readonly evenLoad: number;
}

type Start = Pick<Board, 'ring' | 'leaving' | 'fullDisks' | 'learningMax'> & { readonly chains: readonly Chain[] };

export function boardOf(settings: Settings, start: Start): Board {
  const { ring, chains, leaving, fullDisks, learningMax } = start;
  const positions = new Map(ring.map(({ id }, position) => [id, position]));
  const staying = ring.filter(({ id }) => !leaving.has(id)).length;
  const length = Math.max(1, Math.min(settings.chainLength, staying));
  const living = chains.filter(({ members }) => members.length > 0).length;
  const evenLoad = Math.ceil((living * length) / Math.max(1, staying));
  const loads = ring.map(() => 0);
  const learning = ring.map(() => 0);
  const counts = { loads, learning, length, evenLoad };
  const board = { ring, positions, leaving, fullDisks, learningMax, chains: [...chains], ...counts };
  for (const { members, learners } of chains) {
    for (const id of members) count(board, loads, id, 1);
    for (const id of learners) count(board, loads, id, 1);
    for (const id of learners) count(board, learning, id, 1);
  }
  return board;
}

function count({ positions }: Board, counts: number[], id: MemberId, by: number): void {
  const position = positions.get(id) as number;
  counts[position] = (counts[position] as number) + by;
}

/** Ring positions of the chain's members, head first. */
export function keepersAt(board: Board, shard: ShardId): readonly number[] {
  return (board.chains[shard] as Chain).members.map((id) => board.positions.get(id) as number);
}

export function mayLearn(board: Board, position: number): boolean {
  if ((board.learning[position] as number) >= board.learningMax) return false;
  const { id } = board.ring[position] as Member;
  return !board.leaving.has(id) && !board.fullDisks.has(id);
}

/** The member becomes the chain's learner. */
export function teach(board: Board, shard: ShardId, position: number): void {
  const { id } = board.ring[position] as Member;
  board.chains[shard] = { ...(board.chains[shard] as Chain), learners: [id] };
  count(board, board.loads, id, 1);
  count(board, board.learning, id, 1);
}

/** The member is no longer in the chain. */
export function leave(board: Board, shard: ShardId, id: MemberId): void {
  const chain = board.chains[shard] as Chain;
  board.chains[shard] = { ...chain, members: chain.members.filter((each) => each !== id) };
  count(board, board.loads, id, -1);
}
