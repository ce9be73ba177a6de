/**
 * What one write takes to the disk: records laid out one behind the other from a place on. Heads, texts and small bodies
 * are put together in one buffer; larger bodies are written from where they are.
 */
import { type FileSystem, noSpace } from './file-system.js';
import { type Draft, encodeInto, HEAD_BYTES, offsetOf, type Place, segmentOf, textBytesOf } from './record.js';
import type { SegmentFiles } from './segment-files.js';

interface Laid {
  readonly draft: Draft;
  readonly place: Place;
  readonly bytes: number;
}

export interface Group {
  readonly laid: readonly Laid[];
  readonly buffers: readonly Buffer[];
  readonly start: Place;
  readonly bytes: number;
}

/** A body that is not longer is copied: that costs less than one more buffer in the write. */
const COPIED_BYTES_MAX = 8 * 1024;

/** Written at once without a look at the clock. */
const PIECE_BYTES = 512 * 1024;

const isCopied = (body: Buffer): boolean => body.length <= COPIED_BYTES_MAX;

/** @param reused for heads, texts and small bodies, if they are not more; used until the group is written */
export function layOut(drafts: readonly Draft[], start: Place, salt: number, syncedTo: Place, reused: Buffer): Group {
  let slabBytes = 0;
  for (const draft of drafts) {
    slabBytes += HEAD_BYTES + textBytesOf(draft);
    if (draft.body !== undefined && isCopied(draft.body)) slabBytes += draft.body.length;
  }
  const slab = slabBytes <= reused.length ? reused : Buffer.allocUnsafe(slabBytes);
  const laid: Laid[] = [];
  const buffers: Buffer[] = [];
  let place = start;
  let [from, to] = [0, 0];
  for (const draft of drafts) {
    const { body } = draft;
    const begin = to;
    to = encodeInto(slab, to, draft, salt, syncedTo);
    let bytes = to - begin;
    if (body !== undefined && isCopied(body)) {
      to += body.copy(slab, to);
      bytes = to - begin;
    } else if (body !== undefined) {
      buffers.push(slab.subarray(from, to), body);
      from = to;
      bytes += body.length;
    }
    laid.push({ draft, place, bytes });
    place += bytes;
  }
  if (to > from) buffers.push(slab.subarray(from, to));
  return { laid, buffers, start, bytes: place - start };
}

export interface Written {
  /** Bytes. */
  readonly written: number;
  readonly isSlow: boolean;
}

/**
 * At once, in pieces, as long as the disk is quick: a write may have to wait for it, and the event loop with that.
 * @param slowMs no more is written when a piece took longer @throws what the system says
 */
export function writeNow(system: FileSystem, files: SegmentFiles, group: Group, slowMs: number): Written {
  const { start, buffers, bytes } = group;
  const segment = segmentOf(start);
  const descriptor = files.borrow(segment);
  try {
    let written = 0;
    while (written < bytes) {
      const begunAt = performance.now();
      const more = system.writevSync(descriptor, piece(buffers, written, PIECE_BYTES), offsetOf(start) + written);
      if (more === 0) throw noSpace();
      written += more;
      if (performance.now() - begunAt > slowMs) return { written, isSlow: true };
    }
    return { written, isSlow: false };
  } finally {
    files.giveBack(segment);
  }
}

/**
 * On another thread: the event loop goes on, whatever the disk does.
 * @param from so many bytes are written already @param done with what the system says, if it failed
 */
export function writeElsewhere(
  system: FileSystem,
  files: SegmentFiles,
  { start, buffers, bytes }: Group,
  from: number,
  done: (failure: unknown) => void,
): void {
  const segment = segmentOf(start);
  let descriptor: number;
  try {
    descriptor = files.borrow(segment);
  } catch (error) {
    setImmediate(done, error);
    return;
  }
  const step = (written: number): void => {
    const left = piece(buffers, written, bytes);
    system.writev(descriptor, left, offsetOf(start) + written, (error, more) => {
      if (error === null && more > 0 && written + more < bytes) {
        step(written + more);
        return;
      }
      files.giveBack(segment);
      done(error ?? (written + more < bytes ? noSpace() : undefined));
    });
  };
  step(from);
}

/** So many bytes at most of what is left of the buffers behind the first `from`. */
function piece(buffers: readonly Buffer[], from: number, bytesMax: number): readonly Buffer[] {
  const some: Buffer[] = [];
  let skipped = from;
  let left = bytesMax;
  for (const buffer of buffers) {
    if (left === 0) break;
    const [begin, end] = [Math.min(skipped, buffer.length), Math.min(buffer.length, skipped + left)];
    skipped -= begin;
    if (begin === end) continue;
    some.push(end - begin === buffer.length ? buffer : buffer.subarray(begin, end));
    left -= end - begin;
  }
  return some;
}
