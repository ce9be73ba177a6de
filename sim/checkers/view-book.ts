/**
 * Every view the register ever held, and the epoch each server lives in: what several checkers look up. Judges nothing.
 */
import type { Epoch, Incarnation, MemberId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import type { View } from '../../core/view/view.js';
import type { Observer } from '../world-api.js';

interface Life {
  readonly incarnation: Incarnation;
  readonly epoch: Epoch;
}

export class ViewBook implements Observer {
  readonly #views = new Map<Epoch, View>();
  readonly #lives = new Map<MemberId, Life>();
  #latest: View;

  constructor(founding: View) {
    this.#views.set(founding.epoch, founding);
    this.#latest = founding;
  }

  /** The register's latest value. */
  get latest(): View {
    return this.#latest;
  }

  view(epoch: Epoch): View | undefined {
    return epoch === this.#latest.epoch ? this.#latest : this.#views.get(epoch);
  }

  /** The epoch this life of a server has installed; 0: none yet. */
  epochOf(server: MemberId, incarnation: Incarnation): Epoch {
    const life = this.#lives.get(server);
    return life?.incarnation === incarnation ? life.epoch : 0;
  }

  /** The epoch this server installed last, whatever its life; 0: none yet. */
  liveEpochOf(server: MemberId): Epoch {
    return this.#lives.get(server)?.epoch ?? 0;
  }

  viewWritten(view: View): void {
    // The first value of an epoch stays: a second one is the business of the checker one-view.
    if (!this.#views.has(view.epoch)) this.#views.set(view.epoch, view);
    if (view.epoch > this.#latest.epoch) this.#latest = view;
  }

  fact(server: MemberId, incarnation: Incarnation, fact: Fact): void {
    if (fact.fact === 'view-installed') this.#lives.set(server, { incarnation, epoch: fact.epoch });
  }
}
