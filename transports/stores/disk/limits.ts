/** Every bound of a disk store, with its unit. A leaf. */
export interface DiskLimits {
  /** A segment is complete when it is so long. */
  readonly segmentBytes: number;
  /** What is gathered in one turn of the event loop is written early when it is so much. */
  readonly groupBytesMax: number;
  /** While a slow disk has not taken one group, so much may wait in the next; chunks beyond that are refused. */
  readonly waitingBytesMax: number;
  /** A write that held up the event loop for so long sends what follows to another thread. */
  readonly slowWriteMs: number;
  /** Until no write has taken that long for so long. */
  readonly calmMs: number;
  /** Under fsync the disk is put to work when so much is written and not synced, though nobody waits yet. */
  readonly syncEveryBytes: number;
  /** Chunks lately written or read, kept to be read again; larger ones are the page cache's affair: see chunk-cache.ts. */
  readonly cacheBytes: number;
  readonly cachedChunkBytesMax: number;
  /** Chunks read from the disk at once. */
  readonly readsMax: number;
  /** Segments that are kept open for reading. */
  readonly openSegmentsMax: number;
  /** Files and outcomes that are put into words in one turn of the event loop, and stand in one record. */
  readonly basePartItems: number;
  /** A segment of which a smaller share is needed is emptied; when the disk is full, already with this one. */
  readonly compactedShare: number;
  readonly compactedShareFull: number;
  /** Read, checked and written again at once while a segment is emptied. */
  readonly movedBytes: number;
  /** Records moved, and forgotten, at once: some milliseconds of work. */
  readonly movedRecords: number;
  readonly erasedRecords: number;
  /** Segments are emptied beside everything else while what they waste is no more; then as fast as it goes. */
  readonly wastedBytesMax: number;
  /** Chunks are refused when less is free: room for the log, and for emptying segments. */
  readonly reserveBytes: number;
  /** They are taken again when so much more is free. */
  readonly roomBytes: number;
  /** A file of so many bytes gives way when the log finds no room. */
  readonly reserveFileBytes: number;
  /** How often the system is asked what is free. */
  readonly spaceMs: number;
  /** A disk that had no room counts as full for so long at least. */
  readonly fullMs: number;
}

const KIBI = 1024;
const MEBI = 1024 * KIBI;

/** On a small disk segments are small, so that what is kept free is a small share of it. */
const SEGMENT_BYTES_MAX = 64 * MEBI;
const SEGMENT_BYTES_MIN = MEBI / 4;
const SEGMENTS_AT_LEAST = 64;

/** @param totalBytes what the store may take */
export function limitsFor(totalBytes: number, given: Partial<DiskLimits> = {}): DiskLimits {
  const share = Math.floor(totalBytes / SEGMENTS_AT_LEAST);
  const segmentBytes = given.segmentBytes ?? Math.max(SEGMENT_BYTES_MIN, Math.min(SEGMENT_BYTES_MAX, share));
  return {
    segmentBytes,
    groupBytesMax: Math.min(8 * MEBI, Math.max(MEBI / 4, segmentBytes / 4)),
    waitingBytesMax: 64 * MEBI,
    slowWriteMs: 50,
    calmMs: 1_000,
    syncEveryBytes: 4 * MEBI,
    cacheBytes: 32 * MEBI,
    cachedChunkBytesMax: 32 * KIBI,
    readsMax: 16,
    openSegmentsMax: 128,
    basePartItems: 1_000,
    compactedShare: 0.5,
    compactedShareFull: 0.95,
    movedBytes: MEBI,
    movedRecords: 128,
    erasedRecords: 1_024,
    wastedBytesMax: 16 * segmentBytes,
    reserveBytes: 3 * segmentBytes,
    roomBytes: segmentBytes,
    reserveFileBytes: Math.min(16 * MEBI, segmentBytes),
    spaceMs: 1_000,
    fullMs: 2_000,
    ...given,
  };
}
