/**
 * What a fault has to work with, and what comes of a strike. Types, and the strikes that most faults are made of.
 */
import type { MemberId } from '../../core/ids.js';
import type { Group } from '../scenario/scenario.js';
import type { RandomStream, Undo, World } from '../world-api.js';
import type { Cast, Fit } from './cast.js';
import type { NetworkDamage } from './network-damage.js';
import type { ProcessDamage } from './process-damage.js';

export interface FaultTools {
  readonly world: World;
  readonly cast: Cast;
  readonly network: NetworkDamage;
  readonly processes: ProcessDamage;
}

interface Hit {
  readonly who: MemberId;
  readonly text: string;
}

/** What a fault did. */
export interface Blow {
  /** For the story: `n2 crashes`; the servers it hit and what happened to them. */
  readonly hits: readonly Hit[];
  /** How to end it; undefined: it has no end of its own. */
  readonly undo: Undo | undefined;
  readonly ending: string;
}

/** A fault that struck. */
export interface Strike extends Blow {
  /** Its word: what it is counted under. */
  readonly name: string;
}

/** Something that is over as it happens. */
export const once = (text: string, who: MemberId = ''): Blow => ({
  hits: [{ who, text }],
  undo: undefined,
  ending: '',
});

/** @returns one that ends all of them. */
export function allOf(undos: readonly Undo[]): Undo {
  return () => {
    for (const undo of undos) undo();
  };
}

/** Names, as long as they are few. */
export const groupText = (ids: readonly MemberId[]): string =>
  ids.length <= 8 ? ids.join(' ') : `${ids.length} servers`;

/** The servers of a group that suit, without spares: nothing can happen to what was never started. */
export function victims(group: Group, { cast }: FaultTools, suits: Fit, random: RandomStream): readonly MemberId[] {
  return cast.several(group, (server) => suits(server) && !cast.isSpare(server), random);
}

/** How a trouble of one server is told: `n2's disk is full`. */
export interface Words {
  /** With the server's name in it. */
  readonly struck: (id: MemberId) => string;
  /** Undefined: it has no end. */
  readonly over: ((id: MemberId) => string) | undefined;
}

/** Each server by itself: some may have nothing to strike. */
export function eachOf(
  ids: readonly MemberId[],
  strike: (id: MemberId) => Undo | undefined,
  { struck, over }: Words,
): Blow | undefined {
  const undos: Undo[] = [];
  const hit = ids.filter((id) => {
    const undo = strike(id);
    if (undo !== undefined) undos.push(undo);
    return undo !== undefined;
  });
  if (hit.length === 0) return undefined;
  const hits = hit.map((id) => ({ who: '', text: struck(id) }));
  return over === undefined
    ? { hits, undo: undefined, ending: '' }
    : { hits, undo: allOf(undos), ending: hit.map(over).join('; ') };
}
