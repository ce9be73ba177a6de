/**
 * What one write takes to the disk: records laid out one behind the other from a place on. Heads, texts and small bodies
 * are put together in one buffer; larger bodies are written from where they are.
 */
import { fdatasync, writev, writevSync } from 'node:fs';
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

/** What the system does for a log; tests put faults in. */
export interface LogSystem {
  writevSync(descriptor: number, buffers: readonly Buffer[], position: number): number;
  writev(
    descriptor: number,
    buffers: readonly Buffer[],
    position: number,
    done: (error: Error | null, bytes: number) => void,
  ): void;
  fdatasync(descriptor: number, done: (error: Error | null) => void): void;
}

export const REAL_SYSTEM: LogSystem = { writevSync, writev, fdatasync };

/** A body that is not longer is copied: that costs less than one more buffer in the write. */
const COPIED_BYTES_MAX = 8 * 1024;

const isCopied = (body: Buffer): boolean => body.length <= COPIED_BYTES_MAX;

export function layOut(drafts: readonly Draft[], start: Place, salt: number, syncedTo: Place): Group {
  let slabBytes = 0;
  for (const draft of drafts) {
    slabBytes += HEAD_BYTES + textBytesOf(draft);
    if (draft.body !== undefined && isCopied(draft.body)) slabBytes += draft.body.length;
  }
  const slab = Buffer.allocUnsafe(slabBytes);
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

/** At once. @throws what the system says */
export function writeNow(system: LogSystem, files: SegmentFiles, { start, buffers, bytes }: Group): void {
  const segment = segmentOf(start);
  const descriptor = files.borrow(segment);
  try {
    for (let written = 0; written < bytes; ) {
      const more = system.writevSync(descriptor, rest(buffers, written), offsetOf(start) + written);
      if (more === 0) throw noSpace();
      written += more;
    }
  } finally {
    files.giveBack(segment);
  }
}

/** On another thread: the event loop goes on, whatever the disk does. @param done with what the system says, if it failed */
export function writeElsewhere(
  system: LogSystem,
  files: SegmentFiles,
  { start, buffers, bytes }: Group,
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
    system.writev(descriptor, rest(buffers, written), offsetOf(start) + written, (error, more) => {
      if (error === null && more > 0 && written + more < bytes) {
        step(written + more);
        return;
      }
      files.giveBack(segment);
      done(error ?? (written + more < bytes ? noSpace() : undefined));
    });
  };
  step(0);
}

export const isForSpace = ({ code }: NodeJS.ErrnoException): boolean => code === 'ENOSPC' || code === 'EDQUOT';

const noSpace = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

/** What is left of the buffers behind so many bytes. */
function rest(buffers: readonly Buffer[], from: number): readonly Buffer[] {
  if (from === 0) return buffers;
  let left = from;
  const some: Buffer[] = [];
  for (const buffer of buffers) {
    if (left < buffer.length) some.push(left > 0 ? buffer.subarray(left) : buffer);
    left = Math.max(0, left - buffer.length);
  }
  return some;
}
