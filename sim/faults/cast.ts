/**
 * Who is meant: turns the words of a step (n3, head(/a.txt), any, half …) into servers at the moment it strikes.
 * Knows the world's view and who took in which path last. Draws from the random stream it is handed.
 */
import type { MemberId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import { chainOf, shardOf } from '../../core/view/view.js';
import type { Watcher } from '../checkers/checker.js';
import type { Group, LinkSelector, Who } from '../scenario/scenario.js';
import type { RandomStream, ServerHandle, World } from '../world-api.js';

/** The coordinator's name in links and partitions. */
export const COORDINATOR = 'coordinator';

/** Which servers an action can be done to. */
export type Fit = (server: ServerHandle) => boolean;
export const isRunning: Fit = ({ process }) => process === 'running';
export const isUp: Fit = ({ process }) => process !== 'down';
export const isDown: Fit = ({ process }) => process === 'down';
export const isPaused: Fit = ({ process }) => process === 'paused';
export const isAnything: Fit = () => true;

/** Servers that were started once, or those that never were. */
type Among = 'started' | 'spares';

export class Cast implements Watcher {
  /** Path → the server that took in its latest put. */
  readonly #owners = new Map<string, MemberId>();
  /** Servers that were never started. */
  readonly #spares: Set<MemberId>;

  constructor(private readonly world: World) {
    // At the beginning of a run nobody else is down.
    const isDown = ({ process }: ServerHandle): boolean => process === 'down';
    this.#spares = new Set([...world.servers.values()].filter(isDown).map(({ id }) => id));
  }

  /** Paths that were put, in the order of their first put. */
  get paths(): readonly string[] {
    return [...this.#owners.keys()];
  }

  /** Was never started: can join, and nothing else can be done to it. */
  readonly isSpare: Fit = ({ id }) => this.#spares.has(id);

  /** A spare is one no longer. */
  joined(id: MemberId): void {
    this.#spares.delete(id);
  }

  /** Is being caught up, or runs and is not in the ring. */
  readonly isJoining: Fit = ({ id, process }) => {
    const { view } = this.world;
    if (!view.positions.has(id)) return process === 'running';
    return view.chains.some(({ learners }) => learners.includes(id));
  };

  fact(server: MemberId, _incarnation: number, fact: Fact): void {
    if (fact.fact === 'upload-started') this.#owners.set(fact.path, server);
  }

  /** @returns undefined if nobody plays this part, or whoever does does not suit. */
  one(who: Who, suits: Fit, random: RandomStream, among: Among = 'started'): MemberId | undefined {
    switch (who.kind) {
      case 'coordinator':
      case 'leader':
        return COORDINATOR;
      case 'joining':
        return this.#drawn((server) => this.isJoining(server) && suits(server), random, among);
      case 'any':
        return this.#drawn(suits, random, among);
      case 'server':
      case 'role': {
        const id = who.kind === 'server' ? who.id : this.#player(who.role, who.path);
        const server = id === undefined ? undefined : this.world.servers.get(id);
        return server !== undefined && suits(server) ? server.id : undefined;
      }
    }
  }

  /** Each once; only those that suit. Spares are meant only where they are named, or asked for. */
  several(group: Group, suits: Fit, random: RandomStream, among: Among = 'started'): readonly MemberId[] {
    if (group.kind === 'list') {
      const ids = group.who.map((who) => this.one(who, suits, random, among)).filter((id) => id !== undefined);
      return [...new Set(ids)];
    }
    const ids = this.#fitting(suits, among);
    if (group.kind === 'all') return ids;
    const count = group.kind === 'half' ? Math.floor(ids.length / 2) : Math.floor((ids.length - 1) / 2);
    return drawn(ids, Math.max(0, count), random);
  }

  /** The directed pairs of a link; empty if an end is nobody. */
  link({ from, to, bothWays }: LinkSelector, random: RandomStream): readonly (readonly [MemberId, MemberId])[] {
    const a = this.one(from, isAnything, random);
    // An end that is drawn is another one than the first: a server has no link to itself.
    const b = this.one(to, (server) => server.id !== a, random);
    if (a === undefined || b === undefined || a === b) return [];
    const there = [a, b] as const;
    return bothWays ? [there, [b, a]] : [there];
  }

  /** Whether this server is meant, now. */
  isMeant(who: Who, server: MemberId): boolean {
    switch (who.kind) {
      case 'any':
        return true;
      case 'coordinator':
      case 'leader':
        return false;
      case 'joining': {
        const handle = this.world.servers.get(server);
        return handle !== undefined && this.isJoining(handle);
      }
      case 'server':
        return who.id === server;
      case 'role':
        return this.#player(who.role, who.path) === server;
    }
  }

  #player(role: 'head' | 'mid' | 'tail' | 'owner', path: string): MemberId | undefined {
    if (role === 'owner') return this.#owners.get(path);
    const { view } = this.world;
    const { members } = chainOf(view, shardOf(path, view.settings.shards));
    switch (role) {
      case 'head':
        return members[0];
      case 'tail':
        return members[members.length - 1];
      case 'mid':
        return members.length < 3 ? undefined : members[Math.floor(members.length / 2)];
    }
  }

  #drawn(suits: Fit, random: RandomStream, among: Among): MemberId | undefined {
    const ids = this.#fitting(suits, among);
    return ids.length === 0 ? undefined : ids[random.int(0, ids.length - 1)];
  }

  #fitting(suits: Fit, among: Among): readonly MemberId[] {
    const isMeant: Fit = (server) => this.isSpare(server) === (among === 'spares') && suits(server);
    return [...this.world.servers.values()].filter(isMeant).map(({ id }) => id);
  }
}

/** `count` of them, in their own order. */
function drawn(ids: readonly MemberId[], count: number, random: RandomStream): readonly MemberId[] {
  const rest = ids.map((id, place) => ({ id, place }));
  const chosen: typeof rest = [];
  for (let i = 0; i < count; i++) {
    const [one] = rest.splice(random.int(0, rest.length - 1), 1);
    if (one !== undefined) chosen.push(one);
  }
  return chosen.sort((a, b) => a.place - b.place).map(({ id }) => id);
}
