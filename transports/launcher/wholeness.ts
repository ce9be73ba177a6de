/** Waits until a ring is whole: every server in it, and every chain as long as it can be. */
import { isMember, type View } from '../../core/view/view.js';
import { readCluster } from '../coordinators/cluster.js';
import { NotReached, type Operator } from '../coordinators/operator.js';

/** A ring that is not whole after so long will not be: the servers' logs say why. */
const READY_MS_MAX = 60_000;
const LOOK_EVERY_MS = 50;

/** @throws an Error that says what is missing, when that takes too long or nobody waits for it any more */
export async function awaitWhole(
  operator: Operator,
  ids: readonly string[],
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + READY_MS_MAX;
  let told = '';
  for (;;) {
    const { missing, text } = await lookAt(operator, ids);
    if (missing === 0) return;
    if (signal.aborted) throw new Error(`stopped: ${text}`);
    if (text !== told) progress(text);
    told = text;
    if (Date.now() > until) throw new Error(`the ring is not whole after ${READY_MS_MAX / 1000} s: ${text}`);
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

async function lookAt(operator: Operator, ids: readonly string[]): Promise<{ missing: number; text: string }> {
  const cluster = await readCluster(operator).catch((error: unknown) => {
    if (error instanceof NotReached) return undefined;
    throw error;
  });
  if (cluster === undefined) return { missing: ids.length, text: 'waiting for the coordinator' };
  const { view, registrations } = cluster;
  if (view === undefined) return { missing: ids.length, text: 'the ring is being founded' };
  // A view of before this start names lives that are over.
  const isIn = (id: string): boolean =>
    registrations.some(({ member, incarnation }) => member === id && isMember(view, id, incarnation));
  const outside = ids.filter((id) => !isIn(id));
  if (outside.length > 0)
    return { missing: outside.length, text: `waiting for ${outside.join(', ')} to join the ring` };
  const short = shortChains(view, ids.length);
  return { missing: short, text: `${short} of ${view.chains.length} chains are being filled` };
}

function shortChains({ chains, settings }: View, servers: number): number {
  const length = Math.min(settings.chainLength, servers);
  return chains.filter(({ members, learners }) => members.length !== length || learners.length > 0).length;
}
