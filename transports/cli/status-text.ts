/** The ring as a person wants to see it: who is in it, what runs between them, what is wrong and what would help. Pure. */
import { bytes, counted, duration } from '../../core/figures.js';
import { sizeText } from '../../core/units.js';
import type { NodeStatus } from '../launcher/status.js';
import { type Colours, printable, table } from './look.js';
import { runsText, type SeenMember, type StatusReport } from './status-report.js';

/** Groups of shards with the same trouble that are shown. */
const TROUBLES_MAX = 12;

export function statusLines(report: StatusReport, c: Colours): readonly string[] {
  const { best, silent, outside } = report;
  if (best === undefined) {
    return [c.red('no server answers'), ...silent.map(({ server, why }) => `  ${server}: ${printable(why)}`)];
  }
  return [
    ...headLines(best, report.members.length, c),
    '',
    ...ringLines(report, c),
    ...unaskedLines(report, c),
    ...outsideLines(outside, c),
    ...silentLines(report, c),
    '',
    ...chainLines(best, c),
  ];
}

function headLines(best: NodeStatus, members: number, c: Colours): readonly string[] {
  const { settings, clusterId, epoch, coordinator } = best;
  if (settings === undefined) return [c.yellow('no ring yet: the servers that answer have not read a view')];
  const { chainLength, minReplicas, durability, shards, chunkBytes, transitSlots } = settings;
  const isAway = coordinator.phase !== 'connected';
  const away = isAway ? c.yellow(` (${coordinator.phase}: the ring serves on, but cannot change)`) : '';
  return [
    `${c.bold(`ring of ${counted(members, 'server')}`)} · epoch ${epoch} · cluster ${printable(clusterId)}`,
    `chains of ${chainLength}, writes need ${minReplicas} · ${durability} · ${counted(shards, 'shard')} · ` +
      `chunks of ${sizeText(chunkBytes)}, ${transitSlots} in transit`,
    `coordinator ${printable(coordinator.address)}${away}`,
  ];
}

const HEADINGS = [
  '',
  'server',
  'life',
  'state',
  'link',
  'ring',
  'http',
  'chains',
  'sent',
  'received',
  'kept',
  'up for',
];

function ringLines({ members, best }: StatusReport, c: Colours): readonly string[] {
  if (members.length === 0) return [];
  const rows = members.map((seen, i) => memberRow(seen, cornerOf(i, members.length), best?.epoch ?? 0, c));
  const right = { align: 'right' } as const;
  return table(
    [HEADINGS.map((heading) => c.dim(heading)), ...rows],
    [{}, {}, right, {}, {}, {}, {}, {}, right, right, right],
  );
}

/** A line on the left goes up from the last member to the first. */
function cornerOf(index: number, count: number): string {
  if (count === 1) return ' ⟳';
  if (index === 0) return '┌▶';
  return index === count - 1 ? '└─' : '│ ';
}

function memberRow({ member, status, asked, link, successor }: SeenMember, corner: string, epoch: number, c: Colours) {
  const chains = `${member.chains} (${member.heads} as head${member.learning > 0 ? `, learns ${member.learning}` : ''})`;
  const about = [corner, c.bold(printable(member.id)), String(member.incarnation)];
  const links = {
    up: c.green(`─▶ ${successor}`),
    down: c.red(`─✗ ${successor}`),
    unknown: c.dim(`?▶ ${successor}`),
    none: '',
  };
  if (status === undefined) {
    const unheard = { yes: c.red('no answer'), no: c.dim('not asked'), perhaps: c.yellow('not heard') };
    return [...about, unheard[asked], links[link], printable(member.address), '', chains, '', '', '', ''];
  }
  const { traffic, store, uptimeMs } = status;
  return [
    ...about,
    stateText(status, epoch, c),
    links[link],
    printable(member.address),
    printable(status.http.replace(/^https?:\/\//, '')),
    chains,
    bytes(traffic.sentBytes),
    bytes(traffic.receivedBytes),
    bytes(store.diskBytes),
    duration(uptimeMs),
  ];
}

function stateText(status: NodeStatus, epoch: number, c: Colours): string {
  if (status.isDiskFull) return c.red('disk full');
  if (status.state === 'leaving') return c.yellow('leaving');
  if (status.epoch < epoch) return c.yellow(`in epoch ${status.epoch}`);
  return status.state === 'member' ? c.green('member') : c.yellow(status.state);
}

/** No trouble of theirs: the ring tells where servers find each other, and not where clients find them. */
function unaskedLines({ members }: StatusReport, c: Colours): readonly string[] {
  const ids = members.filter(({ asked }) => asked === 'no').map(({ member }) => printable(member.id));
  if (ids.length === 0) return [];
  const whose = ids.length === 1 ? 'its HTTP address' : 'their HTTP addresses';
  return [c.dim(`not asked: ${ids.join(', ')}; name ${whose} with --server`)];
}

function outsideLines(outside: readonly NodeStatus[], c: Colours): readonly string[] {
  return outside.map(({ id, state, keptOut, http }) => {
    const why = keptOut === '' ? '' : `: ${printable(keptOut)}`;
    return c.yellow(`not in the ring: ${printable(id)} (${printable(http)}), ${state}${why}`);
  });
}

/** Servers that were asked and did not answer, where the ring does not tell of them already. */
function silentLines({ silent }: StatusReport, c: Colours): readonly string[] {
  return silent.map(({ server, why }) => c.red(`no answer from ${server}: ${printable(why)}`));
}

function chainLines({ chains, settings }: NodeStatus, c: Colours): readonly string[] {
  if (settings === undefined) return [];
  const { full, short, unavailable, troubles } = chains;
  const parts = [
    c.green(`${full} whole`),
    ...(short > 0 ? [c.yellow(`${short} short`)] : []),
    ...(unavailable > 0 ? [c.red(`${unavailable} unavailable`)] : []),
  ];
  const groups = new Map<string, { readonly isAvailable: boolean; readonly shards: number[] }>();
  for (const { shard, why, isAvailable } of troubles) {
    const group = groups.get(why) ?? { isAvailable, shards: [] };
    groups.set(why, group);
    group.shards.push(shard);
  }
  const lines = [...groups].sort(([, a], [, b]) => Number(a.isAvailable) - Number(b.isAvailable));
  const left = lines.length - TROUBLES_MAX;
  return [
    `${counted(settings.shards, 'chain')}: ${parts.join(', ')}`,
    ...lines.slice(0, TROUBLES_MAX).map(([why, { isAvailable, shards }]) => {
      const which = `${shards.length === 1 ? 'shard' : 'shards'} ${runsText(shards)}`;
      return `  ${isAvailable ? c.yellow(which) : c.red(which)}: ${printable(why)}`;
    }),
    ...(left > 0 ? [`  and ${counted(left, 'more kind')} of trouble: --json shows all`] : []),
  ];
}
