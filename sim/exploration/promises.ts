/** What must hold in every state of an explored world, whatever comes next. */
import type { SmallWorld } from './small-world.js';

type Seen = Pick<SmallWorld, 'all' | 'history' | 'register'>;

/** @returns what is wrong, a line each */
export function broken(world: Seen): readonly string[] {
  return acknowledgedNotDurable(world);
}

/**
 * What a client was told to be done is durable with every member of the present chain that is alive: k-1 of them may crash
 * in the next moment, and lose what they have not synced.
 */
function acknowledgedNotDurable(world: Seen): readonly string[] {
  const members = world.register.view.chains[0]?.members ?? [];
  const acknowledged = Math.max(0, ...world.history.map(({ result }) => sequenceOf(result)));
  return world.all.flatMap(({ id, isAlive, durable }) => {
    if (!isAlive || !members.includes(id)) return [];
    return durable >= acknowledged ? [] : [`${acknowledged} was acknowledged, ${id} has ${durable} durably`];
  });
}

function sequenceOf(result: SmallWorld['history'][number]['result']): number {
  return result?.outcome === 'done' && 'version' in result ? Number(result.version.split('.')[1]) : 0;
}
