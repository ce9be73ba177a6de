// Two real ring ports on this machine, with a way between them that can be cut.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinksHarness, LinksWorld, Place } from '../../core/conformance/links-world.test-kit.js';
import { type HostPort, hostPortText } from '../leaves/host-port.js';
import type { OpenRingPort, RingPort } from './links.js';
import { openProxy } from './proxy.test-kit.js';

const PATIENCE_MS = 10_000;
/** What is under way on this machine arrives sooner. */
const SETTLE_MS = 30;

export const ANY_PORT: HostPort = { host: '127.0.0.1', port: 0 };

/** @throws if it takes long */
export async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`it does not come to ${holds}`);
    await sleep(1);
  }
}

/** Filled so that no two numbers have the same bytes. */
function payload(length: number, number: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + number * 17 + (at >> 8)) & 0xff;
  return bytes;
}

/** A port where nobody listens: it was free a moment ago. */
async function nobodyAt(open: OpenRingPort): Promise<HostPort> {
  const port = await open({ at: ANY_PORT, onViolation: () => undefined });
  await port.close();
  return port.at;
}

export function realLinks(name: string, open: OpenRingPort): LinksHarness {
  const openWorld = async (): Promise<LinksWorld> => {
    const accusations: string[] = [];
    const onViolation = (where: string, why: string): void => void accusations.push(`${where}: ${why}`);
    const nobody = { id: 'c', incarnation: 1, address: hostPortText(await nobodyAt(open)) };
    const [a, b] = [await open({ at: ANY_PORT, onViolation }), await open({ at: ANY_PORT, onViolation })];
    const way = await openProxy(b.at);
    const place = (id: string, port: RingPort, at: HostPort): Place => ({
      member: { id, incarnation: 1, address: hostPortText(at) },
      begin: (post) => port.begin(id, post),
    });
    return {
      a: place('a', a, a.at),
      b: place('b', b, way.at),
      nobody,
      payload,
      isSamePayload: (one, other) => Buffer.isBuffer(one) && Buffer.isBuffer(other) && one.equals(other),
      cut: way.cut,
      until,
      settle: () => sleep(SETTLE_MS),
      close: async () => {
        await Promise.all([a.close(), b.close(), way.close()]);
        if (accusations.length > 0) throw new Error(accusations.join('\n'));
      },
    };
  };
  return { name, open: openWorld };
}
