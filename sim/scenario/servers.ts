/**
 * Checks that the servers which a step names exist in this ring, and that the coordinator is named only where it can be.
 * Knows selectors; no YAML.
 */
import type { Problems } from './problems.js';
import type { Group, LinkSelector, Who } from './scenario.js';
import type { Path } from './source.js';

export interface Ring {
  readonly nodes: number;
  /** Named on from the last of the ring. */
  readonly spares: number;
  readonly problems: Problems;
}

export function checkServer(id: string, path: Path, { nodes, spares, problems }: Ring): void {
  if (Number(id.slice(1)) <= nodes + spares) return;
  const names = nodes === 1 ? 'only n1' : `n1 to n${nodes}`;
  const rest = spares === 0 ? '' : `, and ${sparesText(nodes, spares)}`;
  problems.add(path, `there is no server ${id}: the ring has ${names}${rest}`);
}

const sparesText = (nodes: number, spares: number): string =>
  spares === 1 ? `the spare n${nodes + 1}` : `the spares n${nodes + 1} to n${nodes + spares}`;

/** Only who is not in the ring yet can join it. */
export function checkSpares(group: Group, path: Path, { nodes, spares, problems }: Ring): void {
  if (spares === 0) {
    problems.add(path, 'nobody can join: this cluster has no spares. Add some, as in cluster: { nodes: 5, spares: 1 }');
    return;
  }
  if (group.kind !== 'list') return;
  for (const [i, who] of group.who.entries()) {
    if (who.kind !== 'server' || Number(who.id.slice(1)) > nodes) continue;
    const message = `${who.id} is in the ring from the beginning: only ${sparesText(nodes, spares)} can join`;
    problems.add([...path, i], message, `n${nodes + 1}`);
  }
}

/** A server whose process or clients are meant: the coordinator will not do. */
export function checkWho(who: Who, path: Path, ring: Ring): void {
  if (who.kind === 'server') checkServer(who.id, path, ring);
  if (who.kind === 'coordinator' || who.kind === 'leader') {
    const faults = 'only the network, leader-change and outage can have it';
    ring.problems.add(path, `the coordinator is no server: ${faults}`);
  }
}

/** An end of a link or a part of the network: the coordinator is as good as a server. */
function checkEnd(who: Who, path: Path, ring: Ring): void {
  if (who.kind === 'server') checkServer(who.id, path, ring);
}

/** Of a group written without a list there is no item to point at: its own place is found instead. */
export function checkGroup(group: Group, path: Path, ring: Ring): void {
  if (group.kind === 'list') for (const [i, who] of group.who.entries()) checkWho(who, [...path, i], ring);
}

export function checkPart(group: Group, path: Path, ring: Ring): void {
  if (group.kind === 'list') for (const [i, who] of group.who.entries()) checkEnd(who, [...path, i], ring);
}

/** Parts of a split: no server in two of them. */
export function checkParts(parts: readonly Group[], path: Path, ring: Ring): void {
  const seen = new Set<string>();
  for (const [i, part] of parts.entries()) {
    checkPart(part, [...path, i], ring);
    if (part.kind === 'all')
      ring.problems.add([...path, i], 'all servers are one group: nothing is left to split from');
    if (part.kind !== 'list') continue;
    for (const [j, who] of part.who.entries()) {
      const name = who.kind === 'server' ? who.id : who.kind;
      if (who.kind !== 'server' && who.kind !== 'coordinator') continue;
      if (seen.has(name)) ring.problems.add([...path, i, j], `${name} is in two groups of this split`);
      seen.add(name);
    }
  }
}

export function checkLink({ from, to }: LinkSelector, path: Path, ring: Ring): void {
  checkEnd(from, path, ring);
  checkEnd(to, path, ring);
}
