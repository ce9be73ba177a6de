// Checkers that look into states: silent on a ring at rest, loud on a doctored one.
import { describe, expect, it } from 'vitest';
import { FRESH_SHARD } from '../../core/chain/shards.js';
import type { LogEntry } from '../../core/file.js';
import { Queue } from '../../core/queue.js';
import { SortedMap } from '../../core/sorted-map.js';
import { initialState, type ShardState } from '../../core/state.js';
import type { RememberedOutcome } from '../../core/store-port.js';
import { makeView, type View } from '../../core/view/view.js';
import type { WriteOperation } from '../../core/writes-state.js';
import { type FakeWorld, ringView } from '../clients/fake-world.test-kit.js';
import { AcknowledgedDurable } from './acknowledged-durable.js';
import { Bounded } from './bounded.js';
import { Converges, restlessness } from './converges.js';
import * as kit from './doctored.test-kit.js';
import { LogBook } from './log-book.js';
import { NoLeftovers } from './no-leftovers.js';

const { changeShard, doctor, entry, id, member, messages, VIEW } = kit;
const nowUs = () => 7;

/** n1 → n2 → n3 hold /a as o2; n4 holds nothing. */
function atRest(): FakeWorld {
  const world = kit.world();
  settle(world);
  return world;
}

function settle(world: FakeWorld): void {
  for (const { id: server } of VIEW.ring) {
    doctor(world, server, () => member(VIEW, server, server === 'n4' ? [] : [entry(1), entry(2)]));
  }
  doctor(world, 'n4', (state) => ({ ...state, shards: SortedMap.empty() }));
}

describe('acknowledged-durable', () => {
  /** Two puts went well and were acknowledged; then something happens, and a view is written. */
  function setUp(mayLose = false) {
    const world = kit.world();
    const logs = new LogBook(world);
    const checker = new AcknowledgedDurable(world, logs, mayLose);
    kit.tell([logs], ...kit.wentWell(entry(1)), ...kit.wentWell(entry(2)));
    settle(world);
    const write = (view: View) => {
      world.view = view;
      for (const watcher of [logs, checker]) watcher.viewWritten(view);
    };
    const acknowledge = (sequence: number) => {
      const outcome = { result: 'stored', version: id(sequence), upload: `o${sequence}` } as const;
      const record = kit.record({ operation: `o${sequence}`, answer: kit.done(outcome) });
      for (const watcher of [logs, checker]) watcher.operationEnded(record);
    };
    return { world, logs, checker, write, acknowledge };
  }
  function judge(change: (world: FakeWorld) => void): string {
    const { world, checker, write, acknowledge } = setUp();
    acknowledge(2);
    change(world);
    write(world.view);
    return messages(checker.finish(world));
  }

  it('is content when all living members hold it', () => {
    expect(judge(() => undefined)).toBe('');
    expect(judge((world) => world.crash('n2'))).toBe('');
  });

  it('sees a member without it, a wrong table, missing bytes', () => {
    const shorter = (world: FakeWorld) => doctor(world, 'n2', () => member(VIEW, 'n2', [entry(1)]));
    expect(judge(shorter)).toContain('acknowledged, but not at n2 in view 1: 1.2');
    const bent = (world: FakeWorld) =>
      doctor(world, 'n3', (state) => changeShard(state, (shard) => ({ ...shard, files: SortedMap.empty() })));
    expect(judge(bent)).toContain('n3 has no file at /a, committed is version 1.2');
    const thin = (world: FakeWorld) => doctor(world, 'n1', () => member(VIEW, 'n1', [entry(1), entry(2)], 2));
    expect(judge(thin)).toContain('n1 lacks bytes of /a: chunks 2 to 2 of o2');
  });

  it('sees what was told too early, or of nothing', () => {
    const world = kit.world();
    const logs = new LogBook(world);
    const checker = new AcknowledgedDurable(world, logs);
    kit.tell([logs], ['n1', kit.ordered(entry(1))], ['n1', kit.persisted(id(1))], ['n1', kit.committed(id(1))]);
    const answer = kit.done({ result: 'stored', version: id(1), upload: 'o1' });
    checker.operationEnded(kit.record({ operation: 'o1', answer }));
    checker.operationEnded(kit.record({ operation: 'o9', answer }));
    const found = messages(checker.finish(world));
    expect(found).toContain('before it was durable at n2');
    expect(found).toContain('which nobody committed');
  });

  it('sees a path that nobody serves at the end, unless its chain is dead', () => {
    const world = atRest();
    const checker = new AcknowledgedDurable(world, new LogBook(world));
    const refused = { result: 'refused', code: 'unavailable' } as const;
    const audit = kit.record({ purpose: 'audit', action: { kind: 'stat', path: '/a' }, answer: refused });
    checker.operationEnded(audit);
    expect(messages(checker.finish(world))).toContain('/a cannot be read at the end');
    const dead = atRest();
    for (const server of ['n1', 'n2', 'n3']) dead.crash(server);
    const other = new AcknowledgedDurable(dead, new LogBook(dead));
    other.operationEnded(audit);
    expect(other.finish(dead)).toEqual([]);
  });

  /** All three crash, the shard is lost, and n2 brings it back in its next life. */
  function comesBack(kept: readonly LogEntry[], mayLose: boolean, acknowledged: readonly number[]) {
    const run = setUp(mayLose);
    const { world, write, acknowledge } = run;
    for (const sequence of acknowledged) acknowledge(sequence);
    for (const server of ['n1', 'n2', 'n3']) world.crash(server);
    write(kit.lostView(['n4'], 2));
    world.restart('n2');
    const back = ringView(['n2', 'n4'], [['n2']], 3);
    const ring = back.ring.map((one) => (one.id === 'n2' ? { ...one, incarnation: 2 } : one));
    const view = makeView({ ...back, ring });
    doctor(world, 'n2', () => ({ ...member(view, 'n2', kept), incarnation: 2 }));
    write(view);
    return run;
  }

  it('is content when a lost chain comes back with all that was acknowledged', () => {
    const whole = comesBack([entry(1), entry(2)], false, [1, 2]);
    expect(messages(whole.checker.finish(whole.world))).toBe('');
    const suffix = comesBack([entry(1)], false, [1]);
    expect(messages(suffix.checker.finish(suffix.world))).toBe('');
    expect(suffix.logs.committedEntry('o2')).toBeUndefined();
  });

  it('sees what a lost chain comes back without, and counts it where it may be lost', () => {
    const run = comesBack([entry(1)], false, [1, 2]);
    expect(messages(run.checker.finish(run.world))).toContain('gone when n2 brought shard 0 back in view 3');
    const late = comesBack([entry(1)], false, [1]);
    late.acknowledge(2);
    expect(messages(late.checker.finish(late.world))).toContain('which had gone with its whole chain');
    const allowed = comesBack([entry(1)], true, [1, 2]);
    expect(messages(allowed.checker.finish(allowed.world))).toBe('');
    expect(allowed.checker.losses).toBe(1);
    expect(allowed.logs.isLossy(0)).toBe(true);
  });

  it('allows no loss to a chain that was not lost', () => {
    const { world, checker, write, acknowledge } = setUp(true);
    acknowledge(2);
    doctor(world, 'n2', () => member(VIEW, 'n2', [entry(1)]));
    world.crash('n1');
    write(ringView(['n2', 'n3', 'n4'], [['n2', 'n3']], 2));
    expect(messages(checker.finish(world))).toContain('acknowledged, but not at n2 in view 2');
  });

  it('sees a learner that was promoted without what was acknowledged', () => {
    const { world, checker, write, acknowledge } = setUp();
    acknowledge(2);
    doctor(world, 'n4', () => member(VIEW, 'n4', [entry(1)]));
    write(ringView(kit.IDS, [['n1', 'n2', 'n3', 'n4']], 2));
    expect(messages(checker.finish(world))).toContain('not at n4 in view 2');
  });
});

describe('no-leftovers', () => {
  const judge = (world: FakeWorld) => messages(new NoLeftovers(nowUs).finish(world));

  it('is content with files, and with what an open upload staged', () => {
    const world = atRest();
    expect(judge(world)).toBe('');
    doctor(world, 'n2', (state) => kit.hold(state, 'n1.1.9', 'staged'));
    const operation = { operation: 'o', upload: 'n1.1.9' } as WriteOperation;
    doctor(world, 'n1', (state) => ({ ...state, operations: state.operations.set('o', operation) }));
    expect(judge(world)).toBe('');
  });

  it.each(['staged', 'kept', 'retired'] as const)('sees bytes %s in vain', (phase) => {
    const world = atRest();
    doctor(world, 'n2', (state) => kit.hold(state, 'n1.1.9', phase));
    expect(judge(world)).toContain(`n2 still holds bytes of n1.1.9 (${phase}`);
  });

  it('sees a shard kept where its chain is whole without it; of a lost one it may be needed', () => {
    const world = atRest();
    doctor(world, 'n4', () => member(VIEW, 'n4', [entry(1), entry(2)]));
    expect(judge(world)).toContain('n4 still keeps shard 0, whose chain is whole without it');
    world.view = kit.lostView(['n4'], 2);
    expect(judge(world)).toBe('');
    world.view = ringView(['n1', 'n2', 'n4'], [['n1', 'n2']], 2);
    expect(judge(world)).toBe('');
  });
});

describe('converges', () => {
  it('is content with a ring at rest', () => {
    expect(new Converges(nowUs).finish(atRest())).toEqual([]);
  });

  it.each([
    ['a dead member', (world: FakeWorld) => world.crash('n4'), 'n4 is down and still in view 1'],
    ['a frozen member', (world: FakeWorld) => world.pause('n4'), 'n4 is paused and still in view 1'],
    ['a broken link', (world: FakeWorld) => breakLink(world), 'n1 does not hear its predecessor'],
    ['an old view', (world: FakeWorld) => oldView(world), 'n2 lives in view 0, not in 1'],
    ['a shorter log', (world: FakeWorld) => shorten(world), 'n1 has committed 1.2, n2 1.1'],
    ['an uncommitted entry', (world: FakeWorld) => uncommitted(world), 'n1 has 1 uncommitted entries in shard 0'],
    ['a different file', (world: FakeWorld) => different(world), 'n1 has 1.2 at /a, n3 has nothing'],
    ['bytes that are not there', (world: FakeWorld) => thin(world), 'n2 lacks chunks 2 to 2 of /a'],
    ['another outcome', (world: FakeWorld) => forgetful(world), 'n3 remembers nothing'],
    ['a learner', (world: FakeWorld) => learning(world), 'n4 is still being caught up for shard 0'],
    ['a short chain', (world: FakeWorld) => short(world), 'the chain of shard 0 has 2 members, not 3'],
    ['a lost chain that could be back', (world: FakeWorld) => lost(world), 'shard 0 is lost, and could be back'],
  ] as const)('sees %s', (_, change, reason) => {
    const world = atRest();
    change(world);
    expect(messages(new Converges(nowUs).finish(world))).toContain(reason);
  });

  it('asks nothing of the dead, of those cut off and of those leaving; all others must be in the ring', () => {
    const world = atRest();
    world.view = ringView(['n1', 'n2', 'n3'], [['n1', 'n2', 'n3']], 1);
    expect(restlessness(world)).toEqual(['n4 runs (member) and is not in view 1']);
    expect(restlessness(world, { mayLose: false, isCutOff: (server) => server === 'n4' })).toEqual([]);
    doctor(world, 'n4', (state) => ({ ...state, membership: { ...state.membership, leaving: 'idle' } }));
    expect(restlessness(world)).toEqual([]);
    world.crash('n4');
    for (const server of ['n1', 'n2', 'n3']) world.crash(server);
    expect(restlessness(world)).toEqual([]);
  });

  it('lets a chain stay lost whose servers stay away, or which may be lost', () => {
    const world = atRest();
    lost(world);
    world.crash('n3');
    expect(restlessness(world)).toContain('shard 0 is lost, and could be back');
    const view = kit.lostView(['n1', 'n2', 'n4'], 1);
    world.view = makeView({ ...view, settings: { ...view.settings, durability: 'os' } });
    expect(restlessness(world)).toEqual([]);
    const empty = atRest();
    lost(empty);
    for (const server of kit.IDS) doctor(empty, server, () => member(VIEW, server, []));
    for (const server of kit.IDS) doctor(empty, server, (state) => ({ ...state, shards: SortedMap.empty() }));
    expect(restlessness(empty)).not.toEqual([]);
    expect(restlessness(empty, { mayLose: true, isCutOff: () => false })).toEqual([]);
  });

  const thin = (world: FakeWorld) => doctor(world, 'n2', () => member(VIEW, 'n2', [entry(1), entry(2)], 2));
  const forgetful = (world: FakeWorld) => {
    const outcomes = SortedMap.empty<string, RememberedOutcome>().set('o2', {
      outcome: entry(2).outcome,
      fingerprint: '',
    });
    for (const server of ['n1', 'n2']) {
      doctor(world, server, (state) => changeShard(state, (shard) => ({ ...shard, outcomes })));
    }
  };
  const learning = (world: FakeWorld) => {
    world.view = kit.withLearner(VIEW, 'n4');
  };
  const short = (world: FakeWorld) => {
    world.view = ringView(kit.IDS, [['n1', 'n2']]);
  };
  const lost = (world: FakeWorld) => {
    world.view = kit.lostView(kit.IDS, 1);
  };
  const breakLink = (world: FakeWorld) =>
    doctor(world, 'n1', (state) => ({ ...state, links: { ...state.links, lostInSinceMs: 5 } }));
  const oldView = (world: FakeWorld) =>
    doctor(world, 'n2', (state) => ({ ...state, view: initialState({ ...state, id: 'n2' }).view }));
  const shorten = (world: FakeWorld) => doctor(world, 'n2', () => member(VIEW, 'n2', [entry(1)]));
  const uncommitted = (world: FakeWorld) =>
    doctor(world, 'n1', (state) => changeShard(state, (shard) => ({ ...shard, log: shard.log.set(3, entry(3)) })));
  const different = (world: FakeWorld) =>
    doctor(world, 'n3', (state) => changeShard(state, (shard) => ({ ...shard, files: SortedMap.empty() })));
});

describe('bounded', () => {
  function judge(change: (world: FakeWorld) => void): string {
    const world = atRest();
    const checker = new Bounded(nowUs);
    change(world);
    for (let i = 0; i < 300; i++) checker.stepped(world.server('n1'), { kind: 'wake', now: 0 });
    return messages(checker.finish(world));
  }

  it('is content within the limits', () => {
    expect(judge(() => undefined)).toBe('');
  });

  it('sees a full transit buffer, a credit too many and a table beyond its limit', () => {
    const frame = { kind: 'abandon', upload: 'u', epoch: 1, origin: 'n1', lastStop: 'n1' } as const;
    let transit = Queue.empty<typeof frame>();
    for (let i = 0; i < 5; i++) transit = transit.push(frame);
    const overfull = (world: FakeWorld) =>
      doctor(world, 'n1', (state) => ({ ...state, stream: { ...state.stream, transit, credits: -1, onWire: 3 } }));
    const found = judge(overfull);
    expect(found).toContain('n1 keeps 5 frames in transit (transitSlots), at most 4 are allowed');
    expect(judge((world) => doctor(world, 'n1', (s) => ({ ...s, stream: { ...s.stream, credits: -1 } })))).toContain(
      'n1 spent a credit that it did not have',
    );
    expect(judge((world) => doctor(world, 'n2', (s) => ({ ...s, stream: { ...s.stream, onWire: 3 } })))).toContain(
      'n2 keeps 3 frames on the wire (wireFramesMax), at most 2 are allowed',
    );
  });

  it('sees too long a history, and too many shards to be caught up for', () => {
    let history = SortedMap.empty<number, LogEntry>();
    for (let i = 1; i <= 513; i++) history = history.set(i, entry(i));
    expect(judge((world) => doctor(world, 'n2', (s) => changeShard(s, (shard) => ({ ...shard, history }))))).toContain(
      'n2 keeps 513 entries for learners of shard 0 (historyEntriesMax)',
    );
    const learning = { phase: 'asking' } as ShardState['learning'];
    const many = (world: FakeWorld) =>
      doctor(world, 'n2', (state) => {
        let { shards } = state;
        for (let shard = 0; shard < 17; shard++) shards = shards.set(shard, { ...FRESH_SHARD, learning });
        return { ...state, shards };
      });
    expect(judge(many)).toContain('n2 keeps 17 shards to be caught up for (learningMax), at most 16 are allowed');
  });

  it('sees what piles up in the dealings with the coordinator', () => {
    const calls = Array.from({ length: 1000 }, (_, i) => i);
    const piled = (world: FakeWorld) =>
      doctor(world, 'n3', (state) => ({ ...state, coordination: Object.assign({ calls }, state.coordination) }));
    expect(judge(piled)).toContain('n3 keeps 1000 things at the coordinator');
  });

  it('sees a log and an upload window beyond their limits', () => {
    let log = SortedMap.empty<number, ReturnType<typeof entry>>();
    for (let i = 1; i <= 257; i++) log = log.set(i, entry(i));
    expect(judge((world) => doctor(world, 'n2', (s) => changeShard(s, (shard) => ({ ...shard, log }))))).toContain(
      'n2 keeps 257 uncommitted entries of shard 0 (logEntriesMax)',
    );
  });
});
