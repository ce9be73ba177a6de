/** All clients that speak the TCP client protocol to this process: the ring port hands their connections on. */
import type { Duplex } from 'node:stream';
import { tellFew } from '../../leaves/few-lines.js';
import type { ClientConnection } from '../../links/links.js';
import type { Door } from '../door.js';
import type { Logger } from '../log.js';
import type { Metrics } from '../metrics.js';
import { DEFAULT_TCP_LIMITS, type TcpLimits } from './limits.js';
import { Session } from './session.js';

export interface TcpClientsOptions {
  /** Undefined: between two lives. */
  door(): Door | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly limits?: Partial<TcpLimits>;
}

export interface TcpClients {
  readonly take: ClientConnection;
  /** graceful: operations under way have some time to end. */
  close(how: { readonly graceful: boolean }): Promise<void>;
}

export function serveTcpClients(options: TcpClientsOptions): TcpClients {
  const { door, metrics, log } = options;
  const limits: TcpLimits = { ...DEFAULT_TCP_LIMITS, ...options.limits };
  const tellViolation = tellFew((fields) => log.info(fields, 'a client broke the rules of its protocol'));
  const sessions = new Map<Duplex, Session>();
  /** Of the sessions: those that only hear that there are too many. */
  let turnedAway = 0;
  let isClosed = false;
  let whenEmpty: () => void = () => {};

  const take: ClientConnection = (socket, first) => {
    if (isClosed || sessions.size >= limits.connectionsMax + limits.turnedAwayMax) {
      socket.destroy();
      return;
    }
    const session = new Session(socket, { door, metrics, limits, onViolation: (why) => tellViolation({ why }) });
    const isSurplus = sessions.size - turnedAway >= limits.connectionsMax;
    if (isSurplus) {
      turnedAway++;
      session.turnAway();
    }
    sessions.set(socket, session);
    metrics.connections('tcp', 1);
    socket.once('close', () => {
      sessions.delete(socket);
      if (isSurplus) turnedAway--;
      metrics.connections('tcp', -1);
      if (sessions.size === 0) whenEmpty();
    });
    session.feed(first);
  };

  const cut = (): void => {
    for (const socket of sessions.keys()) socket.destroy();
  };

  return {
    take,
    async close({ graceful }) {
      isClosed = true;
      if (sessions.size === 0) return;
      const empty = new Promise<void>((resolve) => {
        whenEmpty = resolve;
      });
      const timer = setTimeout(cut, limits.closeMs);
      if (graceful) for (const session of sessions.values()) session.drain();
      else cut();
      await empty;
      clearTimeout(timer);
    },
  };
}
