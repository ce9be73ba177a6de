/**
 * Laying the chains of a ring anew in which nothing was ever written: whoever founds a cluster is alone, and would head most
 * of its shards for ever. While a move costs no copy, chains become what founding would have made them with everybody there:
 * consecutive members, heads spread evenly. By the very moves that placement knows, one for each chain and view: a learner
 * comes in behind the tail, and a chain that is too long loses one.
 */
import type { MemberId, ShardId } from '../ids.js';
import { type Board, leave, mayLearn, teach } from './board.js';
import type { Chain, Member } from './view.js';

/** Where each shard's head would stand, by shard, ascending: so many for each ring position as makes heads even. */
export const startOf = (shard: ShardId, members: number, shards: number): number =>
  Math.floor((shard * members) / shards);

/** Of a ring in which no chain is lost. @param before the chains of the present view @param given learners taken off: not tried again by the same view */
export function arrange(board: Board, before: readonly Chain[], given: ReadonlyMap<ShardId, MemberId>): void {
  const starts = wantedStarts(board, before);
  for (const shard of board.chains.keys()) {
    const start = starts[shard] as number;
    dropOne(board, shard, start, (before[shard] as Chain).members.length);
    if (board.chains[shard]?.learners.length === 0) teachOne(board, shard, start, given.get(shard));
  }
}

/**
 * By shard, the ring position at which its chain is to begin. Chains that have fewest steps to go are served first, and of
 * those the ones that are at rest, so that what has come to its place stays there.
 */
function wantedStarts(board: Board, before: readonly Chain[]): readonly number[] {
  const { chains, ring, length } = board;
  const room = ring.map(() => 0);
  for (const shard of chains.keys()) {
    const start = startOf(shard, ring.length, chains.length);
    room[start] = (room[start] as number) + 1;
  }
  const wanted: number[] = [];
  const serve = (shard: ShardId, start: number | undefined): void => {
    if (start === undefined || wanted[shard] !== undefined) return;
    wanted[shard] = start;
    room[start] = (room[start] as number) - 1;
  };
  const shards = [...chains.keys()];
  const rests = (shard: ShardId): boolean => isAtRest(board, chains[shard] as Chain, before[shard]);
  const order = [...shards.filter(rests), ...shards.filter((shard) => !rests(shard))];
  const costs = chains.map((chain) => costsOf(board, chain));
  const isFree = (start: number): boolean => (room[start] as number) > 0;
  for (let cost = 0; cost < 2 * length; cost++) {
    for (const shard of order) serve(shard, costs[shard]?.find((one) => one.cost === cost && isFree(one.start))?.start);
  }
  // Of all that is left everything costs the same: nobody of the chain is in its place.
  let free = 0;
  for (const shard of order) {
    while (free < ring.length && !isFree(free)) free++;
    serve(shard, free);
  }
  return wanted;
}

/** Complete, and as it was. */
const isAtRest = ({ length }: Board, chain: Chain, before: Chain | undefined): boolean =>
  chain === before && chain.learners.length === 0 && chain.members.length >= length;

/** Of the starts at which the chain has somebody in his place, by position: of a large ring there are few. */
function costsOf(board: Board, chain: Chain): readonly { readonly start: number; readonly cost: number }[] {
  const starts = keepersOf(chain).map((id) => board.positions.get(id) as number);
  return starts.sort((a, b) => a - b).map((start) => ({ start, cost: costOf(board, chain, start) }));
}

/** Two for each member that is not in its place, and one more if the next who should come stands elsewhere in the chain. */
function costOf(board: Board, chain: Chain, start: number): number {
  const { placed, next } = progress(board, chain, start);
  return next === undefined ? 0 : 2 * (board.length - placed.size) + (keepersOf(chain).includes(next) ? 1 : 0);
}

const keepersOf = ({ members, learners }: Chain): readonly MemberId[] => [...members, ...learners];

interface Progress {
  /** Members that stay, in order the first of the wanted chain. */
  readonly placed: ReadonlySet<MemberId>;
  /** Who is to come behind them; undefined: they are all. */
  readonly next: MemberId | undefined;
}

function progress({ ring, length }: Board, chain: Chain, start: number): Progress {
  const placed = new Set<MemberId>();
  const wantedAt = (i: number): MemberId => (ring[(start + i) % ring.length] as Member).id;
  for (const id of keepersOf(chain)) if (placed.size < length && id === wantedAt(placed.size)) placed.add(id);
  return { placed, next: placed.size < length ? wantedAt(placed.size) : undefined };
}

/**
 * Of a chain that is too long: who has to come in once more, further back; else the first that is not in its place. A chain
 * that takes the whole ring is never too long: it loses such a one as it gains another, so that it is no shorter than before.
 */
function dropOne(board: Board, shard: ShardId, start: number, lengthBefore: number): void {
  const chain = board.chains[shard] as Chain;
  const { placed, next } = progress(board, chain, start);
  const misplaced = chain.members.filter((id) => !placed.has(id));
  const again = misplaced.find((id) => id === next);
  const { length } = chain.members;
  if (length > board.length) leave(board, shard, again ?? (misplaced[0] as MemberId));
  else if (board.length === board.ring.length && length > lengthBefore && again !== undefined)
    leave(board, shard, again);
}

/** Who is to come next; where he stands in the chain already, or cannot come to a short chain now, anybody. */
function teachOne(board: Board, shard: ShardId, start: number, given: MemberId | undefined): void {
  const chain = board.chains[shard] as Chain;
  const { next } = progress(board, chain, start);
  if (next === undefined) return;
  const isShort = chain.members.length < board.length;
  const may = (position: number): boolean => {
    const { id } = board.ring[position] as Member;
    return id !== given && !chain.members.includes(id) && mayLearn(board, position);
  };
  const position = board.positions.get(next) as number;
  if (may(position)) teach(board, shard, position);
  else if (isShort || chain.members.includes(next)) {
    const size = board.ring.length;
    for (let steps = 1; steps < size; steps++) {
      const other = (start + steps) % size;
      if (!may(other)) continue;
      teach(board, shard, other);
      return;
    }
  }
}
