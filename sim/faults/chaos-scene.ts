/**
 * What a draw of chaos looks at and what it brings forth, and a few questions to the scene. Knows no word of chaos.
 */
import type { MemberId } from '../../core/ids.js';
import { isMember, type View } from '../../core/view/view.js';
import type { FaultAction, Group, Who } from '../scenario/scenario.js';
import type { RandomStream, ServerHandle } from '../world-api.js';

export type SceneServer = Pick<ServerHandle, 'id' | 'incarnation' | 'process'>;

/** What a draw looks at. */
export interface ChaosScene {
  readonly view: View;
  readonly servers: readonly SceneServer[];
  /** Of these servers one was never started, or has left: they can come. */
  readonly spares: readonly MemberId[];
  readonly gone: readonly MemberId[];
  /** Struck, and not back yet. */
  readonly struck: ReadonlySet<MemberId>;
  /** All chains have been full for a while. */
  readonly isCalm: boolean;
  /** Of whose disk there is a copy. */
  readonly snapshots: ReadonlySet<MemberId>;
  /** Troubles that last: word and server. */
  readonly lasting: ReadonlySet<string>;
  /** Paths that have been put. */
  readonly paths: readonly string[];
  /** Servers that may be struck at one time. */
  readonly atMost: number;
}

/** What is struck, all of it at once. */
export interface ChaosStrike {
  readonly faults: readonly FaultAction[];
  /** Those whom it costs their place or their data: they count until they are back. */
  readonly struck: readonly MemberId[];
  /** A record of theirs is bad until they find it. */
  readonly rotten?: true;
  /** Goes for good. */
  readonly leaves?: true;
  /** Names of what lasts, for `lasting`. */
  readonly lasts?: string;
}

export type Draw = (scene: ChaosScene, random: RandomStream) => ChaosStrike | undefined;

/** All disks at once: only what is synced is left, and nothing may be amiss before. */
export const mayLoseAllPower = ({ view, struck, isCalm, atMost }: ChaosScene): boolean =>
  isCalm && atMost > 0 && struck.size === 0 && view.settings.durability === 'fsync';

/** Runs, in the life that the view means. */
export function isSound({ view, servers }: Pick<ChaosScene, 'view' | 'servers'>, id: MemberId): boolean {
  const server = servers.find((one) => one.id === id);
  return server?.process === 'running' && isMember(view, id, server.incarnation);
}

/** Every chain has all the members it can have, and all of them are sound. @param there servers that take part. */
export function isFull(scene: Pick<ChaosScene, 'view' | 'servers'>, there: number): boolean {
  const { chains, settings } = scene.view;
  const wanted = Math.min(settings.chainLength, there);
  return chains.every(
    ({ members, lost }) => lost.length === 0 && members.length >= wanted && members.every((id) => isSound(scene, id)),
  );
}

export const named = (id: MemberId): Who => ({ kind: 'server', id });
export const only = (...ids: readonly MemberId[]): Group => ({ kind: 'list', who: ids.map(named) });
