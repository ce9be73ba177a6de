/**
 * Counts what became of chains and lives: learners promoted, chains lost and revived, restarts. Judges nothing.
 */
import type { Incarnation, MemberId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import type { View } from '../../core/view/view.js';
import type { Observer } from '../world-api.js';
import { isRevived } from './living.js';

export class RingHistory implements Observer {
  promoted = 0;
  shardsLost = 0;
  shardsRevived = 0;
  readonly #lives = new Map<MemberId, Set<Incarnation>>();
  #view: View;

  constructor(founding: View) {
    this.#view = founding;
    for (const { id, incarnation } of founding.ring) this.#lived(id, incarnation);
  }

  /** Lives after the first of each server. */
  get restarts(): number {
    let count = 0;
    for (const lives of this.#lives.values()) count += lives.size - 1;
    return count;
  }

  fact(server: MemberId, _incarnation: Incarnation, fact: Fact): void {
    if (fact.fact === 'registered') this.#lived(server, fact.incarnation);
  }

  viewWritten(view: View): void {
    const before = this.#view;
    this.#view = view;
    for (const { id, incarnation } of view.ring) this.#lived(id, incarnation);
    view.chains.forEach(({ members, lost }, shard) => {
      const old = before.chains[shard];
      if (old === undefined) return;
      if (lost.length > 0 && old.lost.length === 0) this.shardsLost += 1;
      if (isRevived(before, view, shard)) {
        this.shardsRevived += 1;
        return;
      }
      for (const id of members) if (old.learners.includes(id) && !old.members.includes(id)) this.promoted += 1;
    });
  }

  #lived(server: MemberId, incarnation: Incarnation): void {
    const lives = this.#lives.get(server);
    if (lives === undefined) this.#lives.set(server, new Set([incarnation]));
    else lives.add(incarnation);
  }
}
