// Checkers that look into states: silent on a ring at rest, loud on a doctored one.
import { describe, expect, it } from 'vitest';
import { Queue } from '../../core/queue.js';
import { SortedMap } from '../../core/sorted-map.js';
import { initialState, type WriteOperation } from '../../core/state.js';
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
  for (const { id: server } of VIEW.ring) {
    doctor(world, server, () => member(VIEW, server, server === 'n4' ? [] : [entry(1), entry(2)]));
  }
  return world;
}

describe('acknowledged-durable', () => {
  function judge(change: (world: FakeWorld) => void, acknowledge = true): string {
    const world = atRest();
    const logs = new LogBook();
    const checker = new AcknowledgedDurable(world, logs);
    kit.tell([logs], ...kit.wentWell(entry(1)), ...kit.wentWell(entry(2)));
    const answer = kit.done({ result: 'stored', version: id(2), upload: 'o2' });
    if (acknowledge) checker.operationEnded(kit.record({ operation: 'o2', answer }));
    change(world);
    checker.viewWritten(world.view);
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
    const world = atRest();
    const logs = new LogBook();
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
    const checker = new AcknowledgedDurable(world, new LogBook());
    const refused = { result: 'refused', code: 'unavailable' } as const;
    const audit = kit.record({ purpose: 'audit', action: { kind: 'stat', path: '/a' }, answer: refused });
    checker.operationEnded(audit);
    expect(messages(checker.finish(world))).toContain('/a cannot be read at the end');
    const dead = atRest();
    for (const server of ['n1', 'n2', 'n3']) dead.crash(server);
    const other = new AcknowledgedDurable(dead, new LogBook());
    other.operationEnded(audit);
    expect(other.finish(dead)).toEqual([]);
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
  ] as const)('sees %s', (_, change, reason) => {
    const world = atRest();
    change(world);
    expect(messages(new Converges(nowUs).finish(world))).toContain(reason);
  });

  it('asks nothing of members that are out of the view, or where all are dead', () => {
    const world = atRest();
    world.view = ringView(['n1', 'n2', 'n3'], [['n1', 'n2', 'n3']], 1);
    world.crash('n4');
    expect(restlessness(world)).toEqual([]);
    for (const server of ['n1', 'n2', 'n3']) world.crash(server);
    expect(restlessness(world)).toEqual([]);
  });

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

  it('sees a log and an upload window beyond their limits', () => {
    let log = SortedMap.empty<number, ReturnType<typeof entry>>();
    for (let i = 1; i <= 257; i++) log = log.set(i, entry(i));
    expect(judge((world) => doctor(world, 'n2', (s) => changeShard(s, (shard) => ({ ...shard, log }))))).toContain(
      'n2 keeps 257 uncommitted entries of shard 0 (logEntriesMax)',
    );
  });
});
