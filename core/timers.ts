/**
 * Named timers: one table in the state, one wake-up out, with its reason. Ties fire in table order. A leaf.
 */

export const TIMER_NAMES = [
  'heartbeat',
  'repair',
  'token',
  'chains',
  'uploads',
  'reads',
  'held',
  'idle',
  'coordinator',
  'plan',
] as const;
export type TimerName = (typeof TIMER_NAMES)[number];
/** When each timer fires, ms; NEVER when it is not set. */
export type Timers = Readonly<Record<TimerName, number>>;

export const NEVER = Number.MAX_SAFE_INTEGER;
/** What is looked at again and again lets time go on meanwhile, also where a limit of 0 says "at once". */
export const LEAST_PACE_MS = 1;

export const NO_TIMERS: Timers = {
  heartbeat: NEVER,
  repair: NEVER,
  token: NEVER,
  chains: NEVER,
  uploads: NEVER,
  reads: NEVER,
  held: NEVER,
  idle: NEVER,
  coordinator: NEVER,
  plan: NEVER,
};

/** The next timer to fire; undefined if none is set. */
export function nextTimer(timers: Timers): { readonly name: TimerName; readonly at: number } | undefined {
  const { heartbeat, repair, token, chains, uploads, reads, held, idle, coordinator, plan } = timers;
  const at = Math.min(heartbeat, repair, token, chains, uploads, reads, held, idle, coordinator, plan);
  if (at === NEVER) return undefined;
  return { name: TIMER_NAMES.find((candidate) => timers[candidate] === at) as TimerName, at };
}
