/** Everything that can happen in a small world, each state once, shortest paths first: until a promise is broken. */
import { checkFileHistory, explainFileHistory } from '../checkers/linearizable/check-file-history.js';
import type { Cast } from './cast.js';
import { broken } from './promises.js';
import { type Move, SmallWorld } from './small-world.js';
import { StateKeys } from './state-key.js';

export interface Exploration {
  /** Different states that were seen. */
  readonly states: number;
  /** Those in which nothing more can happen. */
  readonly ends: number;
  /** Of those: somebody waits for an answer, which only time would bring. */
  readonly waitingEnds: number;
  /** Longest path, in moves. */
  readonly depth: number;
  /** The limit was reached: there is more. */
  readonly isCut: boolean;
  /** Undefined: everything held. */
  readonly violation: { readonly what: readonly string[]; readonly path: readonly string[] } | undefined;
}

interface Node {
  readonly world: SmallWorld;
  readonly before: Node | undefined;
  readonly move: Move | undefined;
  readonly depth: number;
}

export function explore(cast: Cast, statesMax = 1_000_000): Exploration {
  const keys = new StateKeys();
  const first: Node = { world: SmallWorld.of(cast), before: undefined, move: undefined, depth: 0 };
  const seen = new Set<number>([keys.of(first.world.parts)]);
  const queue: (Node | undefined)[] = [first];
  let [ends, waitingEnds, depth] = [0, 0, 0];
  const result = (isCut: boolean, violation?: Exploration['violation']): Exploration => ({
    ...{ states: seen.size, ends, waitingEnds, depth, isCut, violation },
  });
  for (let at = 0; at < queue.length; at++) {
    const node = queue[at] as Node;
    queue[at] = undefined;
    const moves = node.world.moves();
    if (moves.length === 0) {
      ends++;
      if (node.world.isAnybodyWaiting) waitingEnds++;
    }
    depth = node.depth;
    for (const move of moves) {
      const world = node.world.after(move);
      const key = keys.of(world.parts);
      if (seen.has(key)) continue;
      seen.add(key);
      const next: Node = { world, before: node, move, depth: node.depth + 1 };
      const what = brokenIn(world, node.world);
      if (what.length > 0) return result(true, { what, path: pathTo(next) });
      if (seen.size > statesMax) return result(true);
      queue.push(next);
    }
  }
  return result(false);
}

function brokenIn(world: SmallWorld, before: SmallWorld): readonly string[] {
  if (world.complaint !== undefined) return [world.complaint];
  const lost = broken(world);
  if (lost.length > 0 || world.answers === before.answers) return lost;
  const verdict = checkFileHistory(world.history);
  return verdict.verdict === 'linearizable' ? [] : explainFileHistory(verdict);
}

function pathTo(node: Node): readonly string[] {
  const path: string[] = [];
  for (let at: Node | undefined = node; at?.before !== undefined; at = at.before) {
    path.push(at.before.world.textOf(at.move as Move));
  }
  return path.reverse();
}
