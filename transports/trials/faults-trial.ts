/**
 * The trial by random faults: servers are killed and come back, or stand still for a while, as many of them at once as may
 * be lost. They are drawn from a seed; whom they find at home is up to the machine.
 */
import { nextRandom } from '../../core/random.js';
import type { TrialRing } from '../bench/trial-ring.js';
import { type Loaded, type LoadOptions, type LoadReport, pause, runUnderLoad } from './load-trial.js';

export interface FaultsOptions extends LoadOptions {
  readonly seed: number;
  /** Faults begin for so long. */
  readonly seconds: number;
  readonly done: (fault: Fault) => void;
}

export interface Fault {
  readonly kind: 'kill' | 'freeze';
  readonly server: string;
  /** Since the first could have begun. */
  readonly atMs: number;
  readonly forMs: number;
  /** Servers that were away at that moment, this one included. */
  readonly away: number;
}

export interface FaultsReport extends LoadReport {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** The longest that any client waited for an answer. */
  readonly longestMs: number;
  /** From the last server's return until every chain was full. */
  readonly healMs: number;
}

type Range = readonly [from: number, to: number];

/** Between two faults, ms. */
const QUIET_MS: Range = [50, 2_000];
/** Some are shorter than what neighbours call silence, some longer than a session with the coordinator. */
const AWAY_MS: Readonly<Record<Fault['kind'], Range>> = { kill: [100, 2_500], freeze: [50, 4_000] };

export async function runFaultsTrial(options: FaultsOptions): Promise<FaultsReport> {
  const name = `random faults for ${options.seconds} s, seed ${options.seed}`;
  const { told, ...report } = await runUnderLoad(name, options, (loaded) => hurt(loaded, options));
  return { seed: options.seed, ...told, ...report };
}

async function hurt({ ring, takeLongestWait }: Loaded, { seed, seconds, done }: FaultsOptions) {
  const draw = drawsOf(seed);
  const faults: Fault[] = [];
  const away = new Map<string, Promise<void>>();
  const startedMs = performance.now();
  const atMs = (): number => performance.now() - startedMs;
  takeLongestWait();
  while (atMs() < seconds * 1000) {
    await pause(draw(QUIET_MS));
    const kind = draw([0, 2]) === 0 ? 'freeze' : 'kill';
    const forMs = draw(AWAY_MS[kind]);
    const server = ring.ids[draw([0, ring.ids.length])] as string;
    if (away.has(server) || away.size >= ring.settings.chainLength - 1) continue;
    const back = leave(ring, server, kind, forMs).then(() => void away.delete(server));
    // Whoever does not come back is told of below, also when others are hurt meanwhile.
    back.catch(() => undefined);
    away.set(server, back);
    const fault = { kind, server, atMs: atMs(), forMs, away: away.size } as const;
    faults.push(fault);
    done(fault);
  }
  await Promise.all(away.values());
  const backMs = performance.now();
  await ring.whole();
  return { faults, longestMs: takeLongestWait().ms, healMs: performance.now() - backMs };
}

/** @returns when the server is back */
async function leave(ring: TrialRing, server: string, kind: Fault['kind'], forMs: number): Promise<void> {
  if (kind === 'kill') ring.kill(server);
  else ring.freeze(server);
  await pause(forMs);
  if (kind === 'kill') await ring.restart(server, false);
  else ring.thaw(server);
}

/** @returns whole numbers from `from` up to, not including, `to` */
function drawsOf(seed: number): (range: Range) => number {
  let state = seed;
  return ([from, to]) => {
    const { value, seed: next } = nextRandom(state);
    state = next;
    return from + (value % (to - from));
  };
}
