/** Which TCP ports a ring on this machine takes: the wished ones, those it had before, or any free ones. */
import { createServer } from 'node:net';

/** @returns the port that was taken for a moment; undefined if the wished one is in use */
function take(host: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

export async function isFree(host: string, port: number): Promise<boolean> {
  return (await take(host, port)) !== undefined;
}

/**
 * `count` ports, the first wish that is free for each. Between this and the moment a server takes it somebody else may:
 * then that server says so and ends.
 * @param wishes for the i-th port, in the order of preference; 0: none
 */
export async function choosePorts(
  host: string,
  count: number,
  wishes: (index: number) => readonly number[],
): Promise<readonly number[]> {
  const chosen: number[] = [];
  for (let index = 0; index < count; index++) {
    let port: number | undefined;
    for (const wish of wishes(index)) {
      if (wish !== 0 && !chosen.includes(wish) && (await isFree(host, wish))) {
        port = wish;
        break;
      }
    }
    while (port === undefined || (port !== 0 && chosen.includes(port))) port = await take(host, 0);
    chosen.push(port);
  }
  return chosen;
}
