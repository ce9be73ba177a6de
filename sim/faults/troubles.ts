/**
 * Where there is trouble at present, and where there was lately: what the checkers ask before they blame a server for
 * what it does not know. Notes what is done to the world; does nothing to it.
 */
import type { MemberId } from '../../core/ids.js';
import type { SessionTrouble } from '../scenario/scenario.js';
import type { Undo, World } from '../world-api.js';
import { COORDINATOR } from './cast.js';

/** The notice of a watch is lost or late: polling makes up for it. */
const WATCH_TROUBLES: ReadonlySet<SessionTrouble['kind']> = new Set<SessionTrouble['kind']>([
  'lose-watch',
  'delay-watch',
]);
/** They last until they are undone; all others strike once. */
const LASTING: ReadonlySet<string> = new Set(['freeze', 'outage', 'disconnect', 'stale-read', 'ghost']);

export class Troubles {
  /** Ways that are silent, held, slow or narrow. */
  readonly #ways = new Map<string, readonly [MemberId, MemberId]>();
  /** Lasting troubles of a server or the coordinator, under way. */
  readonly #open = new Map<MemberId, number>();
  readonly #lastUs = new Map<MemberId, number>();
  readonly #watchStruck = new Set<MemberId>();

  constructor(private readonly nowUs: () => number) {}

  /** Something kept this server, or the coordinator, from hearing the other since then. */
  since(id: MemberId, us: number): boolean {
    for (const one of [id, COORDINATOR]) {
      if ((this.#open.get(one) ?? 0) > 0 || (this.#lastUs.get(one) ?? -1) >= us) return true;
    }
    for (const [a, b] of this.#ways.values()) if (isBetween(a, b, id, COORDINATOR)) return true;
    return (this.#lastUs.get(pairKey(id, COORDINATOR)) ?? -1) >= us;
  }

  /** A notice to this server was to be lost, or to be late. */
  watchesSuffered(id: MemberId): boolean {
    return this.#watchStruck.has(id);
  }

  /** Something stands between this server and others even now: it need not find its way. */
  isCutOff(id: MemberId): boolean {
    if ((this.#open.get(id) ?? 0) > 0 || (this.#open.get(COORDINATOR) ?? 0) > 0) return true;
    for (const [a, b] of this.#ways.values()) if (a === id || b === id) return true;
    return false;
  }

  /** Once, now. */
  struck(id: MemberId): void {
    this.#lastUs.set(id, this.nowUs());
  }

  watchStruck(id: MemberId): void {
    this.#watchStruck.add(id);
  }

  begins(id: MemberId): Undo {
    this.#open.set(id, (this.#open.get(id) ?? 0) + 1);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#open.set(id, (this.#open.get(id) ?? 0) - 1);
      this.struck(id);
    };
  }

  way(what: string, from: MemberId, to: MemberId, on: boolean): void {
    const key = `${what} ${from} ${to}`;
    if (on) this.#ways.set(key, [from, to]);
    else this.#wayEnds(key);
  }

  healed(): void {
    for (const key of [...this.#ways.keys()]) this.#wayEnds(key);
  }

  #wayEnds(key: string): void {
    const way = this.#ways.get(key);
    if (way === undefined) return;
    this.#ways.delete(key);
    this.#lastUs.set(pairKey(way[0], way[1]), this.nowUs());
    this.#lastUs.set(pairKey(way[1], way[0]), this.nowUs());
  }
}

const pairKey = (a: MemberId, b: MemberId): string => `${a} ${b}`;
const isBetween = (a: MemberId, b: MemberId, one: MemberId, other: MemberId): boolean =>
  (a === one && b === other) || (a === other && b === one);

type Noted = Partial<World>;

function processesNoted(world: World, troubles: Troubles): Noted {
  const down = new Map<MemberId, Undo>();
  const begin = (id: MemberId): void => {
    if (!down.has(id)) down.set(id, troubles.begins(id));
  };
  const end = (id: MemberId): void => {
    down.get(id)?.();
    down.delete(id);
    troubles.struck(id);
  };
  return {
    crash: (id, power) => {
      begin(id);
      world.crash(id, power);
    },
    restart: (id, disk) => {
      end(id);
      world.restart(id, disk);
    },
    pause: (id) => {
      begin(id);
      world.pause(id);
    },
    resume: (id) => {
      end(id);
      world.resume(id);
    },
  };
}

function networkNoted(world: World, troubles: Troubles): Noted {
  return {
    silence: (from, to, on) => {
      troubles.way('silence', from, to, on);
      world.silence(from, to, on);
    },
    hold: (from, to, on) => {
      troubles.way('hold', from, to, on);
      world.hold(from, to, on);
    },
    setDelay: (from, to, delay) => {
      troubles.way('delay', from, to, delay !== undefined);
      world.setDelay(from, to, delay);
    },
    setRate: (from, to, bytesPerSecond) => {
      troubles.way('rate', from, to, bytesPerSecond !== undefined);
      world.setRate(from, to, bytesPerSecond);
    },
    healNetwork: () => {
      troubles.healed();
      world.healNetwork();
    },
  };
}

function coordinatorNoted(world: World, troubles: Troubles): Noted {
  const strike = (id: MemberId, kind: string, undo: Undo | undefined): Undo | undefined => {
    if (undo === undefined) return undefined;
    troubles.struck(id);
    if (!LASTING.has(kind)) return undo;
    const over = troubles.begins(id);
    return () => {
      over();
      undo();
    };
  };
  return {
    clock: (id, change) => strike(id, change.kind, world.clock(id, change)),
    coordinator: (trouble) => strike(COORDINATOR, trouble.kind, world.coordinator(trouble)),
    session: (id, trouble) => {
      const undo = world.session(id, trouble);
      if (!WATCH_TROUBLES.has(trouble.kind)) return strike(id, trouble.kind, undo);
      if (undo !== undefined) troubles.watchStruck(id);
      return undo;
    },
  };
}

/** The same world for those who strike it, every blow noted. */
export function noting(world: World, troubles: Troubles): World {
  const noted: Noted = {
    ...processesNoted(world, troubles),
    ...networkNoted(world, troubles),
    ...coordinatorNoted(world, troubles),
  };
  return new Proxy(world, {
    get(target, key) {
      const own: unknown = Reflect.get(noted, key);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
