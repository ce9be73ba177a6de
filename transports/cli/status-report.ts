/** The ring as several servers see it, put together: whose view counts, who answers, whose links are up. Pure. */
import type { MemberStatus, NodeStatus } from '../launcher/status.js';

/** What one server that was asked had to say. */
export type Heard =
  | { readonly server: string; readonly status: NodeStatus }
  /** `id`: where it is known of which server this is the address. */
  | { readonly server: string; readonly id?: string | undefined; readonly why: string };

type Silent = Extract<Heard, { readonly why: string }>;

export interface SeenMember {
  readonly member: MemberStatus;
  /** What it says of itself; undefined: it was not asked, or did not answer. */
  readonly status: NodeStatus | undefined;
  /** `perhaps`: somebody did not answer, and it may be this one. */
  readonly asked: 'yes' | 'no' | 'perhaps';
  /** The link to its successor, as far as either end has said. */
  readonly link: 'up' | 'down' | 'unknown' | 'none';
  readonly successor: string;
}

export interface StatusReport {
  /** The server whose view is the newest; undefined: nobody answered. */
  readonly best: NodeStatus | undefined;
  /** Clockwise. */
  readonly members: readonly SeenMember[];
  /** Under which address each of them answered. */
  readonly answering: readonly { readonly id: string; readonly server: string }[];
  /** They answered, and are not in the ring. */
  readonly outside: readonly NodeStatus[];
  readonly silent: readonly Silent[];
}

export function reportOf(heard: readonly Heard[]): StatusReport {
  const statuses = heard.flatMap((each) => ('status' in each ? [each.status] : []));
  const silent = heard.flatMap((each) => ('why' in each ? [each] : []));
  const answering = heard.flatMap((each) => ('status' in each ? [{ id: each.status.id, server: each.server }] : []));
  const best = statuses.reduce<NodeStatus | undefined>(
    (newest, status) => (newest === undefined || status.epoch > newest.epoch ? status : newest),
    undefined,
  );
  const ring = best?.ring ?? [];
  const byLife = new Map(statuses.map((status) => [`${status.id} ${status.incarnation}`, status]));
  const statusOf = (member: MemberStatus | undefined): NodeStatus | undefined =>
    member && byLife.get(`${member.id} ${member.incarnation}`);
  const asked = askedOf(ring, statuses, silent);
  const members = ring.map((member, i): SeenMember => {
    const next = ring[(i + 1) % ring.length] as MemberStatus;
    const link = ring.length < 2 ? 'none' : linkBetween(statusOf(member), statusOf(next));
    return { member, status: statusOf(member), asked: asked(member.id), link, successor: next.id };
  });
  const inside = new Set(members.map(({ status }) => status));
  return { best, members, answering, outside: statuses.filter((status) => !inside.has(status)), silent };
}

/** Whether a member was asked: an address alone does not say whose it is. */
function askedOf(ring: readonly MemberStatus[], statuses: readonly NodeStatus[], silent: readonly Silent[]) {
  const known = new Set([...statuses.map(({ id }) => id), ...silent.flatMap(({ id }) => id ?? [])]);
  const nameless = silent.filter(({ id }) => id === undefined).length;
  const missing = ring.filter(({ id }) => !known.has(id)).length;
  return (id: string): SeenMember['asked'] => {
    if (known.has(id) || (nameless > 0 && nameless >= missing)) return 'yes';
    return nameless === 0 ? 'no' : 'perhaps';
  };
}

/** Down if either end misses it; one end alone is believed. */
function linkBetween(from: NodeStatus | undefined, to: NodeStatus | undefined): SeenMember['link'] {
  const words = [from?.outbound, to?.inbound].filter((link) => link !== undefined);
  if (words.length === 0) return 'unknown';
  return words.every(({ isUp }) => isUp) ? 'up' : 'down';
}

/** Numbers in a row shown as one: `3, 7, 9-12`. */
export function runsText(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}-${to}`))
    .join(', ');
}
