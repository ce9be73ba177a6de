/**
 * Slow clients: the core gives up a reader that takes no whole chunk for a while, but a socket takes bytes. One timer
 * for each long answer says that its client still takes what it was given, as long as that is so.
 */
import type { Conversation } from './door.js';

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
