/** Which TCP ports a ring on this machine takes: the wished ones, those it had before, or any free ones. */
import { createServer } from 'node:net';

export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * `count` ports, the first wish that is free for each. Between this and the moment a server takes it somebody else may: then
 * that server says so and ends. 0, where no wish is free: the server takes a free one itself, and nobody can come before it.
 * @param wishes for the i-th port, in the order of preference; 0: none
 */
export async function choosePorts(
  host: string,
  count: number,
  wishes: (index: number) => readonly number[],
): Promise<readonly number[]> {
  const chosen: number[] = [];
  for (let index = 0; index < count; index++) {
    let port = 0;
    for (const wish of wishes(index)) {
      if (wish === 0 || chosen.includes(wish) || !(await isFree(host, wish))) continue;
      port = wish;
      break;
    }
    chosen.push(port);
  }
  return chosen;
}
