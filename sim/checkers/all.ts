/**
 * All checkers of a run and the books they share, in the order in which they must hear of things: books first.
 */
import { DEFAULT_LIMITS } from '../../core/limits.js';
import { shardOf } from '../../core/view/view.js';
import type { ContentBook } from '../clients/content.js';
import type { Troubles } from '../faults/troubles.js';
import type { CheckerName, Scenario } from '../scenario/scenario.js';
import type { World } from '../world-api.js';
import { AcknowledgedDurable } from './acknowledged-durable.js';
import { Bounded } from './bounded.js';
import { ChainPrefix } from './chain-prefix.js';
import type { Checker, Watcher } from './checker.js';
import { ClockwiseOnly } from './clockwise-only.js';
import { Conservation } from './conservation.js';
import { Converges, type Excuses } from './converges.js';
import { ExecutesOnce } from './executes-once.js';
import { ExpectationChecker } from './expectations.js';
import { Informed } from './informed.js';
import { Linearizable } from './linearizable.js';
import { LinkLedger } from './link-ledger.js';
import { LogBook } from './log-book.js';
import { MinReplicas } from './min-replicas.js';
import { NoLeftovers } from './no-leftovers.js';
import { NoPartialRead } from './no-partial-read.js';
import { type Idle, NotVacuous } from './not-vacuous.js';
import { OneHead } from './one-head.js';
import { OneView } from './one-view.js';
import { RingHistory } from './ring-history.js';
import { Tally } from './tally.js';
import { ViewBook } from './view-book.js';
import { WasCommitted } from './was-committed.js';

export interface CheckerSetting {
  readonly scenario: Scenario;
  readonly world: World;
  readonly contents: ContentBook;
  /** What is done to the world. */
  readonly troubles: Troubles;
  readonly idleSteps: () => readonly Idle[];
}

export interface CheckerSet {
  readonly checkers: readonly Checker[];
  /** Everybody to be told of the run, in this order; the checkers among them. */
  readonly watchers: readonly Watcher[];
  readonly tally: Tally;
  readonly expectations: ExpectationChecker;
  readonly durable: AcknowledgedDurable;
  /** What the ring need not come to in the end. */
  readonly excuses: Excuses;
}

export function makeCheckers({ scenario, world, contents, troubles, idleSteps }: CheckerSetting): CheckerSet {
  const nowUs = () => world.nowUs;
  const views = new ViewBook(world.view);
  const logs = new LogBook(world);
  const ledger = new LinkLedger(nowUs);
  const ring = new RingHistory(world.view);
  const tally = new Tally(world, ledger, ring);
  const { expect, steps, limits } = scenario;
  const { mayLose } = expect;
  const holds = steps.some(
    ({ action }) => action.kind === 'chaos' || (action.kind === 'fault' && action.fault.kind === 'hold'),
  );
  const durable = new AcknowledgedDurable(world, logs, mayLose);
  const excuses: Excuses = { mayLose, isCutOff: (id) => troubles.isCutOff(id) };
  const isLeftOut = (path: string) => mayLose && logs.isLossy(shardOf(path, world.view.settings.shards));
  const expectations = new ExpectationChecker(expect, tally, contents, nowUs);
  const byName: Readonly<Record<CheckerName, Checker>> = {
    linearizable: new Linearizable(contents, isLeftOut),
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
    'min-replicas': new MinReplicas(views, nowUs),
    'was-committed': new WasCommitted(world, logs),
    informed: new Informed(world, troubles, scenario, { pollMs: limits.pollMs ?? DEFAULT_LIMITS.pollMs }),
    converges: new Converges(nowUs, excuses),
    'not-vacuous': new NotVacuous(expect, tally, idleSteps, nowUs),
  };
  const checkers = [...Object.values(byName), expectations];
  return { checkers, watchers: [views, logs, ledger, ring, tally, ...checkers], tally, expectations, durable, excuses };
}
