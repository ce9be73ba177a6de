// The bubble rule alone: servers with slots, frames that still have so many links to travel. No wires, no credits.

/** For each server, clockwise, the frames in its slots: links that each still has to travel. Oldest first. */
export type Slots = readonly (readonly number[])[];

export interface Rule {
  readonly servers: number;
  readonly slots: number;
  /** Slots that must be free at the next server for a frame to be inserted. */
  readonly insertionNeeds: number;
}

export const emptySlots = ({ servers }: Rule): Slots => Array.from({ length: servers }, () => []);

const withServer = (ring: Slots, at: number, frames: readonly number[]): Slots =>
  ring.map((each, i) => (i === at ? frames : each));

function freeAfter(rule: Rule, ring: Slots, at: number): number {
  return rule.slots - (ring[(at + 1) % rule.servers] ?? []).length;
}

/** The frame comes to rest at the next server. */
function movedOn(rule: Rule, ring: Slots, at: number, links: number): Slots {
  const next = (at + 1) % rule.servers;
  return withServer(ring, next, [...(ring[next] ?? []), links - 1]);
}

/** Every way in which a frame that is under way goes on: off the ring, or one link further. */
export function advances(rule: Rule, ring: Slots): readonly Slots[] {
  return ring.flatMap((frames, at) => {
    const [links, ...rest] = frames;
    if (links === undefined) return [];
    const left = withServer(ring, at, rest);
    if (links === 0) return [left];
    return freeAfter(rule, ring, at) >= 1 ? [movedOn(rule, left, at, links)] : [];
  });
}

/** Every way in which a server puts in a frame of its own, for one link up to a full revolution. */
export function insertions(rule: Rule, ring: Slots): readonly Slots[] {
  return ring.flatMap((_, at) => {
    if (freeAfter(rule, ring, at) < rule.insertionNeeds) return [];
    return Array.from({ length: rule.servers }, (_, i) => movedOn(rule, ring, at, i + 1));
  });
}

/** Frames are under way, and none can ever move again. */
export function isDeadlock(rule: Rule, ring: Slots): boolean {
  return ring.some((frames) => frames.length > 0) && advances(rule, ring).length === 0;
}

/** All that can come of an empty ring. */
export function reachable(rule: Rule): readonly Slots[] {
  const found = new Map<string, Slots>();
  const open = [emptySlots(rule)];
  for (let ring = open.pop(); ring !== undefined; ring = open.pop()) {
    const key = ring.join('|');
    if (found.has(key)) continue;
    found.set(key, ring);
    open.push(...advances(rule, ring), ...insertions(rule, ring));
  }
  return [...found.values()];
}
