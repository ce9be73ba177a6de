/**
 * The least that Node can do to pass bytes on: what it read into a pool of buffers is written as it is. The measure for
 * relay.ts, and nothing else.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { CHUNK_BYTES, GREETING } from './bare/chunk.js';
import type { Home, Relay } from './relaying.js';

export async function openBareRelay(host: string, home: Home): Promise<Relay> {
  let out: Socket | undefined;
  const free: Buffer[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    out = socket;
    // Says that from now on what comes is passed on.
    socket.write(GREETING);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const pass = (bytes: number, buffer: Buffer): void => {
    if (home === undefined) {
      out?.write(buffer.subarray(0, bytes), () => free.push(buffer));
    } else {
      free.push(buffer);
      home(bytes);
    }
  };
  const dial = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let isGreeted = false;
      const callback = (bytes: number, buffer: Uint8Array): boolean => {
        if (isGreeted) pass(bytes, buffer as Buffer);
        else resolve();
        isGreeted = true;
        return true;
      };
      const buffer = (): Buffer => free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
      connect({ host, port, noDelay: true, onread: { buffer, callback } }).on('error', reject);
    });
  return { port: (server.address() as AddressInfo).port, dial, insert: (bytes) => out?.write(bytes) };
}
