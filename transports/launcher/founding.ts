/**
 * The settings that a ring agrees on when it is founded, and never changes: what was wished, what it becomes, and
 * whether a wish contradicts the ring that is there. Pure.
 */
import { sizeText } from '../../core/units.js';
import type { Durability, Settings } from '../../core/view/view.js';
import type { ConfigProblem, Fields, StoreKind } from './config-fields.js';

/** Only what was said plainly. */
export interface FoundingWish {
  readonly durability?: Durability;
  readonly chainLength?: number;
  readonly minReplicas?: number;
  readonly shards?: number;
  readonly chunkBytes?: number;
  readonly streamBytes?: number;
}

export const DEFAULT_CHAIN_LENGTH = 3;
export const DEFAULT_SHARDS = 128;
export const DEFAULT_CHUNK_BYTES = 256 * 1024;
export const DEFAULT_STREAM_BYTES = 4 * 1024 * 1024;

/** The bubble rule needs three. */
const TRANSIT_SLOTS_MIN = 3;

/**
 * Synced, wherever there is a disk, also for a ring on one machine: what a client was told is stored must still be there
 * after the power failed, unless somebody said plainly that less will do. `os` is faster, and forgets up to the last
 * seconds when a whole machine goes down, and on one machine that is every copy at once.
 */
export const defaultDurability = (store: StoreKind): Durability => (store === 'memory' ? 'memory' : 'fsync');

/** The settings with which a ring is founded. Sound only after `foundingProblems` found nothing. */
export function foundingSettings(wish: FoundingWish, store: StoreKind): Settings {
  const chainLength = wish.chainLength ?? DEFAULT_CHAIN_LENGTH;
  const chunkBytes = wish.chunkBytes ?? DEFAULT_CHUNK_BYTES;
  return {
    durability: wish.durability ?? defaultDurability(store),
    chainLength,
    minReplicas: wish.minReplicas ?? Math.min(2, chainLength),
    shards: wish.shards ?? DEFAULT_SHARDS,
    chunkBytes,
    transitSlots: transitSlots(wish, chunkBytes),
  };
}

/** One sentence for every wish that the settings of an existing ring contradict. */
export function foundingConflicts(wish: FoundingWish, settings: Settings): readonly string[] {
  const pairs: readonly (readonly [string, number | string | undefined, number | string])[] = [
    ['durability', wish.durability, settings.durability],
    ['chain', wish.chainLength, settings.chainLength],
    ['min-replicas', wish.minReplicas, settings.minReplicas],
    ['shards', wish.shards, settings.shards],
    ['chunk', textOf(wish.chunkBytes), sizeText(settings.chunkBytes)],
    [
      'stream',
      wish.streamBytes === undefined ? undefined : `${transitSlots(wish, settings.chunkBytes)} chunks`,
      `${settings.transitSlots} chunks`,
    ],
  ];
  return pairs
    .filter(([, wished, is]) => wished !== undefined && wished !== is)
    .map(([key, wished, is]) => `${key} is ${is} in this ring since its founding, and cannot be ${wished}`);
}

const textOf = (bytes: number | undefined): string | undefined => (bytes === undefined ? undefined : sizeText(bytes));

const transitSlots = (wish: FoundingWish, chunkBytes: number): number =>
  Math.floor((wish.streamBytes ?? Math.max(DEFAULT_STREAM_BYTES, TRANSIT_SLOTS_MIN * chunkBytes)) / chunkBytes);

type Sound = { readonly [Name in keyof Fields]?: Fields[Name] };

export function foundingWish(sound: Sound): FoundingWish {
  return {
    ...(sound.durability !== undefined && { durability: sound.durability }),
    ...(sound.chain !== undefined && { chainLength: sound.chain }),
    ...(sound['min-replicas'] !== undefined && { minReplicas: sound['min-replicas'] }),
    ...(sound.shards !== undefined && { shards: sound.shards }),
    ...(sound.chunk !== undefined && { chunkBytes: sound.chunk }),
    ...(sound.stream !== undefined && { streamBytes: sound.stream }),
  };
}

/** What is wrong between several founding settings that are sound by themselves. */
export function foundingProblems(sound: Sound, store: StoreKind): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const say = (key: keyof Fields, message: string, suggestion?: string): void => {
    problems.push({ key, message, suggestion, isKey: false });
  };
  const wish = foundingWish(sound);
  const { chainLength, minReplicas, chunkBytes } = foundingSettings(wish, store);
  if (minReplicas > chainLength) {
    say('min-replicas', `${minReplicas} is more than the ${chainLength} servers of a chain: nothing could be written`);
  }
  if (transitSlots(wish, chunkBytes) < TRANSIT_SLOTS_MIN) {
    const least = sizeText(TRANSIT_SLOTS_MIN * chunkBytes);
    say('stream', `a server must hold at least three chunks of ${sizeText(chunkBytes)} in transit`, least);
  }
  if (store === 'memory' && wish.durability !== undefined && wish.durability !== 'memory') {
    say('durability', `a store in memory cannot promise "${wish.durability}"`, 'memory');
  }
  return problems;
}
