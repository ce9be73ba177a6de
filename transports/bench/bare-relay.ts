/**
 * The least that Node can do to pass bytes on: what it read into a pool of buffers is written as it is. The measure for
 * relay.ts, and nothing else.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Home, Relay } from './relaying.js';

const BUFFER_BYTES = 256 * 1024;

export async function openBareRelay(host: string, home: Home): Promise<Relay> {
  let out: Socket | undefined;
  const free: Buffer[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    out = socket;
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
  const dial = async (port: number): Promise<void> => {
    const socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: () => free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES),
        callback: (bytes, buffer) => {
          pass(bytes, buffer as Buffer);
          return true;
        },
      },
    });
    await once(socket, 'connect');
  };
  return { port: (server.address() as AddressInfo).port, dial, insert: (bytes) => out?.write(bytes) };
}
