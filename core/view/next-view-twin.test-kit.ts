// The next view by trying every subset of the members: slow and obvious.
import type { MemberId } from '../ids.js';
import type { Waited } from './next-view.js';
import type { Report } from './report.js';
import type { View } from './view.js';

export class Twin {
  private readonly ids: readonly MemberId[];
  private readonly said: ReadonlyMap<MemberId, Report>;

  constructor(
    private readonly view: View,
    reports: readonly Report[],
  ) {
    this.ids = view.ring.map(({ id }) => id);
    this.said = new Map(reports.map((report) => [report.member, report]));
  }

  /** Every ring that may follow, as its members in order, separated by spaces; none: no change is called for. */
  rings(waited: Waited): readonly string[] {
    const broken = this.ids.filter((id) => this.isBroken(id)).length;
    if (broken === 0) return [];
    if (broken === 1) return waited === 'patient' ? this.withoutOneEnd() : [];
    const best = this.best();
    const size = best[0]?.length ?? 0;
    const others = this.ids.filter((id) => !best[0]?.includes(id));
    const silent = others.filter((id) => !this.isCredible(id)).length;
    if (size === 0 || others.length === 0) return [];
    if (waited === 'hasty' && silent < others.length) return [];
    if (waited !== 'patient' && others.length >= size) return [];
    return best.map((ring) => ring.join(' '));
  }

  /** Whether the edge that leads to this member is broken. */
  private isBroken(id: MemberId): boolean {
    return this.said.get(id)?.brokenIn === true || this.said.get(this.beside(id, -1))?.brokenOut === true;
  }

  private beside(id: MemberId, steps: number): MemberId {
    const size = this.ids.length;
    return this.ids[(this.ids.indexOf(id) + steps + size) % size] as MemberId;
  }

  /** Whether one of the two ends of its stretch between broken edges has spoken. */
  private isCredible(id: MemberId): boolean {
    let first = id;
    while (!this.isBroken(first)) first = this.beside(first, -1);
    let last = id;
    while (!this.isBroken(this.beside(last, 1))) last = this.beside(last, 1);
    return this.said.has(first) || this.said.has(last);
  }

  /** Whether `to` hears `from`: along the ring, or over a link that it has dialled. */
  hears(to: MemberId, from: MemberId): boolean {
    if (this.beside(to, -1) === from && !this.isBroken(to)) return true;
    return this.said.get(to)?.probes.includes(from) === true;
  }

  /** A ring whose members all hear the one before them. */
  private closes(ring: readonly MemberId[]): boolean {
    return ring.length === 1 || ring.every((id, i) => this.hears(id, ring[(i + ring.length - 1) % ring.length] ?? ''));
  }

  /** What hangs together stays together. */
  private isWhole(ring: readonly MemberId[]): boolean {
    return this.ids.every((id) => this.isBroken(id) || ring.includes(id) === ring.includes(this.beside(id, -1)));
  }

  private lastCopies(ring: readonly MemberId[]): number {
    return this.view.chains.filter(({ members }) => members.length === 1 && ring.includes(members[0] ?? '')).length;
  }

  private best(): readonly (readonly MemberId[])[] {
    const possible: MemberId[][] = [];
    for (let subset = 1; subset < 2 ** this.ids.length; subset++) {
      const ring = this.ids.filter((_, i) => (subset >> i) & 1);
      if (this.isWhole(ring) && this.closes(ring) && ring.every((id) => this.isCredible(id))) possible.push(ring);
    }
    const largest = highest(possible, (ring) => ring.length);
    const safest = highest(largest, (ring) => this.lastCopies(ring));
    const lowest = safest.map((ring) => ring.toSorted()[0] as MemberId).sort()[0];
    return safest.filter((ring) => ring.toSorted()[0] === lowest);
  }

  /** As few as possible go from the far side of the one broken edge; the near side, if it hears nobody at all. */
  private withoutOneEnd(): readonly string[] {
    const first = this.ids.find((id) => this.isBroken(id)) as MemberId;
    const rotated = this.ids.map((_, i) => this.beside(first, i));
    for (let size = rotated.length; size > 1; size--) {
      const kept = rotated.slice(0, size);
      if (!this.said.get(first)?.probes.includes(kept.at(-1) as MemberId)) continue;
      return size === rotated.length ? [] : [this.inOrder(kept)];
    }
    return rotated.length === 1 ? [] : [this.inOrder(rotated.slice(1))];
  }

  private inOrder(kept: readonly MemberId[]): string {
    return this.ids.filter((id) => kept.includes(id)).join(' ');
  }
}

function highest<T>(all: readonly T[], rank: (each: T) => number): readonly T[] {
  const top = Math.max(...all.map(rank));
  return all.filter((each) => rank(each) === top);
}
