/**
 * Evening out who keeps how much, where all chains are full and nobody is learning: a member with few chains learns one
 * of a member with many, and the chain, too long once it is promoted, then loses the one that serves most. A move is
 * made only between members that differ by two or more, so that every move evens out and moving comes to rest.
 */
import type { ShardId } from '../ids.js';
import { type Board, keepersAt, mayLearn, teach } from './board.js';
import type { Chain } from './view.js';

/** @param movesMax moves that one view begins: each costs the copy of a shard. */
export function balance(board: Board, movesMax: number): void {
  // Loads as they will be when the moves are done: who is taught has gained already, who will be dropped has not lost yet.
  const awaited = [...board.loads];
  for (let moves = 0; moves < movesMax; moves++) {
    const fewest = fewestOf(board, awaited);
    const most = mostOf(board, awaited);
    if (fewest === undefined || most - (awaited[fewest] as number) < 2) return;
    const move = nearestChain(board, awaited, fewest, most);
    if (move === undefined) return;
    teach(board, move.shard, fewest);
    awaited[fewest] = (awaited[fewest] as number) + 1;
    awaited[move.from] = most - 1;
  }
}

const isLower = (board: Board, a: number, b: number): boolean =>
  (board.ring[a]?.id as string) < (board.ring[b]?.id as string);

/** Whoever may learn and keeps fewest chains; of several the lowest id. */
function fewestOf(board: Board, loads: readonly number[]): number | undefined {
  let fewest: number | undefined;
  loads.forEach((load, position) => {
    if (!mayLearn(board, position)) return;
    const least = fewest === undefined ? Number.POSITIVE_INFINITY : (loads[fewest] as number);
    if (load < least || (load === least && isLower(board, position, fewest as number))) fewest = position;
  });
  return fewest;
}

function mostOf(board: Board, loads: readonly number[]): number {
  let most = 0;
  loads.forEach((load, position) => {
    if (!board.leaving.has(board.ring[position]?.id as string)) most = Math.max(most, load);
  });
  return most;
}

interface Move {
  readonly shard: ShardId;
  /** Ring position of the chain's member that serves most. */
  readonly from: number;
}

/**
 * A chain of one who serves most, without the learner: rather one between whose tail and head the learner stands, near
 * the tail, so that chain order stays ring order.
 */
function nearestChain(board: Board, loads: readonly number[], learner: number, most: number): Move | undefined {
  const size = board.ring.length;
  let best: Move | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  board.chains.forEach(({ learners }: Chain, shard) => {
    if (learners.length > 0) return;
    const keepers = keepersAt(board, shard);
    const from = keepers.find((position) => loads[position] === most);
    if (from === undefined || keepers.includes(learner)) return;
    const tail = keepers[keepers.length - 1] as number;
    const head = keepers[0] as number;
    const behindTail = (learner - tail + size) % size;
    const isBetween = head === tail || behindTail < (head - tail + size) % size;
    const cost = isBetween ? behindTail : behindTail + size;
    if (cost < bestCost) [best, bestCost] = [{ shard, from }, cost];
  });
  return best;
}
