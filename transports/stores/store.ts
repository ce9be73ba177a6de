/** What every kind of store offers to the process that runs a server: bytes that outlive the lives of the server. */
import type { Post, StoreInput, StorePort } from '../../core/ports.js';

export interface StoreFigures {
  /** Bytes of chunks and log that are kept, and the bytes they take on the disk. */
  readonly liveBytes: number;
  readonly diskBytes: number;
}

export interface Store {
  readonly figures: StoreFigures;
  /** A life begins. @throws an Error with a sentence for the operator, if what is there cannot be read. */
  begin(post: Post<StoreInput>): Promise<StorePort>;
  /** Writes and syncs what is under way; after this another process may open the same folder. */
  close(): Promise<void>;
}
