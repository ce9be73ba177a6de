/**
 * Slow clients: the core gives up a reader that takes no whole chunk for a while, but a socket takes bytes. One timer
 * for each long answer says that its client still takes what it was given, as long as that is so.
 */
import type { Conversation } from '../door.js';
import type { Exchange } from './exchange.js';

export function keepAlive({ response, limits }: Exchange, conversation: Conversation): void {
  const taken = (): number => {
    const { socket } = response;
    return socket === null ? 0 : socket.bytesWritten - socket.writableLength;
  };
  let before = taken();
  const timer = setInterval(() => {
    const now = taken();
    if (now > before) conversation.ready(0);
    before = now;
  }, limits.progressMs);
  response.once('close', () => clearInterval(timer));
}
