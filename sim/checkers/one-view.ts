/**
 * Invariant: one view per epoch, epochs only grow, in the register and in every life of every server; and nobody lives in
 * a view that the register never held.
 */
import type { Epoch, Incarnation, MemberId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import type { View } from '../../core/view/view.js';
import type { Violation } from '../run-result.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';

const ringText = (view: View): string => view.ring.map(({ id, incarnation }) => `${id}/${incarnation}`).join(' ');

/** All that a view says, to compare two of one epoch. */
const fingerprint = (view: View): string =>
  JSON.stringify([
    view.clusterId,
    view.settings,
    ringText(view),
    view.chains.map(({ members, learners, lost }) => [members, learners, lost]),
  ]);

export class OneView implements Checker {
  readonly name = 'one-view';
  readonly #found: Findings;
  readonly #written = new Map<Epoch, View>();
  #latest: Epoch;
  readonly #installed = new Map<MemberId, { readonly incarnation: Incarnation; readonly epoch: Epoch }>();

  constructor(founding: View, nowUs: () => number) {
    this.#found = new Findings(this.name, nowUs);
    this.#written.set(founding.epoch, founding);
    this.#latest = founding.epoch;
  }

  viewWritten(view: View): void {
    const known = this.#written.get(view.epoch);
    if (known !== undefined && fingerprint(known) !== fingerprint(view)) {
      this.#found.add(`the register held two views of epoch ${view.epoch}`, [ringText(known), ringText(view)]);
    } else if (view.epoch !== this.#latest + 1) {
      this.#found.add(`the register went from epoch ${this.#latest} to epoch ${view.epoch}`);
    }
    if (known === undefined) this.#written.set(view.epoch, view);
    this.#latest = Math.max(this.#latest, view.epoch);
  }

  fact(server: MemberId, incarnation: Incarnation, fact: Fact): void {
    if (fact.fact !== 'view-installed') return;
    const { epoch } = fact;
    const view = this.#written.get(epoch);
    if (view === undefined) this.#found.add(`${server} lives in view ${epoch}, which the register never held`);
    else if (view.ring.length !== fact.members) {
      this.#found.add(
        `${server} lives in a view ${epoch} of ${fact.members} members, the register's has ${view.ring.length}`,
      );
    }
    const before = this.#installed.get(server);
    if (before?.incarnation === incarnation && before.epoch >= epoch) {
      this.#found.add(`${server} went from view ${before.epoch} to view ${epoch}`);
    }
    this.#installed.set(server, { incarnation, epoch });
  }

  finish(_world: World): readonly Violation[] {
    return this.#found.all();
  }
}
