/** Every bound of the HTTP server, with its unit, in one place. A leaf. */

export interface HttpLimits {
  /** Of a request's line and headers. */
  readonly headerBytesMax: number;
  readonly connectionsMax: number;
  /** So many more are told that there are too many; others are cut without a word. */
  readonly turnedAwayMax: number;
  /** Requests of one connection under way at once: those that a client sends ahead wait, and so does what it sends then. */
  readonly pipelinedMax: number;
  /** How long the headers of a request may take. */
  readonly headersMs: number;
  /** A connection on which nothing moves for so long is cut, whatever it was about. */
  readonly idleMs: number;
  /** How long a connection is kept for the next request. */
  readonly keepAliveMs: number;
  /** Chunks of one get that are on their way into its socket. */
  readonly getWindowChunks: number;
  /** A slow client's get is kept alive so often, as long as its socket takes anything. */
  readonly progressMs: number;
  /** A body that nobody wants any more is read to its end if it has no more than so many bytes ... */
  readonly unwantedBytesMax: number;
  /** ... and takes no longer than this, so that its sender finds the answer and not a broken connection. */
  readonly unwantedMs: number;
  /** Running requests have so long when the server stops in good order. */
  readonly closeMs: number;
  /** Paths in one page of a list, if the request names no limit. */
  readonly listPage: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  headerBytesMax: 16_384,
  connectionsMax: 1024,
  turnedAwayMax: 64,
  pipelinedMax: 8,
  headersMs: 10_000,
  idleMs: 60_000,
  keepAliveMs: 65_000,
  getWindowChunks: 4,
  progressMs: 5_000,
  unwantedBytesMax: 8 * 1024 * 1024,
  unwantedMs: 2_000,
  closeMs: 10_000,
  listPage: 256,
};
