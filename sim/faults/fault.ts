/**
 * Carries out one fault: finds whom it hits, does it, and says how to undo it. One function a family.
 */
import type { MemberId } from '../../core/ids.js';
import type { FaultAction, Group } from '../scenario/scenario.js';
import type { RandomStream, World } from '../world-api.js';
import { type Cast, COORDINATOR, type Fit, isAnything, isDown, isPaused, isRunning, isUp } from './cast.js';
import type { NetworkDamage, Pair, Undo } from './network-damage.js';

export interface FaultTools {
  readonly world: World;
  readonly cast: Cast;
  readonly network: NetworkDamage;
}

/** What a fault that struck did. */
export interface Strike {
  /** For the story: `n2 crashes`; the servers it hit and what happened to them. */
  readonly hits: readonly { readonly who: MemberId; readonly text: string }[];
  /** How to end it; undefined: it has no end of its own. */
  readonly undo: Undo | undefined;
  readonly ending: string;
}

/** @returns undefined if there was nobody to strike. */
export function strikeFault(fault: FaultAction, tools: FaultTools, random: RandomStream): Strike | undefined {
  switch (fault.kind) {
    case 'crash':
      return processes(fault.who, tools, random, isUp, 'crash', 'restart');
    case 'restart':
      return processes(fault.who, tools, random, isDown, 'restart', undefined);
    case 'pause':
      return processes(fault.who, tools, random, isRunning, 'pause', 'resume');
    case 'resume':
      return processes(fault.who, tools, random, isPaused, 'resume', undefined);
    case 'split':
      return split(fault.groups, tools, random);
    case 'isolate':
      return isolate(fault.who, tools, random);
    case 'heal':
      tools.network.heal();
      return { hits: [{ who: '', text: 'the network is whole again' }], undo: undefined, ending: '' };
    case 'remove':
      return remove(fault, tools, random);
    case 'join':
    case 'leave':
    case 'revive':
    case 'disk':
    case 'clock':
    case 'session':
    case 'coordinator':
      return undefined;
    default:
      return linkFault(fault, tools, random);
  }
}

type ProcessVerb = 'crash' | 'restart' | 'pause' | 'resume';
const VERB_TEXTS: Readonly<Record<ProcessVerb, string>> = {
  crash: 'crashes',
  restart: 'starts again',
  pause: 'freezes',
  resume: 'goes on',
};

function processes(
  group: Group,
  { world, cast }: FaultTools,
  random: RandomStream,
  suits: Fit,
  verb: ProcessVerb,
  opposite: ProcessVerb | undefined,
): Strike | undefined {
  const ids = cast.several(group, suits, random);
  if (ids.length === 0) return undefined;
  const lives = new Map(ids.map((id) => [id, world.servers.get(id)?.incarnation]));
  for (const id of ids) world[verb](id);
  const isStillMine = (id: MemberId): boolean => {
    const server = world.servers.get(id);
    if (id === COORDINATOR) return true;
    if (server === undefined || server.incarnation !== lives.get(id)) return false;
    return opposite === 'resume' ? isPaused(server) : isDown(server);
  };
  const undo = () => {
    for (const id of ids) if (opposite !== undefined && isStillMine(id)) world[opposite](id);
  };
  return {
    hits: ids.map((who) => ({ who, text: VERB_TEXTS[verb] })),
    undo: opposite === undefined ? undefined : undo,
    ending: opposite === undefined ? '' : `${groupText(ids)}: ${opposite}`,
  };
}

/** Silences every direction between two of these groups. */
function cut(groups: readonly (readonly MemberId[])[], network: NetworkDamage): Undo {
  const undos: Undo[] = [];
  for (const [i, group] of groups.entries()) {
    for (const other of groups.slice(i + 1)) {
      for (const a of group) {
        for (const b of other) undos.push(network.silences.add([a, b]), network.silences.add([b, a]));
      }
    }
  }
  return () => {
    for (const undo of undos) undo();
  };
}

const groupText = (ids: readonly MemberId[]): string => (ids.length <= 8 ? ids.join(' ') : `${ids.length} servers`);

function split(
  groups: readonly Group[],
  { world, cast, network }: FaultTools,
  random: RandomStream,
): Strike | undefined {
  const taken = new Set<MemberId>();
  const named = groups.map((group) => {
    const suits: Fit = ({ id }) => !taken.has(id);
    const ids = cast.several(group, suits, random);
    for (const id of ids) taken.add(id);
    return ids;
  });
  const rest = [...world.servers.keys()].filter((id) => !taken.has(id));
  const [first = [], ...others] = named;
  // Servers not named are with the first group; a group alone is cut from all the rest.
  const parts = others.length === 0 ? [first, rest] : [[...first, ...rest], ...others];
  const sides = parts.filter((part) => part.length > 0);
  if (sides.length < 2) return undefined;
  const text = `the network splits: ${sides.map(groupText).join(' | ')}`;
  return { hits: [{ who: '', text }], undo: cut(sides, network), ending: 'the network is one again' };
}

/** The group keeps together and loses everybody else, the coordinator too unless it is named. */
function isolate(group: Group, { world, cast, network }: FaultTools, random: RandomStream): Strike | undefined {
  const ids = cast.several(group, isAnything, random);
  const others = [...world.servers.keys(), COORDINATOR].filter((id) => !ids.includes(id));
  if (ids.length === 0 || others.length === 0) return undefined;
  const text = `${groupText(ids)}: cut off from all others`;
  return { hits: [{ who: '', text }], undo: cut([ids, others], network), ending: `${groupText(ids)}: reachable again` };
}

function remove(
  { who }: Extract<FaultAction, { kind: 'remove' }>,
  { world, cast }: FaultTools,
  random: RandomStream,
): Strike | undefined {
  const id = cast.one(who, (server) => world.view.positions.has(server.id), random);
  if (id === undefined || id === COORDINATOR || world.view.ring.length < 2) return undefined;
  world.removeMember(id);
  return { hits: [{ who: id, text: 'is struck from the register by an operator' }], undo: undefined, ending: '' };
}

type LinkFault = Extract<FaultAction, { kind: 'silence' | 'hold' | 'release' | 'reset' | 'delay' | 'rate' }>;

function linkFault(fault: LinkFault, { world, cast, network }: FaultTools, random: RandomStream): Strike | undefined {
  const pairs = cast.link(fault.link, random);
  const [pair] = pairs;
  if (pair === undefined) return undefined;
  const name = fault.link.bothWays ? `${pair[0]} - ${pair[1]}` : `${pair[0]} > ${pair[1]}`;
  const lasting = (text: string, ending: string, each: (pair: Pair) => Undo): Strike => {
    const undos = pairs.map(each);
    const undo = () => {
      for (const one of undos) one();
    };
    return { hits: [{ who: '', text: `${name} ${text}` }], undo, ending: `${name} ${ending}` };
  };
  switch (fault.kind) {
    case 'silence':
      return lasting('falls silent', 'is heard again', (each) => network.silences.add(each));
    case 'hold':
      return lasting('is held back', 'flows again', (each) => network.holds.add(each));
    case 'delay':
      return lasting('becomes slow', 'is as before', (each) => network.delays.put(each, fault.delay));
    case 'rate':
      return lasting('becomes narrow', 'is as before', (each) => network.rates.put(each, fault.bytesPerSecond));
    case 'release': {
      const ended = pairs.map((each) => network.holds.end(each));
      if (!ended.includes(true)) return undefined;
      return { hits: [{ who: '', text: `${name} flows again` }], undo: undefined, ending: '' };
    }
    case 'reset':
      world.reset(pair[0], pair[1]);
      return { hits: [{ who: '', text: `${name} is reset` }], undo: undefined, ending: '' };
  }
}
