/**
 * What a client sees of a crash: a writer writes on while one server after the other is killed or frozen, each in another role
 * of the file's chain, and the longest time between two "done" counts. In between the ring is made whole again.
 */
import { names } from './aims.js';
import type { Measure } from './figures.js';
import { type Peer, startPeer } from './processes.js';
import type { TrialRing } from './trial-ring.js';
import type { BeginWriting, EndWriting, MarkWriting, Written } from './writer.js';

const PATH = '/ppnfs-bench/written-again-and-again';
const FILE_BYTES = 1024;
/** Written before the blow: so long, that what is usual is known. */
const BEFORE_MS = 300;
/** And after it: whatever it brings about is over by then, or shows as a pause that has no end yet. */
const AFTER_MS = 1500;

/** The place of a server on the path's way. */
interface Role {
  readonly name: string;
  readonly find: (chain: readonly string[], entry: string) => string;
}

const HEAD: Role = { name: 'head', find: (chain) => chain[0] as string };
const MIDDLE: Role = { name: 'middle', find: (chain) => chain[1] as string };
const TAIL: Role = { name: 'tail', find: (chain) => chain.at(-1) as string };
const ENTRY: Role = { name: 'entry server', find: (_, entry) => entry };

type Blow = 'kill' | 'freeze';

/**
 * Frozen entry servers are left out: how long somebody waits for one that never answers is the client's own choice.
 * @param notes what went on beside the figures, for people
 */
export function pauseMeasures(ring: TrialRing, notes: (text: string) => void): readonly Measure[] {
  const kills = [HEAD, MIDDLE, TAIL, ENTRY].map((role) => pauseMeasure(ring, 'kill', role, notes));
  const freezes = [HEAD, MIDDLE, TAIL].map((role) => pauseMeasure(ring, 'freeze', role, notes));
  return [...kills, ...freezes];
}

function pauseMeasure(ring: TrialRing, blow: Blow, role: Role, notes: (text: string) => void): Measure {
  const name = blow === 'kill' ? names.killed(role.name) : names.frozen(role.name);
  return {
    name,
    isBare: false,
    async measure() {
      const client = startPeer('client-process.js');
      try {
        const { longestPauseMs, p50Ms, setbacks } = await strike(ring, client, blow, role);
        notes(`${name}: ${longestPauseMs.toFixed(1)} ms, usually ${p50Ms.toFixed(2)} ms ${setbacks.join('; ')}`);
        return { pauseMs: longestPauseMs, p50Ms };
      } finally {
        client.stop();
      }
    },
  };
}

async function strike(ring: TrialRing, client: Peer, blow: Blow, role: Role): Promise<Written> {
  const chain = await ring.chainOf(PATH);
  const others = ring.ids.filter((id) => !chain.includes(id));
  const entry = others[0] ?? (chain.at(-1) as string);
  const victim = role.find(chain, entry);
  const servers = [entry, ...others, ...chain].filter((id, i, all) => all.indexOf(id) === i).map(ring.address);
  const target = `/files${PATH}`;
  await client.ask({ kind: 'begin-writing', servers, target, fileBytes: FILE_BYTES } satisfies BeginWriting);
  await pauseMs(BEFORE_MS);
  await client.ask({ kind: 'mark-writing' } satisfies MarkWriting);
  if (blow === 'kill') ring.kill(victim);
  else ring.freeze(victim);
  await pauseMs(AFTER_MS);
  try {
    return await client.ask<Written>({ kind: 'end-writing' } satisfies EndWriting);
  } finally {
    if (blow === 'kill') await ring.restart(victim, false);
    else ring.thaw(victim);
    await ring.whole();
  }
}

const pauseMs = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
