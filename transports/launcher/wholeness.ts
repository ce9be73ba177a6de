/** Waits until a ring is whole: every server in it and ready for clients, and every chain as long as it can be. */
import { isMember, type View } from '../../core/view/view.js';
import type { RingServer } from '../client/find-servers.js';
import { readCluster } from '../coordinators/cluster.js';
import { NotReached, type Operator } from '../coordinators/operator.js';

/** A ring that is not whole after so long will not be: the servers' logs say why. */
const READY_MS_MAX = 60_000;
const LOOK_EVERY_MS = 50;
/** A server that does not say in this time that it is ready is asked again. */
const READY_ANSWER_MS_MAX = 1_000;

/** @throws an Error that says what is missing, when that takes too long or nobody waits for it any more */
export async function awaitWhole(
  operator: Operator,
  servers: readonly RingServer[],
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + READY_MS_MAX;
  let told = '';
  for (;;) {
    const { missing, text } = await lookAt(operator, servers);
    if (missing === 0) return;
    if (signal.aborted) throw new Error(`stopped: ${text}`);
    if (text !== told) progress(text);
    told = text;
    if (Date.now() > until) throw new Error(`the ring is not whole after ${READY_MS_MAX / 1000} s: ${text}`);
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

interface Look {
  /** Servers or chains; 0: nothing is. */
  readonly missing: number;
  readonly text: string;
}

async function lookAt(operator: Operator, servers: readonly RingServer[]): Promise<Look> {
  const cluster = await readCluster(operator).catch((error: unknown) => {
    if (error instanceof NotReached) return undefined;
    throw error;
  });
  if (cluster === undefined) return { missing: servers.length, text: 'waiting for the coordinator' };
  const { view, registrations } = cluster;
  if (view === undefined) return { missing: servers.length, text: 'the ring is being founded' };
  const isIn = ({ id }: RingServer): boolean =>
    registrations.some(({ member, incarnation }) => member === id && isMember(view, id, incarnation));
  const outside = servers.filter((server) => !isIn(server));
  if (outside.length > 0) return { missing: outside.length, text: `waiting for ${namesOf(outside)} to join the ring` };
  const short = shortChains(view, servers.length);
  if (short.missing > 0) return short;
  // The coordinator may still tell of the lives before this start; only the servers know of themselves.
  const areReady = await Promise.all(servers.map(isReady));
  const unready = servers.filter((_, i) => areReady[i] !== true);
  return { missing: unready.length, text: `waiting for ${namesOf(unready)} to be ready` };
}

function shortChains({ chains, settings, positions }: View, servers: number): Look {
  const length = Math.min(settings.chainLength, servers);
  const short = chains.filter(({ members, learners }) => members.length !== length || learners.length > 0);
  const lost = short.filter(({ members }) => members.length === 0);
  const away = new Set(lost.flatMap((chain) => chain.lost.map(({ id }) => id)).filter((id) => !positions.has(id)));
  const isFilling = lost.length < short.length || away.size === 0;
  const text = isFilling
    ? `${short.length} of ${chains.length} chains are being filled`
    : `${lost.length} of ${chains.length} chains wait for ${[...away].sort().join(', ')}, which had them, too`;
  return { missing: short.length, text };
}

async function isReady({ http }: RingServer): Promise<boolean> {
  try {
    const answer = await fetch(`${http}/readyz`, { signal: AbortSignal.timeout(READY_ANSWER_MS_MAX) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

const namesOf = (servers: readonly RingServer[]): string => servers.map(({ id }) => id).join(', ');
