/**
 * Says of each shard that is unavailable or short of copies why it is, and what would help: sentences for `status`.
 * Decides nothing; the rules that it puts into words are in revival.ts and placement.ts.
 */
import { type MemberId, type ShardId, versionText } from '../ids.js';
import { type Said, saidIn } from './facts.js';
import type { Registration } from './registration.js';
import type { Chain, Lost, View } from './view.js';

export interface ShardTrouble {
  readonly shard: ShardId;
  /** False: the whole chain is lost, nothing is served. */
  readonly isAvailable: boolean;
  readonly why: string;
}

/** @param registrations if at hand: who is back, and with what. */
export function explainShards(view: View, registrations: readonly Registration[] = []): readonly ShardTrouble[] {
  const said = saidIn(view, registrations);
  const registered = new Set(
    registrations.filter((each) => each.clusterId === view.clusterId).map((each) => each.member),
  );
  return view.chains.flatMap((chain, shard): ShardTrouble[] => {
    if (chain.members.length === 0)
      return [{ shard, isAvailable: false, why: lostText(view, said, registered, shard) }];
    if (chain.members.length >= view.settings.chainLength) return [];
    return [{ shard, isAvailable: true, why: shortText(view, chain) }];
  });
}

function shortText({ ring, settings }: View, { members, learners }: Chain): string {
  const { chainLength, minReplicas } = settings;
  const copies = `${members.length} of ${chainLength} copies (${members.join(', ')})`;
  const writes = members.length < minReplicas ? `, writes are refused below ${minReplicas}` : '';
  if (learners.length > 0) return `${copies}${writes}; ${learners.join(', ')} is catching up`;
  if (ring.length > members.length) return `${copies}${writes}; another server will be chosen`;
  const servers = ring.length === 1 ? '1 server' : `${ring.length} servers`;
  return `${copies}${writes}; the ring has ${servers}: start another`;
}

function lostText(view: View, said: Said, registered: ReadonlySet<MemberId>, shard: ShardId): string {
  const { lost } = view.chains[shard] as Chain;
  const lives = lost.map(({ incarnation }) => incarnation).join(', ');
  const lostWith = `lost with ${namesOf(lost)} (${lost.length > 1 ? 'lives' : 'life'} ${lives})`;
  const back: string[] = [];
  const awaited: MemberId[] = [];
  const toStart: MemberId[] = [];
  for (const { id } of lost) {
    const log = said.get(id)?.kept.find((each) => each.shard === shard);
    if (log === undefined) {
      awaited.push(id);
      if (!registered.has(id) && !view.positions.has(id)) toStart.push(id);
      continue;
    }
    const suspicion = log.suspect ? ', but something may be missing at their end' : '';
    const upTo = `with entries up to ${versionText(log.last)}${suspicion}`;
    back.push(`${id} is back ${log.last.sequence > 0 ? upTo : 'with nothing'}`);
  }
  return [lostWith, [...back, helpText(awaited, toStart, back.length > 0)].join(', ')].join('; ');
}

const namesOf = (lost: readonly Lost[]): string => lost.map(({ id }) => id).join(', ');

function helpText(awaited: readonly MemberId[], toStart: readonly MemberId[], isOneBack: boolean): string {
  if (awaited.length === 0) return 'the shard comes back with the next view';
  const order = isOneBack ? ', or order revive' : '';
  if (toStart.length === 0) return `waiting for ${awaited.join(', ')} to join and say what is on disk${order}`;
  return `waiting for ${awaited.join(', ')}: start ${toStart.join(', ')}${order}`;
}
