/**
 * Draws a random fault that the chains must survive. Pure over a view of the world and a random stream.
 * The rule: fewer servers are struck at one time than keep each file, and each chain has a sound member that is not among
 * them. What costs no server its place or its data (a reset link, a lost notice, a slow disk) counts as striking nobody.
 */
import type { MemberId } from '../../core/ids.js';
import type { ChaosWord } from '../scenario/fault-words.js';
import type { RandomStream } from '../world-api.js';
import { CHAOS_DRAWS } from './chaos-draws.js';
import { type ChaosScene, type ChaosStrike, isSound, mayLoseAllPower } from './chaos-scene.js';

/** @returns undefined when nothing of what there is to draw can be struck now. */
export function drawChaos(
  words: readonly ChaosWord[],
  scene: ChaosScene,
  random: RandomStream,
): ChaosStrike | undefined {
  const left = [...words];
  while (left.length > 0) {
    const [word] = left.splice(random.int(0, left.length - 1), 1) as [ChaosWord];
    const strike = CHAOS_DRAWS[word](scene, random);
    if (strike !== undefined && isSurvivable(scene, strike)) return strike;
  }
  return undefined;
}

/** Whether no more are struck than may be, and each chain keeps a sound member; or the whole ring is, at rest. */
export function isSurvivable(scene: ChaosScene, { struck }: Pick<ChaosStrike, 'struck'>): boolean {
  if (struck.length === 0) return true;
  if (isWholeRing(scene, struck)) return mayLoseAllPower(scene);
  const all = new Set([...scene.struck, ...struck]);
  if (all.size > scene.atMost) return false;
  return scene.view.chains.every(({ members }) => members.some((id) => !all.has(id) && isSound(scene, id)));
}

export const isWholeRing = ({ servers }: ChaosScene, ids: readonly MemberId[]): boolean =>
  ids.length > 1 && servers.every(({ id, process }) => process === 'down' || ids.includes(id));
