/**
 * All checkers of a run and the books they share, in the order in which they must hear of things: books first.
 */
import type { ContentBook } from '../clients/content.js';
import type { CheckerName, Scenario } from '../scenario/scenario.js';
import type { World } from '../world-api.js';
import { AcknowledgedDurable } from './acknowledged-durable.js';
import { Bounded } from './bounded.js';
import { ChainPrefix } from './chain-prefix.js';
import type { Checker, Watcher } from './checker.js';
import { ClockwiseOnly } from './clockwise-only.js';
import { Conservation } from './conservation.js';
import { Converges } from './converges.js';
import { ExecutesOnce } from './executes-once.js';
import { ExpectationChecker } from './expectations.js';
import { Linearizable } from './linearizable.js';
import { LinkLedger } from './link-ledger.js';
import { LogBook } from './log-book.js';
import { NoLeftovers } from './no-leftovers.js';
import { NoPartialRead } from './no-partial-read.js';
import { type Idle, NotVacuous } from './not-vacuous.js';
import { OneHead } from './one-head.js';
import { OneView } from './one-view.js';
import { Tally } from './tally.js';
import { ViewBook } from './view-book.js';

export interface CheckerSetting {
  readonly scenario: Scenario;
  readonly world: World;
  readonly contents: ContentBook;
  readonly idleSteps: () => readonly Idle[];
}

export interface CheckerSet {
  readonly checkers: readonly Checker[];
  /** Everybody to be told of the run, in this order; the checkers among them. */
  readonly watchers: readonly Watcher[];
  readonly tally: Tally;
  readonly expectations: ExpectationChecker;
  readonly durable: AcknowledgedDurable;
}

export function makeCheckers({ scenario, world, contents, idleSteps }: CheckerSetting): CheckerSet {
  const nowUs = () => world.nowUs;
  const views = new ViewBook(world.view);
  const logs = new LogBook();
  const ledger = new LinkLedger(nowUs);
  const tally = new Tally(world, ledger);
  const { expect, steps } = scenario;
  const holds = steps.some(
    ({ action }) => action.kind === 'chaos' || (action.kind === 'fault' && action.fault.kind === 'hold'),
  );
  const durable = new AcknowledgedDurable(world, logs);
  const expectations = new ExpectationChecker(expect, tally, contents, nowUs);
  const byName: Readonly<Record<CheckerName, Checker>> = {
    linearizable: new Linearizable(contents),
    'acknowledged-durable': durable,
    'chain-prefix': new ChainPrefix(views, logs, nowUs),
    'one-head': new OneHead(views, nowUs),
    'one-view': new OneView(world.view, nowUs),
    'clockwise-only': new ClockwiseOnly(views, nowUs),
    conservation: new Conservation(ledger, holds, nowUs),
    bounded: new Bounded(nowUs),
    'no-partial-read': new NoPartialRead(nowUs),
    'executes-once': new ExecutesOnce(logs, nowUs),
    'no-leftovers': new NoLeftovers(nowUs),
    converges: new Converges(nowUs),
    'not-vacuous': new NotVacuous(expect, tally, idleSteps, nowUs),
  };
  const checkers = [...Object.values(byName), expectations];
  return { checkers, watchers: [views, logs, ledger, tally, ...checkers], tally, expectations, durable };
}
