// Checkers of what servers tell about logs and views: silent on a good run, loud on a doctored one.
import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../core/file.js';
import type { Fact } from '../../core/output.js';
import { makeView } from '../../core/view/view.js';
import { ringView } from '../clients/fake-world.test-kit.js';
import { ChainPrefix } from './chain-prefix.js';
import * as kit from './doctored.test-kit.js';
import { ExecutesOnce } from './executes-once.js';
import { LogBook } from './log-book.js';
import { OneHead } from './one-head.js';
import { OneView } from './one-view.js';
import { ViewBook } from './view-book.js';

const nowUs = () => 7;
const { appended, committed, entry, id, messages, ordered, persisted, tell, VIEW, wentWell, world } = kit;
const joined: (readonly [string, Fact])[] = kit.IDS.map((server) => [server, kit.installed(1)]);

describe('chain-prefix', () => {
  function judge(...facts: readonly (readonly [string, Fact])[]): string {
    const views = new ViewBook(VIEW);
    const logs = new LogBook(world());
    const checker = new ChainPrefix(views, logs, nowUs);
    tell([views, logs, checker], ...joined, ...facts);
    return messages(checker.finish(world()));
  }

  it('is content when entries go down the chain in order', () => {
    expect(judge(...wentWell(entry(1)), ...wentWell(entry(2)))).toBe('');
  });

  it('sees an entry that the predecessor lacks', () => {
    expect(judge(['n1', ordered(entry(1))], ['n1', persisted(id(1))], ['n3', appended(entry(1))])).toContain(
      'which n2 does not hold',
    );
  });

  it('sees another entry in the same place', () => {
    const other = entry(1, 'x');
    expect(judge(['n1', ordered(entry(1))], ['n1', persisted(id(1))], ['n2', appended(other)])).toContain(
      'where n1 holds 1.1',
    );
  });

  it('sees a gap', () => {
    const facts = [
      ['n1', ordered(entry(1))],
      ['n1', ordered(entry(2))],
      ['n1', persisted(id(2))],
    ] as const;
    expect(judge(...facts, ['n2', appended(entry(2))])).toContain(
      'n2 appended 1.2 put /a → stored (operation o2) in shard 0, and nothing stands before it',
    );
  });

  it('compares who wakes in an old epoch with what its predecessor held in that epoch', () => {
    const [first, second, other] = [entry(1), entry(2), entry(2, 'x', 3)];
    const before: (readonly [string, Fact])[] = [
      ...[first, second].flatMap((one) => [['n1', ordered(one)] as const, ['n2', appended(one)] as const]),
      ['n1', persisted(id(2))],
      ['n2', persisted(id(2))],
    ];
    // Not in the chain for a while, and taught anew: another entry has taken the place of the second.
    const meanwhile: (readonly [string, Fact])[] = [
      ['n2', kit.installed(2)],
      ['n2', kit.learned(id(1))],
      ['n2', kit.installed(3)],
      ['n2', appended(other)],
    ];
    const woken = (one: LogEntry): (readonly [string, Fact])[] => [
      ['n3', appended(first)],
      ['n3', appended(one)],
    ];
    expect(judge(...before, ...meanwhile, ...woken(second))).toBe('');
    expect(judge(...before, ...meanwhile, ...woken(other))).toContain('where n2 holds 1.2');
    expect(judge(...before.slice(0, 3), ...meanwhile, ...woken(second))).toContain('which n2 does not hold');
  });

  it('sees an entry passed on before it was durable, where syncs do not go on together', () => {
    const view = makeView({ ...VIEW, settings: { ...VIEW.settings, durability: 'os' } });
    const views = new ViewBook(view);
    const logs = new LogBook(world(view));
    const checker = new ChainPrefix(views, logs, nowUs);
    tell([views, logs, checker], ...joined, ['n1', ordered(entry(1))], ['n2', appended(entry(1))]);
    expect(messages(checker.finish(world(view)))).toContain('before it was durable at n1');
  });

  it('lets entries go ahead of what is durable, and sees one committed before every member had it durably', () => {
    const all: (readonly [string, Fact])[] = [
      ['n1', ordered(entry(1))],
      ['n2', appended(entry(1))],
      ['n3', appended(entry(1))],
    ];
    const durableAt = (server: string) => [server, persisted(id(1))] as const;
    const [first, second, last] = [durableAt('n1'), durableAt('n2'), durableAt('n3')];
    const tail = ['n3', committed(id(1))] as const;
    expect(judge(...all, first, second, last, tail)).toBe('');
    expect(judge(...all, first, last, tail)).toContain('n3 committed shard 0 up to 1.1 before that was durable at n2');
    expect(judge(...all, second, last, tail)).toContain('before that was durable at n1');
  });

  /** n4 is being caught up: its predecessor is the tail, n3. */
  function judgeLearner(...facts: readonly (readonly [string, Fact])[]): string {
    const taught = kit.withLearner(VIEW, 'n4');
    const at = world(taught);
    const views = new ViewBook(taught);
    const logs = new LogBook(at);
    const checker = new ChainPrefix(views, logs, nowUs);
    tell([views, logs, checker], ...joined, ...wentWell(entry(1)), ...wentWell(entry(2)), ...facts);
    return messages(checker.finish(at));
  }

  it('takes a lesson for all that stands before it, and the tail for the predecessor of a learner', () => {
    const third = wentWell(entry(3));
    expect(judgeLearner(['n4', kit.learned(id(2))], ...third, ['n4', appended(entry(3))])).toBe('');
    expect(judgeLearner(['n4', kit.learned(id(1))], ...third, ['n4', appended(entry(3))])).toContain(
      'nothing stands before it',
    );
    expect(judgeLearner(['n4', kit.learned(id(2))], ['n4', appended(entry(3))])).toContain('which n3 does not hold');
    expect(judgeLearner(['n4', kit.learned(id(2))], ...third, ['n4', appended(entry(3, 'x'))])).toContain(
      'where n3 holds 1.3',
    );
    // A lesson is forgotten with the life that had it.
    const again: Fact = { fact: 'recovered', shards: 0, entries: 0, cut: 0 };
    expect(judgeLearner(['n4', kit.learned(id(2))], ['n4', again], ...third, ['n4', appended(entry(3))])).toContain(
      'nothing stands before it',
    );
  });

  it('knows what a server recovered from its state', () => {
    const at = world();
    const views = new ViewBook(VIEW);
    const logs = new LogBook(at);
    const checker = new ChainPrefix(views, logs, nowUs);
    for (const server of ['n1', 'n2']) {
      kit.doctor(at, server, () => {
        const held = kit.member(VIEW, server, [entry(1)]);
        return kit.changeShard(held, (shard) => ({
          ...shard,
          log: shard.log.set(2, entry(2)),
          last: id(2),
          durable: 2,
        }));
      });
    }
    tell([views, logs, checker], ...joined, ['n1', ordered(entry(3))], ['n1', persisted(id(3))]);
    tell([views, logs, checker], ['n2', appended(entry(3))]);
    expect(checker.finish(at)).toEqual([]);
    expect(logs.log('n2', 1, 0)?.persisted).toEqual(id(2));
    tell([views, logs, checker], ['n2', committed(id(3))]);
    expect(logs.committed(0).map((one) => one.id)).toEqual([id(2), id(3)]);
  });

  /** All are lost when one entry is committed; n1 comes back with so many, and its state keeps the last one by itself. */
  function broughtBack(count: number) {
    const at = world();
    const views = new ViewBook(VIEW);
    const logs = new LogBook(at);
    const checker = new ChainPrefix(views, logs, nowUs);
    tell([views, logs, checker], ...joined, ...wentWell(entry(1)));
    for (const sequence of [2, 3, 4]) tell([logs], ['n1', ordered(entry(sequence))], ['n1', persisted(id(sequence))]);
    logs.viewWritten(kit.lostView(['n4'], 2));
    at.restart('n1');
    const back = ringView(['n1', 'n4'], [['n1']], 3);
    const ring = back.ring.map((one) => ({ ...one, incarnation: one.id === 'n1' ? 2 : 1 }));
    const entries = Array.from({ length: count }, (_, i) => entry(i + 1));
    kit.doctor(at, 'n1', () => {
      const held = { ...kit.member(makeView({ ...back, ring }), 'n1', entries), incarnation: 2 };
      return kit.changeShard(held, (shard) => ({ ...shard, history: shard.history.set(count, entry(count)) }));
    });
    logs.viewWritten(makeView({ ...back, ring }));
    return { logs, found: messages(checker.finish(at)) };
  }

  it('knows what a chain brings back that nobody committed before, however little of it the state keeps apart', () => {
    const { logs, found } = broughtBack(4);
    expect(found).toBe('');
    expect(logs.committed(0)).toEqual([1, 2, 3, 4].map((sequence) => entry(sequence)));
    expect(logs.committedEntry('o2')).toEqual(entry(2));
  });

  it('sees a chain come back with what its head never told of', () => {
    expect(broughtBack(6).found).toContain('n1 brought shard 0 back with entry 5, of which it never told');
  });

  it('sees two servers commit different things', () => {
    const facts = [
      ['n1', ordered(entry(1))],
      ['n1', committed(id(1))],
      ['n4', ordered(entry(1, 'x'))],
    ] as const;
    expect(judge(...facts, ['n4', committed(id(1))])).toContain('where another committed 1.1');
  });
});

describe('one-head', () => {
  function judge(...facts: readonly (readonly [string, Fact])[]): string {
    const views = new ViewBook(VIEW);
    views.viewWritten(ringView(['n2', 'n3', 'n4'], [['n2', 'n3']], 2));
    const checker = new OneHead(views, nowUs);
    tell([views, checker], ...facts);
    return messages(checker.finish(world()));
  }

  it('is content with one head an epoch', () => {
    expect(judge(['n1', ordered(entry(1))], ['n2', ordered(entry(2, 'x', 2))], ['n1', ordered(entry(2))])).toBe('');
  });

  it('sees a second one, a stranger, a reused identity and an unheard-of epoch', () => {
    expect(judge(['n1', ordered(entry(1))], ['n2', ordered(entry(2))])).toContain('but n1 (life 1) orders in epoch 1');
    expect(judge(['n3', ordered(entry(1))])).toContain('but the head in epoch 1 is n1');
    expect(judge(['n1', ordered(entry(1))], ['n1', ordered(entry(1, 'x'))])).toContain('after it had given sequence 1');
    expect(judge(['n1', ordered(entry(1, 'x', 9))])).toContain('never held');
  });

  it('sees a life order that is not in the view', () => {
    const checker = new OneHead(new ViewBook(VIEW), nowUs);
    checker.fact('n1', 2, ordered(entry(1)));
    expect(messages(checker.finish(world()))).toContain(
      'n1 ordered 1.1 put /a → stored (operation o1) in shard 0 in life 2',
    );
  });
});

describe('one-view', () => {
  const second = ringView(['n1', 'n2', 'n3'], [['n1', 'n2', 'n3']], 2);

  it('is content when epochs grow one by one', () => {
    const checker = new OneView(VIEW, nowUs);
    checker.viewWritten(second);
    tell([checker], ...joined, ['n1', kit.installed(2, 3)]);
    expect(checker.finish(world())).toEqual([]);
  });

  it('sees two views of one epoch that differ in a learner', () => {
    const checker = new OneView(VIEW, nowUs);
    checker.viewWritten(second);
    checker.viewWritten(kit.withLearner(second, 'n1'));
    expect(messages(checker.finish(world()))).toContain('two views of epoch 2');
  });

  it('sees two views of one epoch, a leap, and a way back', () => {
    const checker = new OneView(VIEW, nowUs);
    checker.viewWritten(second);
    checker.viewWritten(ringView(['n1', 'n2', 'n4'], [['n1', 'n2']], 2));
    checker.viewWritten(ringView(['n1', 'n2'], [['n1', 'n2']], 4));
    tell(
      [checker],
      ['n1', kit.installed(2, 3)],
      ['n1', kit.installed(1)],
      ['n2', kit.installed(2)],
      ['n3', kit.installed(8)],
    );
    const found = messages(checker.finish(world()));
    expect(found).toContain('two views of epoch 2');
    expect(found).toContain('from epoch 2 to epoch 4');
    expect(found).toContain('n1 went from view 2 to view 1');
    expect(found).toContain("4 members, the register's has 3");
    expect(found).toContain('lives in view 8, which the register never held');
  });
});

describe('executes-once', () => {
  function setUp() {
    const at = world();
    const logs = new LogBook(at);
    const checker = new ExecutesOnce(logs, nowUs);
    return { at, logs, checker, watchers: [logs, checker] };
  }
  const stored = (sequence: number) => kit.done({ result: 'stored', version: id(sequence), upload: `o${sequence}` });

  it('is content with one entry an operation, and its outcome told', () => {
    const { checker, watchers } = setUp();
    tell(watchers, ...wentWell(entry(1)), ...wentWell(entry(2)));
    checker.operationEnded(kit.record({ operation: 'o1', answer: stored(1) }));
    expect(checker.finish(world())).toEqual([]);
  });

  it('sees an operation executed twice', () => {
    const { checker, watchers } = setUp();
    tell(watchers, ...wentWell(entry(1)), ...wentWell(entry(2, 'o1')));
    expect(messages(checker.finish(world()))).toContain('operation o1 was executed twice');
  });

  /** Entry 2 goes with the whole chain; n1 comes back with the first one, and executes operation o2 again. */
  function again(isAcknowledged: boolean): string {
    const { at, logs, checker, watchers } = setUp();
    tell(watchers, ...wentWell(entry(1)), ...wentWell(entry(2)));
    if (isAcknowledged) logs.operationEnded(kit.record({ operation: 'o2', answer: stored(2) }));
    logs.viewWritten(kit.lostView(['n4'], 2));
    at.restart('n1');
    const back = ringView(['n1', 'n4'], [['n1']], 3);
    const view = makeView({
      ...back,
      ring: back.ring.map((one) => ({ ...one, incarnation: one.id === 'n1' ? 2 : 1 })),
    });
    kit.doctor(at, 'n1', () => ({ ...kit.member(view, 'n1', [entry(1)]), incarnation: 2 }));
    logs.viewWritten(view);
    for (const fact of [ordered(entry(2, 'o2', 3)), persisted(id(2, 3)), committed(id(2, 3))]) {
      for (const watcher of watchers) watcher.fact('n1', 2, fact);
    }
    return messages([...checker.finish(at), ...new ChainPrefix(new ViewBook(view), logs, nowUs).finish(at)]);
  }

  it('lets be executed again what went with its whole chain, unless somebody was told of it', () => {
    expect(again(false)).toBe('');
    expect(again(true)).toContain('operation o2 was executed twice');
  });

  it('sees another outcome told than was committed', () => {
    const { checker, watchers } = setUp();
    tell(watchers, ...wentWell(entry(1)));
    checker.operationEnded(kit.record({ operation: 'o1', answer: stored(2) }));
    checker.operationEnded(kit.record({ operation: 'o1', answer: kit.done({ result: 'precondition-failed' }) }));
    expect(checker.finish(world())).toHaveLength(2);
  });
});
