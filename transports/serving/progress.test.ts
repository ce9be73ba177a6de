import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { takenBytesOf } from './progress.js';

it('what the kernel took of one large write is counted before all of it is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  const [socket] = (await once(server, 'connection')) as [Socket];
  const bytes = 30_000_000;
  socket.write(Buffer.alloc(bytes));
  await expect.poll(() => takenBytesOf(socket)).toBeGreaterThan(0);
  expect(takenBytesOf(socket)).toBeLessThan(bytes);
  client.resume();
  await expect.poll(() => takenBytesOf(socket)).toBe(bytes);
  client.destroy();
  socket.destroy();
  server.close();
});
