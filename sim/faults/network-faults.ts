/**
 * Faults of the network: links that fall silent, are held, reset or slow, and partitions.
 */
import type { MemberId } from '../../core/ids.js';
import type { FaultAction, Group } from '../scenario/scenario.js';
import type { RandomStream, Undo } from '../world-api.js';
import { COORDINATOR, type Fit, isAnything } from './cast.js';
import type { NetworkDamage, Pair } from './network-damage.js';
import { allOf, type Blow, type FaultTools, groupText, once } from './strike.js';

type LinkFault = Extract<FaultAction, { kind: 'silence' | 'hold' | 'release' | 'reset' | 'delay' | 'rate' }>;
type PartFault = Extract<FaultAction, { kind: 'split' | 'isolate' | 'heal' }>;

export function partFault(fault: PartFault, tools: FaultTools, random: RandomStream): Blow | undefined {
  switch (fault.kind) {
    case 'split':
      return split(fault.groups, tools, random);
    case 'isolate':
      return isolate(fault.who, tools, random);
    case 'heal':
      tools.network.heal();
      return once('the network is whole again');
  }
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
  return allOf(undos);
}

function split(groups: readonly Group[], { world, cast, network }: FaultTools, random: RandomStream): Blow | undefined {
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
function isolate(group: Group, { world, cast, network }: FaultTools, random: RandomStream): Blow | undefined {
  const ids = cast.several(group, isAnything, random);
  const others = [...world.servers.keys(), COORDINATOR].filter((id) => !ids.includes(id));
  if (ids.length === 0 || others.length === 0) return undefined;
  const text = `${groupText(ids)}: cut off from all others`;
  return { hits: [{ who: '', text }], undo: cut([ids, others], network), ending: `${groupText(ids)}: reachable again` };
}

export function linkFault(
  fault: LinkFault,
  { world, cast, network }: FaultTools,
  random: RandomStream,
): Blow | undefined {
  const pairs = cast.link(fault.link, random);
  const [pair] = pairs;
  if (pair === undefined) return undefined;
  const name = fault.link.bothWays ? `${pair[0]} - ${pair[1]}` : `${pair[0]} > ${pair[1]}`;
  const lasting = (text: string, ending: string, each: (pair: Pair) => Undo): Blow => {
    const undo = allOf(pairs.map(each));
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
    case 'release':
      return pairs.map((each) => network.holds.end(each)).includes(true) ? once(`${name} flows again`) : undefined;
    case 'reset':
      world.reset(pair[0], pair[1]);
      return once(`${name} is reset`);
  }
}
