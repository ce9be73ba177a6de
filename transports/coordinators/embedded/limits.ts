/** Every bound of the embedded coordinator, with its unit. A leaf. */
import { VALUE_BYTES_MAX } from '../values.js';

/** How long a session lives without a word, unless the service is told otherwise. */
export const SESSION_MS = 2_000;
/** One message of a client: a value and the words around it. */
export const REQUEST_BYTES_MAX = VALUE_BYTES_MAX + 100_000;
/** All values together. A list of all of them fits into one answer. */
export const VALUES_BYTES_MAX = 32_000_000;
export const ANSWER_BYTES_MAX = 2 * VALUES_BYTES_MAX;
export const KEYS_MAX = 32_768;
export const KEY_BYTES_MAX = 512;
export const SESSIONS_MAX = 4_096;
export const CONNECTIONS_MAX = 4_096;
/** Keys that one session watches. */
export const WATCHES_MAX = 1_024;
/** Calls of one connection that wait for the disk; more are not read until these are answered. */
export const CALLS_MAX = 64;
/** Calls of one session that wait for their answers, at the client; with one more it takes the connection for dead. */
export const CALLS_UNDER_WAY_MAX = 8_192;
/** Answers that a client does not take: its calls are not read before it does. */
export const BACKLOG_BYTES_MAX = 1_000_000;
/** A connection that has not said who it is. */
export const GREETING_MS = 2_000;
/** A connection that is being closed, and does not take the last words. */
export const FAREWELL_MS = 500;
/** Characters of why a connection was closed, for its client and for the log: it may repeat what the client has said. */
export const REASON_LENGTH_MAX = 300;
/** How long a client waits for a connection and for its greeting. */
export const DIAL_MS = 1_000;
/** A client tries again after so long, doubled each time up to the longest. */
export const RECONNECT_MS = { first: 10, longest: 250 } as const;
/** The journal is written anew when it is this long, and this many times as long as what it holds. */
export const JOURNAL_BYTES_MIN = 1_000_000;
export const JOURNAL_GROWTH = 4;

/** What sessions own is written no later than so many ms after it was changed, or with so many changes of it. */
export const PASSING_MS = 50;
export const PASSING_MAX = 256;
