/**
 * The bytes this server keeps: staged as they pass, kept once a log entry names them, retired when nothing does.
 * No staged upload outlives its owner's place in the view (brief §5).
 */
import { type Chunk, chunkCount, type Manifest } from '../file.js';
import type { Incarnation, MemberId, ShardId, UploadId } from '../ids.js';
import { hasIndex, missingIn, NO_RANGES, type Ranges, withIndex, withoutIndex } from '../ranges.js';
import type { HeldUpload } from '../state.js';
import { NEVER } from '../timers.js';
import { put, type Turn, tell, wakeBy } from '../turn.js';
import { isMember } from '../view/view.js';

export interface Owner {
  readonly member: MemberId;
  readonly incarnation: Incarnation;
}

/** Reads the owner out of an upload's name, `<member>.<incarnation>.<count>`. */
export function ownerOf(upload: UploadId): Owner {
  const countAt = upload.lastIndexOf('.');
  const lifeAt = upload.lastIndexOf('.', countAt - 1);
  return { member: upload.slice(0, lifeAt), incarnation: Number(upload.slice(lifeAt + 1, countAt)) };
}

function changeHeld(turn: Turn, upload: UploadId, before: HeldUpload | undefined, held: HeldUpload): void {
  const { state } = turn;
  state.held = state.held.set(upload, held);
  const [wasStaged, isStaged] = [before?.phase === 'staged', held.phase === 'staged'];
  if (wasStaged === isStaged) return;
  state.staged = isStaged ? state.staged.set(upload, held.shard) : state.staged.delete(upload);
}

/**
 * Writes a chunk, unless it is here already, or its owner has no place in the view.
 * @returns whether the chunk was new.
 */
export function stage(turn: Turn, shard: ShardId, chunk: Chunk): boolean {
  const { state } = turn;
  // A full disk takes nothing: what is needed all the same is asked for again when there is room.
  if (state.fullDisks.has(state.self)) return false;
  const held = state.held.get(chunk.upload);
  if (held !== undefined && (held.phase === 'retired' || hasIndex(held.chunks, chunk.index))) return false;
  if (held === undefined && !hasOwner(turn, chunk.upload)) return false;
  const chunks = withIndex(held?.chunks ?? NO_RANGES, chunk.index);
  changeHeld(turn, chunk.upload, held, { shard, chunks, phase: held?.phase ?? 'staged', dropAtMs: NEVER });
  put(turn, { kind: 'store-chunk', shard, chunk });
  tell(turn, { fact: 'chunk-staged', upload: chunk.upload, index: chunk.index });
  mended(turn, chunk);
  return true;
}

/** Makes room for repair chunks of an upload whose owner may be gone: a log entry or a file waits for them. */
export function expect(turn: Turn, shard: ShardId, upload: UploadId): void {
  const held = turn.state.held.get(upload);
  if (held !== undefined) {
    // Left from an earlier life, or from an earlier turn in this chain, and needed after all.
    if (held.phase === 'retired') changeHeld(turn, upload, held, { ...held, phase: 'staged', dropAtMs: NEVER });
    return;
  }
  changeHeld(turn, upload, undefined, { shard, chunks: NO_RANGES, phase: 'staged', dropAtMs: NEVER });
}

export function missingOf(turn: Turn, manifest: Manifest): Ranges {
  return missingOfUpload(turn, manifest.upload, 0, chunkCount(manifest));
}

export function missingOfUpload(turn: Turn, upload: UploadId, from: number, to: number): Ranges {
  return missingIn(turn.state.held.get(upload)?.chunks ?? NO_RANGES, from, to);
}

/** The store has lost a chunk, or it is rotten there: it does not count as held any more (hazard 7). */
export function forgetChunk(turn: Turn, upload: UploadId, index: number): void {
  const held = turn.state.held.get(upload);
  if (held !== undefined) changeHeld(turn, upload, held, { ...held, chunks: withoutIndex(held.chunks, index) });
}

/** A chunk that was fetched from another holder is here again. */
function mended(turn: Turn, { upload, index }: Chunk): void {
  const { mending } = turn.state;
  if (mending.size > 0) turn.state.mending = mending.delete(mendingKey(upload, index));
}

export const mendingKey = (upload: UploadId, index: number): string => `${upload}#${index}`;

/** A log entry names this upload: it stays until that is undone. */
export function keep(turn: Turn, upload: UploadId): void {
  const held = turn.state.held.get(upload);
  if (held !== undefined && held.phase !== 'kept')
    changeHeld(turn, upload, held, { ...held, phase: 'kept', dropAtMs: NEVER });
}

/** Nothing names it any more: it goes after a grace, for readers of the version that was. */
export function retire(turn: Turn, upload: UploadId): void {
  const held = turn.state.held.get(upload);
  if (held === undefined || held.phase === 'retired') return;
  const dropAtMs = turn.now + turn.state.limits.retiredGraceMs;
  changeHeld(turn, upload, held, { ...held, phase: 'retired', dropAtMs });
  turn.state.retiring = turn.state.retiring.push({ upload, atMs: dropAtMs });
  wakeBy(turn, 'held', dropAtMs);
}

/** A reader still uses it. @returns whether the bytes are here. */
export function pin(turn: Turn, upload: UploadId): boolean {
  const held = turn.state.held.get(upload);
  if (held === undefined) return false;
  const dropAtMs = turn.now + turn.state.limits.retiredGraceMs;
  if (held.phase === 'retired' && dropAtMs > held.dropAtMs) changeHeld(turn, upload, held, { ...held, dropAtMs });
  return true;
}

function drop(turn: Turn, upload: UploadId, why: 'replaced' | 'abandoned' | 'owner-gone'): void {
  turn.state.held = turn.state.held.delete(upload);
  turn.state.staged = turn.state.staged.delete(upload);
  put(turn, { kind: 'drop-upload', upload });
  tell(turn, { fact: 'upload-dropped', upload, why });
}

/** An abandoned upload is forgotten, unless a log entry took it up. */
export function abandon(turn: Turn, upload: UploadId): void {
  if (turn.state.held.get(upload)?.phase === 'staged') drop(turn, upload, 'abandoned');
}

/** The held timer: drops what is due, in the order of retiring; what was pinned meanwhile goes to the end. */
export function dropDue(turn: Turn): void {
  for (;;) {
    const first = turn.state.retiring.peek();
    if (first === undefined) return;
    if (first.atMs > turn.now) {
      wakeBy(turn, 'held', first.atMs);
      return;
    }
    turn.state.retiring = turn.state.retiring.shift();
    const held = turn.state.held.get(first.upload);
    if (held === undefined || held.phase !== 'retired') continue;
    if (held.dropAtMs <= turn.now) drop(turn, first.upload, 'replaced');
    else turn.state.retiring = turn.state.retiring.push({ upload: first.upload, atMs: held.dropAtMs });
  }
}

/** A new view: staged uploads whose owner has lost its place go. */
export function onView(turn: Turn): void {
  for (const upload of turn.state.staged.keys()) if (!hasOwner(turn, upload)) drop(turn, upload, 'owner-gone');
}

/** Whoever was given it still has its place. */
function hasOwner({ state }: Turn, upload: UploadId): boolean {
  const { member, incarnation } = ownerOf(upload);
  return isMember(state.view, member, incarnation);
}
