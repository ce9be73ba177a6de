/** What both ends of an HTTP link say in the same words. */
import type { OutgoingMessage } from 'node:http';
import type { Outgoing } from '../outbox.js';

export const RING_PATH = '/ring';
export const RING_TYPE = 'application/x-ping-pong-nfs-ring';

/**
 * A body as an outbox writes to it. A message that is uncorked writes its pieces one by one: its socket is corked
 * around it, so that they leave together.
 */
export function bodyOf(message: OutgoingMessage): Outgoing {
  return {
    get writableLength() {
      return message.writableLength;
    },
    write: (bytes, taken) => message.write(bytes, taken),
    end: () => message.end(),
    cork: () => {
      message.cork();
      message.socket?.cork();
    },
    uncork: () => {
      message.uncork();
      message.socket?.uncork();
    },
  };
}
