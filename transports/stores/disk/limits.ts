/** Every bound of a disk store, with its unit. A leaf. */
export interface DiskLimits {
  /** A segment is complete when it is so long. */
  readonly segmentBytes: number;
  /** What is gathered in one turn of the event loop is written early when it is so much. */
  readonly groupBytesMax: number;
  /** While a slow disk has not taken one group, so much may wait in the next; chunks beyond that are refused. */
  readonly waitingBytesMax: number;
  /** A write that held up the event loop for so long sends the next ones to another thread. */
  readonly slowWriteMs: number;
  /** Under fsync the disk is put to work when so much is written and not synced, though nobody waits yet. */
  readonly syncEveryBytes: number;
  /** Chunks lately written or read, kept to be read again. */
  readonly cacheBytes: number;
  /** Chunks read from the disk at once. */
  readonly readsMax: number;
  /** Segments that are kept open for reading. */
  readonly openSegmentsMax: number;
  /** Files and outcomes that are put into words in one turn of the event loop, and stand in one record. */
  readonly basePartItems: number;
}

export const DISK_LIMITS: DiskLimits = {
  segmentBytes: 64 * 2 ** 20,
  groupBytesMax: 8 * 2 ** 20,
  waitingBytesMax: 64 * 2 ** 20,
  slowWriteMs: 30,
  syncEveryBytes: 4 * 2 ** 20,
  cacheBytes: 32 * 2 ** 20,
  readsMax: 16,
  openSegmentsMax: 128,
  basePartItems: 1_000,
};
