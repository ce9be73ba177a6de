/** The table of readers: clients of this server that wait for an answer to a get or a stat. */
import { copyOfReader, copyOfReads } from '../copies.js';
import type { RequestId } from '../ids.js';
import type { Answer } from '../output.js';
import type { Reader, ReadsState } from '../reads-state.js';
import { put, type Turn } from '../turn.js';

export function changeReads(turn: Turn, change: Partial<ReadsState>): void {
  turn.state.reads = Object.assign(copyOfReads(turn.state.reads), change);
}

export function readerOf(turn: Turn, request: RequestId): Reader | undefined {
  return turn.state.reads.readers.get(request);
}

export function changeReader(turn: Turn, reader: Reader, change: Partial<Reader>): void {
  const changed = Object.assign(copyOfReader(reader), change);
  changeReads(turn, { readers: turn.state.reads.readers.set(reader.request, changed) });
}

/** The last word to a reader. Lists that still name it pass it over. */
export function finishReader(turn: Turn, request: RequestId, answer: Answer): void {
  forgetReader(turn, request);
  put(turn, { kind: 'answer', request, answer });
}

/** Takes a reader out of the table and of its reading; a reading without readers ends. */
export function forgetReader(turn: Turn, request: RequestId): void {
  const { reads } = turn.state;
  const reader = reads.readers.get(request);
  if (reader === undefined) return;
  changeReads(turn, { readers: reads.readers.delete(request) });
  if (reads.unconfirmed.has(request)) changeReads(turn, { unconfirmed: reads.unconfirmed.delete(request) });
  const queued = reads.queued.get(reader.path)?.filter((other) => other !== request);
  if (queued !== undefined) {
    changeReads(turn, {
      queued: queued.length > 0 ? reads.queued.set(reader.path, queued) : reads.queued.delete(reader.path),
    });
  }
  if (reader.upload === undefined) return;
  const reading = reads.readings.get(reader.upload);
  if (reading === undefined) return;
  const readers = reading.readers.filter((other) => other !== request);
  const { readings } = turn.state.reads;
  changeReads(turn, {
    readings:
      readers.length > 0 ? readings.set(reading.upload, { ...reading, readers }) : readings.delete(reading.upload),
  });
}
