/**
 * Slow clients: the core gives up a reader that takes no whole chunk for a while, but a socket takes bytes. One timer
 * for each long answer says that its client still takes what it was given, as long as that is so.
 */
import type { Socket } from 'node:net';
import type { Conversation } from './door.js';

/**
 * Bytes of a connection that the kernel has taken. What Node counts as written moves only when a whole write is done, and
 * several chunks are one write: for a slow client that is too seldom. Its handle counts on the way, as Node's own timeouts do.
 */
export function takenBytesOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle?: Partial<StreamHandle> | null };
  const { bytesWritten, writeQueueSize } = handle ?? {};
  if (bytesWritten === undefined || writeQueueSize === undefined) return socket.bytesWritten - socket.writableLength;
  return bytesWritten - writeQueueSize;
}

interface StreamHandle {
  /** Handed to the handle, and of those not taken by the kernel. */
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** @param takenBytes of this answer's connection so far. @returns what stops it */
export function keepAlive(conversation: Conversation, everyMs: number, takenBytes: () => number): () => void {
  let before = takenBytes();
  const timer = setInterval(() => {
    const now = takenBytes();
    if (now > before) conversation.ready(0);
    before = now;
  }, everyMs);
  return () => clearInterval(timer);
}
