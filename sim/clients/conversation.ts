/**
 * A conversation with one server as its halves (sender, receiver) see it. Types only.
 */
import type { Manifest } from '../../core/file.js';
import type { EntryId, RequestId } from '../../core/ids.js';
import type { ClientMessage, World } from '../world-api.js';

export interface Conversation {
  readonly world: World;
  readonly request: RequestId;
  readonly over: boolean;
  /** Says it to the server; counts as a sign of life. */
  say(message: ClientMessage): void;
  /** The client goes away on purpose. */
  abandon(): void;
}

/** What came of a get's bytes. */
export interface Received {
  readonly version: EntryId;
  readonly manifest: Manifest;
  readonly bytes: number;
}
