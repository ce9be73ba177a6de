import { describe, expect, it } from 'vitest';
import { NOTHING_RECOVERED } from '../store-port.js';
import { makeView, type View } from '../view/view.js';
import { carryOfRemoved, seekAt } from './ending.js';
import { Ring, viewOf } from './ring.test-kit.js';

const OLD = viewOf(7, 'n1 n2 n4');
const start = (carry?: { removals: number; removedAtMs: number }, identity = NOTHING_RECOVERED.identity) =>
  ({ kind: 'start', recovered: { ...NOTHING_RECOVERED, identity }, carry }) as const;

describe('a member that is removed', () => {
  it('ends its life, and hands over that it was removed', () => {
    const ring = Ring.of(OLD);
    const { now } = ring;
    ring.show(viewOf(8, 'n1 n2'), 'n4');
    expect(ring.told('removed', 'n4')).toEqual([{ fact: 'removed', epoch: 8 }]);
    const carry = { removals: 1, removedAtMs: now };
    expect(ring.asked('restart', 'n4')).toEqual([{ kind: 'restart', afterMs: 200, carry, why: 'removed' }]);
    expect(ring.wires.filter(({ from, to }) => from === 'n4' || to === 'n4')).toEqual([]);
  });

  it.each([
    [0, 0],
    [1, 250],
    [2, 500],
    [3, 1_000],
    [7, 16_000],
    [50, 16_000],
  ])('after %i removals it waits %i ms', (removals, ms) => {
    expect(seekAt({ removals, removedAtMs: 1_000 }, 250, 1_000)).toBe(1_000 + ms);
    const ring = Ring.of(OLD);
    ring.add('n3');
    ring.feed('n3', start({ removals, removedAtMs: ring.now }));
    ring.show(OLD, 'n3');
    ring.pass(ms - 1);
    expect(ring.state('n3').membership.seat === undefined).toBe(ms > 0);
    ring.pass(2);
    expect(ring.state('n3').membership.seat).toEqual({ before: 'n2', after: 'n4' });
  });

  it('a clock that was set back does not keep it out', () => {
    expect(seekAt({ removals: 1, removedAtMs: 9_000_000 }, 250, 1_000)).toBe(1_250);
  });

  it.each([
    [15_999, 4],
    [16_000, 1],
  ])('after %i ms in the ring its removals before count as %i with the new one', (ms, removals) => {
    const ring = Ring.of(viewOf(7, 'n1'));
    const { membership } = ring.state('n1');
    const now = ring.now + ms;
    const state = { ...ring.state('n1'), membership: { ...membership, carry: { removals: 3, removedAtMs: 5 } } };
    const turn = { now, state, outputs: [], launched: [], settled: 0, newView: undefined };
    expect(carryOfRemoved(turn)).toEqual({ removals, removedAtMs: now });
  });
});

describe('a disk that', () => {
  const identity = { clusterId: 'test', store: 's', incarnation: 1, epoch: 9, since: 1 };

  it('belongs to another cluster keeps its server out', () => {
    const ring = Ring.of(OLD);
    ring.add('n3');
    ring.feed('n3', start(undefined, { ...identity, clusterId: 'other' }));
    expect(ring.told('kept-out')).toHaveLength(1);
    expect(ring.asked('stop', 'n3')).toHaveLength(1);
  });

  it('has seen what the register has not keeps its server out, if that was no stale read', () => {
    const ring = Ring.of(OLD);
    ring.add('n3');
    ring.feed('n3', start(undefined, identity));
    ring.readRegister('n3', 7);
    ring.show(OLD, 'n3');
    ring.pass(1_500);
    expect(ring.asked('stop', 'n3')).toEqual([]);
    expect(ring.asked('dial', 'n3')).toEqual([]);
    ring.pass(1_000);
    expect(ring.told('kept-out')).toHaveLength(1);
    expect(ring.asked('stop', 'n3')).toHaveLength(1);
  });

  it('was read beside a stale register is let in when the register catches up', () => {
    const ring = Ring.of(OLD);
    ring.add('n3');
    ring.feed('n3', start(undefined, identity));
    ring.readRegister('n3', 7);
    ring.show(OLD, 'n3');
    ring.pass(1_000);
    ring.readRegister('n3', 9);
    ring.pass(2_000);
    expect(ring.state('n3').membership.seat).toEqual({ before: 'n2', after: 'n4' });
  });
});

describe('a server that comes back to a lost shard', () => {
  const identity = { clusterId: 'test', store: 's', incarnation: 1, epoch: 7, since: 1 };
  const lostWith = (incarnation: number): View =>
    makeView({
      ...viewOf(8, 'n1 n2/3'),
      chains: [{ members: [], learners: [], lost: [{ id: 'n2', incarnation }] }],
    });

  function back(view: View): Ring {
    const ring = Ring.of(viewOf(7, 'n1'));
    ring.add('n2', 3);
    ring.feed('n2', start(undefined, identity));
    ring.show(view, 'n1', 'n2');
    return ring;
  }

  it('tells what it has of it when its disk knows of its life, and not before', () => {
    const ring = back(lostWith(1));
    expect(ring.state('n2').membership).toMatchObject({ kept: [], published: { kept: [] } });
    ring.feed('n2', { kind: 'identity-persisted' });
    const kept = [{ shard: 0, last: { epoch: 0, sequence: 0 }, suspect: false }];
    expect(ring.state('n2').membership.published).toMatchObject({ epoch: 8, kept });
    expect(ring.asked('write-identity', 'n2')).toMatchObject([{ identity: { incarnation: 3, since: 1 } }]);
  });

  it('never speaks for a life that its disk did not know, nor does any life after it', () => {
    const ring = back(lostWith(2));
    ring.feed('n2', { kind: 'identity-persisted' });
    expect(ring.state('n2').membership.kept).toEqual([]);
    expect(ring.asked('write-identity', 'n2')).toMatchObject([{ identity: { incarnation: 3, since: 3 } }]);
  });
});

describe('leaving', () => {
  it('takes no new clients, and waits for those it has', () => {
    const ring = Ring.of(OLD);
    ring.feed('n4', { kind: 'client-request', request: 'r1', operation: { kind: 'stat', path: '/a' } });
    ring.feed('n4', { kind: 'leave' });
    expect(ring.state('n4').membership.published).toMatchObject({ leaving: 'handing-over', epoch: 7 });
    ring.feed('n4', { kind: 'client-request', request: 'r2', operation: { kind: 'stat', path: '/a' } });
    expect(ring.asked('answer', 'n4')).toMatchObject([
      { request: 'r2', answer: { result: 'refused', code: 'leaving' } },
    ]);
    ring.settle();
    expect(ring.asked('answer', 'n4')).toHaveLength(2);
    expect(ring.state('n4').membership.published).toMatchObject({ leaving: 'idle', epoch: 7 });
  });

  it('is said again in every view, and ends for good with the one that lets it go', () => {
    const ring = Ring.of(OLD);
    ring.feed('n4', { kind: 'leave' });
    ring.show(viewOf(8, 'n1 n4'), 'n1', 'n4');
    expect(ring.state('n4').membership.published).toMatchObject({ leaving: 'idle', epoch: 8 });
    ring.show(viewOf(9, 'n1'), 'n1', 'n4');
    expect(ring.told('life-ends', 'n4')).toEqual([{ fact: 'life-ends', why: 'left' }]);
    expect(ring.asked('stop', 'n4')).toHaveLength(1);
    expect(ring.asked('restart', 'n4')).toEqual([]);
  });

  it('a server that is not in yet just stops', () => {
    const ring = Ring.of(OLD);
    ring.add('n3');
    ring.show(OLD, 'n3');
    ring.feed('n3', { kind: 'leave' });
    expect(ring.asked('stop', 'n3')).toHaveLength(1);
    expect(ring.wires.filter(({ from, to }) => from === 'n3' || to === 'n3')).toEqual([]);
  });
});

describe('planning', () => {
  it('the first member plans most often, the others stand in', () => {
    const ring = Ring.of(viewOf(7, 'n1 n2 n4'));
    ring.pass(100);
    ring.show(viewOf(8, 'n1 n2 n4'), 'n1', 'n2', 'n4');
    const at = ring.now;
    const due = ['n1', 'n2', 'n4'].map((id) => ring.state(id).timers.plan - at);
    expect(due).toEqual([500, 2_000, 4_500]);
    ring.pass(501);
    expect(['n1', 'n2', 'n4'].map((id) => ring.state(id).membership.asked)).toEqual(['plan', 'no', 'no']);
    expect(ring.state('n1').timers.plan - at).toBe(1_000);
  });

  it('puts in who has a seat, once it has read of it', () => {
    const ring = Ring.of(OLD);
    ring.add('n3');
    ring.show(OLD, 'n3');
    ring.read('n1');
    expect(ring.told('view-proposed')).toEqual([]);
    ring.pass(501);
    ring.read('n1');
    expect(ring.told('view-proposed')).toEqual([{ fact: 'view-proposed', epoch: 8, removed: [], added: ['n3'] }]);
  });

  it('a learner that holds its tail up waits for nobody: the registrations are read at once', () => {
    const ring = Ring.of(OLD);
    ring.say('n2', { stalled: [{ shard: 0, learner: 'n4' }] });
    expect(ring.state('n2').membership.asked).toBe('repair');
    expect(ring.state('n2').membership.published).toMatchObject({ epoch: 7, stalled: [{ shard: 0, learner: 'n4' }] });
  });

  it('tells of a shard that is lost when it is, and counts the time from then', () => {
    const ring = Ring.of(OLD);
    const lost = [{ id: 'n1', incarnation: 1 }];
    const without = (epoch: number): View =>
      makeView({ ...viewOf(epoch, 'n2 n4'), chains: [{ members: [], learners: [], lost }] });
    ring.show(without(8), 'n2', 'n4');
    expect(ring.told('shard-lost', 'n2')).toEqual([{ fact: 'shard-lost', shard: 0, lost: ['n1'] }]);
    const { lostSinceMs } = ring.state('n2').membership;
    expect(lostSinceMs).toBe(ring.now);
    ring.pass(10);
    ring.show(without(9), 'n2', 'n4');
    expect(ring.told('shard-lost', 'n2')).toHaveLength(1);
    expect(ring.state('n2').membership.lostSinceMs).toBe(lostSinceMs);
    ring.show(viewOf(10, 'n2 n4'), 'n2', 'n4');
    expect(ring.state('n2').membership.lostSinceMs).toBe(0);
  });
});

describe('a predecessor that refuses', () => {
  it('is dialled at the pace of repair, rarer and rarer', () => {
    const ring = Ring.of(viewOf(7, 'n1 n2 n3 n4'));
    ring.remove('n2');
    const dials = (ms: number): number => {
      ring.forget();
      ring.pass(ms);
      return ring.outputs.filter(({ at, output }) => at === 'n3' && output.kind === 'dial' && output.member.id === 'n2')
        .length;
    };
    expect(dials(10)).toBeLessThanOrEqual(6);
    expect(dials(100)).toBeLessThanOrEqual(15);
    expect(dials(1_000)).toBeLessThanOrEqual(15);
  });
});

describe('what is published', () => {
  it('a view that changes makes nobody write who has nothing to say', () => {
    const ring = Ring.of(OLD);
    const before = ring.registrations();
    ring.show(viewOf(8, 'n1 n2 n4'), 'n1', 'n2', 'n4');
    expect(ring.registrations()).toEqual(before);
  });

  it('a broken link is, and that it is whole again', () => {
    const ring = Ring.of(OLD);
    ring.deaf.add('n4>n2');
    const [wire] = ring.wires.filter(({ from, to }) => from === 'n2' && to === 'n4');
    for (const id of ['n2', 'n4']) ring.feed(id, { kind: 'link-down', link: wire?.id ?? 0 });
    expect(ring.state('n2').membership.published).toMatchObject({ brokenOut: true, brokenIn: false });
    ring.pass(220);
    expect(ring.state('n4').membership.published).toMatchObject({ brokenIn: true });
    ring.deaf.clear();
    ring.pass(300);
    expect(ring.state('n2').membership.published).toMatchObject({ brokenOut: false });
    expect(ring.state('n4').membership.published).toMatchObject({ brokenIn: false });
  });
});

describe('a member that its successor cannot hear', () => {
  /** n3 does not come through to n2 any more. */
  function deafened(): Ring {
    const ring = Ring.of(viewOf(7, 'n1 n2 n3 n4'));
    ring.deaf.add('n3>n2');
    const [wire] = ring.wires.filter(({ from, to }) => from === 'n2' && to === 'n3');
    for (const id of ['n2', 'n3']) ring.feed(id, { kind: 'link-down', link: wire?.id ?? 0 });
    return ring;
  }

  it('looks for a place elsewhere when it is the only broken edge', () => {
    const ring = deafened();
    ring.pass(100);
    ring.read('n2');
    ring.pass(1);
    expect(ring.state('n2').membership.isRelocating).toBe(false);
    ring.pass(150);
    ring.read('n2');
    ring.pass(20);
    expect(ring.state('n2').membership.published).toMatchObject({
      brokenOut: true,
      seat: { before: 'n3', after: 'n4' },
    });
    ring.show(viewOf(8, 'n1 n3 n2 n4'), 'n1', 'n3', 'n2', 'n4');
    expect(ring.adopted()).toEqual(['n1>n3', 'n2>n4', 'n3>n2', 'n4>n1']);
    expect(ring.state('n2').membership).toMatchObject({ seat: undefined, isRelocating: false });
  });

  it('stays while something else is broken, too', () => {
    const ring = deafened();
    ring.pass(250);
    ring.read('n2', [...ring.registrations(), { ...ring.registrationOf('n1'), brokenIn: true }]);
    expect(ring.state('n2').membership.isRelocating).toBe(false);
  });
});

describe('a ring of which nobody is left', () => {
  it('begins again with those who are there, when everybody was asked and time has passed', () => {
    const ring = new Ring();
    for (const id of ['n1', 'n2', 'n4']) ring.add(id, 2);
    ring.show(OLD, 'n1', 'n2', 'n4');
    ring.pass(2_900);
    ring.read('n2');
    expect(ring.told('view-proposed')).toEqual([]);
    ring.pass(1_500);
    ring.read('n2');
    const told = { fact: 'view-proposed', epoch: 8, removed: ['n1', 'n2', 'n4'], added: ['n1'] };
    expect(ring.told('view-proposed')).toEqual([told]);
  });

  it('is not dead while a member is registered', () => {
    const ring = new Ring();
    for (const id of ['n1', 'n2', 'n4']) ring.add(id, 2);
    ring.show(OLD, 'n1', 'n2', 'n4');
    ring.pass(5_000);
    ring.read('n2', [...ring.registrations(), { ...ring.registrationOf('n4'), incarnation: 1 }]);
    expect(ring.told('view-proposed')).toEqual([]);
  });

  it('is not dead while a member answers', () => {
    const ring = Ring.of(OLD);
    ring.remove('n1');
    ring.remove('n2');
    ring.add('n2', 2);
    ring.show(OLD, 'n2');
    ring.pass(5_000);
    ring.read('n2', []);
    expect(ring.told('view-proposed', 'n2')).toEqual([]);
  });

  it('a ring of one that begins another life knows it at once', () => {
    const ring = new Ring();
    ring.add('n1', 2);
    ring.show(viewOf(7, 'n1'), 'n1');
    ring.read('n1');
    expect(ring.told('view-proposed')).toEqual([{ fact: 'view-proposed', epoch: 8, removed: ['n1'], added: ['n1'] }]);
  });
});
