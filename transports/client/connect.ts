/** A client for a list of servers, with every protocol there is. */

import type { Patience } from './attempts.js';
import type { FileClient } from './client.js';
import { createFileClient } from './file-client.js';
import { createHttpWire } from './http-wire.js';
import { createTcpWire } from './tcp-wire.js';

export interface ConnectOptions {
  readonly patience?: Patience;
  /** Begin anywhere, so that many clients do not all ask the first server. */
  readonly spread?: boolean;
}

/** @param servers URLs such as `http://127.0.0.1:8101`; no connection is made before something is asked */
export function connect(servers: readonly string[], { patience, spread = false }: ConnectOptions = {}): FileClient {
  const http = createHttpWire();
  return createFileClient({
    servers,
    wires: new Map([
      ['http:', http],
      ['https:', http],
      ['tcp:', createTcpWire()],
    ]),
    first: spread ? Math.floor(Math.random() * servers.length) : 0,
    ...(patience !== undefined && { patience }),
  });
}
