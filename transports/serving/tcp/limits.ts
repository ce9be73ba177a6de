/** Every bound of the TCP client protocol's server that is not the frames' own, with its unit. A leaf. */

export interface TcpLimits {
  readonly connectionsMax: number;
  /** So many more are told that there are too many; others are cut without a word. */
  readonly turnedAwayMax: number;
  /** A connection on which nothing moves for so long is cut, whatever it was about. */
  readonly idleMs: number;
  /** Chunks of one get that are on their way into its socket. */
  readonly getWindowChunks: number;
  /** Answers that a client has not taken, before no more is read of it. */
  readonly untakenBytesMax: number;
  /** A slow client's get is kept alive so often, as long as its socket takes anything. */
  readonly progressMs: number;
  /** Running operations have so long when the server stops in good order. */
  readonly closeMs: number;
  /** A connection that is hung up on has so long to take its last words. */
  readonly lingerMs: number;
  /** Buffers up to this size are copied together before they are handed to the kernel. */
  readonly gatherBytes: number;
}

export const DEFAULT_TCP_LIMITS: TcpLimits = {
  connectionsMax: 1024,
  turnedAwayMax: 64,
  idleMs: 60_000,
  getWindowChunks: 4,
  untakenBytesMax: 64 * 1024,
  progressMs: 5_000,
  closeMs: 10_000,
  lingerMs: 2_000,
  gatherBytes: 4_096,
};
