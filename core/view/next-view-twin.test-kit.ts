// The next view by trying every subset of the members: slow and obvious.
import type { MemberId } from '../ids.js';
import type { Waited } from './facts.js';
import type { Registration } from './registration.js';
import type { View } from './view.js';

export class Twin {
  private readonly ids: readonly MemberId[];
  private readonly said: ReadonlyMap<MemberId, Registration>;

  constructor(
    private readonly view: View,
    private readonly reports: readonly Registration[],
  ) {
    this.ids = view.ring.map(({ id }) => id);
    const valid = reports.filter(({ member, incarnation }) => this.livesOf(member).includes(incarnation));
    this.said = new Map(valid.map((report) => [report.member, report]));
  }

  /** Every ring that may follow, as its members in order, separated by spaces; none: no change is called for. */
  rings(waited: Waited): readonly string[] {
    const alive = this.ids.filter((id) => !this.hasBegunAgain(id));
    if (alive.length < this.ids.length) return [alive.join(' ')];
    const broken = this.ids.filter((id) => this.isBroken(id)).length;
    if (broken === 0) return [];
    if (broken === 1) return this.overOneEdge(waited);
    const best = this.best();
    const size = best[0]?.length ?? 0;
    const others = this.ids.filter((id) => !best[0]?.includes(id));
    const silent = others.filter((id) => !this.isCredible(id)).length;
    if (size === 0 || others.length === 0) return [];
    if (waited === 'hasty' && silent < others.length) return [];
    if (waited !== 'patient' && others.length >= size) return [];
    return best.map((ring) => ring.join(' '));
  }

  private livesOf(id: MemberId): readonly number[] {
    return this.view.ring.filter((member) => member.id === id).map(({ incarnation }) => incarnation);
  }

  hasBegunAgain(id: MemberId): boolean {
    return this.reports.some(
      (report) => report.member === id && this.livesOf(id).some((life) => life < report.incarnation),
    );
  }

  /** Whether the edge that leads to this member is broken. */
  private isBroken(id: MemberId): boolean {
    return this.said.get(id)?.brokenIn === true || this.said.get(this.beside(id, -1))?.brokenOut === true;
  }

  private beside(id: MemberId, steps: number): MemberId {
    const size = this.ids.length;
    return this.ids[(this.ids.indexOf(id) + steps + size) % size] as MemberId;
  }

  /** Whether one of the two ends of its stretch between broken edges has said that it is broken there. */
  private isCredible(id: MemberId): boolean {
    let first = id;
    while (!this.isBroken(first)) first = this.beside(first, -1);
    let last = id;
    while (!this.isBroken(this.beside(last, 1))) last = this.beside(last, 1);
    return this.said.get(first)?.brokenIn === true || this.said.get(last)?.brokenOut === true;
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

  private overOneEdge(waited: Waited): readonly string[] {
    const orders = waited === 'hasty' ? [] : this.otherOrders();
    if (orders.length > 0 || waited !== 'patient') return orders;
    return this.withoutOneEnd();
  }

  /** Every ring of the same members in which only the unheard one stands elsewhere, and all links that it needs are up. */
  private otherOrders(): readonly string[] {
    const first = this.ids.find((id) => this.isBroken(id)) as MemberId;
    const last = this.beside(first, -1);
    const place = this.said.get(last)?.seat;
    const others = this.ids.filter((id) => id !== last);
    return others.flatMap((_, i) => {
      const order = others.toSpliced(i + 1, 0, last);
      const links = order.map((id, at) => `${order.at(at - 1)} ${id}`);
      const isSeated = links.includes(`${place?.before} ${last}`) && links.includes(`${last} ${place?.after}`);
      const between = order.filter((id, at) => id !== last && order.at(at - 1) !== last);
      const isHeard = between.every((id) => this.hears(id, order.at(order.indexOf(id) - 1) as MemberId));
      if (links.includes(`${last} ${first}`)) return [];
      return isSeated && isHeard ? [order.join(' ')] : [];
    });
  }

  /** Links to and from one who has a seat are up by its own word. */
  isUp(link: string): boolean {
    const [from, to] = link.split(' ') as [MemberId, MemberId];
    return this.said.get(to)?.seat?.before === from || this.said.get(from)?.seat?.after === to || this.hears(to, from);
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
