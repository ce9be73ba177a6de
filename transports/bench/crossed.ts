/** Bytes that went from server to server, by the servers' own metrics. */

const SENT = /^ppnfs_ring_sent_bytes_total(?:\{[^}]*\})? ([0-9.e+]+)$/m;

/** @throws if a server does not tell */
async function sentBytes(server: string): Promise<number> {
  const answer = await fetch(new URL('/metrics', server));
  const found = SENT.exec(await answer.text())?.[1];
  if (found === undefined) throw new Error(`${server}/metrics does not tell what was sent to other servers`);
  return Number(found);
}

/** Of all servers together, since each began. */
export async function bytesBetween(servers: readonly string[]): Promise<number> {
  const sent = await Promise.all(servers.map(sentBytes));
  return sent.reduce((sum, each) => sum + each, 0);
}
