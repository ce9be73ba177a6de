/**
 * Which members keep which shard: at founding, and how chains are refilled, shortened and evened out later. In-sync
 * members are never reordered; whoever comes into a chain comes as a learner behind its tail. Applied again and again it
 * comes to rest. Pure; knows views, nothing else.
 */
import type { MemberId, ShardId } from '../ids.js';
import { arrange, startOf } from './arrangement.js';
import { balance } from './balance.js';
import { type Board, boardOf, keepersAt, leave, mayLearn, teach } from './board.js';
import { type Chain, type Member, makeView, type Settings, type View } from './view.js';

/**
 * Chains of consecutive members, heads spread evenly: consecutive chains cross the fewest links, since a file then
 * travels from its head to its tail without leaving the chain.
 */
export function placeChains(members: readonly Member[], settings: Settings): readonly Chain[] {
  const length = Math.min(settings.chainLength, members.length);
  const chains: Chain[] = [];
  for (let shard = 0; shard < settings.shards; shard++) {
    const start = startOf(shard, members.length, settings.shards);
    const chain: string[] = [];
    for (let i = 0; i < length; i++) chain.push((members[(start + i) % members.length] as Member).id);
    chains.push({ members: chain, learners: [], lost: [] });
  }
  return chains;
}

/** The first view of a cluster. */
export function foundingView(members: readonly Member[], clusterId: string, settings: Settings): View {
  return makeView({ epoch: 1, clusterId, settings, ring: members, chains: placeChains(members, settings) });
}

export interface Assignment {
  /** The ring of the next view, with those who come and without those who go. */
  readonly ring: readonly Member[];
  /** As promotion and revival have left them. */
  readonly chains: readonly Chain[];
  readonly leaving: ReadonlySet<MemberId>;
  readonly fullDisks: ReadonlySet<MemberId>;
  /** Learners that were taken off: not tried again by the same view. */
  readonly given: ReadonlyMap<ShardId, MemberId>;
  readonly learningMax: number;
  /** Nothing was ever written: moving a shard costs no copy. */
  readonly isUnwritten: boolean;
}

/** Chains that are too long lose a member, short ones get a learner; if there is neither, the loads are evened out. */
export function placed(view: View, assignment: Assignment): readonly Chain[] {
  const board = boardOf(view.settings, assignment);
  if (isArranged(assignment)) {
    arrange(board, view.chains, assignment.given);
    return board.chains;
  }
  // Those who have only just brought a shard back stay together for a view.
  for (const shard of assignment.chains.keys()) if (view.chains[shard]?.lost.length === 0) shorten(board, shard);
  for (const shard of shortest(board)) refill(board, shard, assignment.given.get(shard));
  const isSettled = board.chains.every(
    (chain, shard) => chain.lost.length > 0 || (isFull(board, shard) && chain.members.length === board.length),
  );
  if (isSettled && board.chains.every(({ learners }) => learners.length === 0)) balance(board, assignment.learningMax);
  return board.chains;
}

/** In calm only: who leaves, is full, or may bring a shard back is seen to as ever. */
const isArranged = ({ isUnwritten, leaving, fullDisks, chains }: Assignment): boolean =>
  isUnwritten && leaving.size + fullDisks.size === 0 && chains.every(({ lost }) => lost.length === 0);

/** Short chains whose learners were taken off get another one. */
export function refilled(view: View, assignment: Omit<Assignment, 'isUnwritten'>): readonly Chain[] {
  const board = boardOf(view.settings, assignment);
  for (const [shard, learner] of assignment.given) if (!isFull(board, shard)) refill(board, shard, learner);
  return board.chains;
}

/** Members of the chain that stay in the ring. */
function stayingIn(board: Board, { members }: Chain): number {
  return board.leaving.size === 0 ? members.length : members.filter((id) => !board.leaving.has(id)).length;
}

const isFull = (board: Board, shard: ShardId): boolean =>
  stayingIn(board, board.chains[shard] as Chain) >= board.length;

/** A chain that is too long loses one member: whoever leaves, then whoever serves most, then who is nearest the head. */
function shorten(board: Board, shard: ShardId): void {
  const chain = board.chains[shard] as Chain;
  if (chain.members.length <= board.length) return;
  const leaving = chain.members.filter((id) => board.leaving.has(id));
  const candidates = leaving.length > 0 ? leaving : chain.members;
  let most = candidates[0] as MemberId;
  for (const id of candidates) if (loadOf(board, id) > loadOf(board, most)) most = id;
  leave(board, shard, most);
}

const loadOf = (board: Board, id: MemberId): number => board.loads[board.positions.get(id) as number] as number;

/** Chains that want a learner, those with the fewest copies first: not all may get one. */
function shortest(board: Board): readonly ShardId[] {
  const short: { readonly shard: ShardId; readonly copies: number }[] = [];
  board.chains.forEach((chain, shard) => {
    if (chain.members.length === 0 || chain.learners.length > 0 || isFull(board, shard)) return;
    short.push({ shard, copies: stayingIn(board, chain) });
  });
  return short.sort((a, b) => a.copies - b.copies || a.shard - b.shard).map(({ shard }) => shard);
}

/**
 * The first member clockwise from the tail to the head that has room, so that chain order stays ring order; then the
 * first one elsewhere; then, since a copy more is worth more than even loads, the one that serves fewest.
 */
function refill(board: Board, shard: ShardId, notThis: MemberId | undefined): void {
  const keepers = keepersAt(board, shard);
  const size = board.ring.length;
  const tail = keepers[keepers.length - 1] as number;
  let fewest: number | undefined;
  // From the tail clockwise the members between tail and head come first, and the others behind them.
  for (let steps = 1; steps < size; steps++) {
    const position = (tail + steps) % size;
    if (!mayLearn(board, position) || board.ring[position]?.id === notThis || keepers.includes(position)) continue;
    const load = board.loads[position] as number;
    if (load < board.evenLoad) {
      teach(board, shard, position);
      return;
    }
    if (fewest === undefined || load < (board.loads[fewest] as number)) fewest = position;
  }
  if (fewest !== undefined) teach(board, shard, fewest);
}
