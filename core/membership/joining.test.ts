import { describe, expect, it } from 'vitest';
import { NOTHING_RECOVERED } from '../store-port.js';
import { Ring, viewOf } from './ring.test-kit.js';

const OLD = viewOf(7, 'n1 n2 n4');
const NEW = viewOf(8, 'n1 n2 n3 n4');

/** n3 has found its seat between n2 and n4. */
function seated(): Ring {
  const ring = Ring.of(OLD);
  ring.add('n3');
  ring.show(OLD, 'n3');
  return ring;
}

describe('a newcomer', () => {
  it('finds its seat where its name belongs: it hears the one before, the one after hears it', () => {
    const ring = seated();
    expect(ring.told('seated')).toEqual([{ fact: 'seated', before: 'n2', after: 'n4' }]);
    expect(ring.state('n3').membership.published).toMatchObject({
      seat: { before: 'n2', after: 'n4' },
      epoch: 7,
    });
    expect(
      ring.wires.filter(({ from, to }) => [from, to].includes('n3')).map(({ from, to }) => `${from}>${to}`),
    ).toEqual(['n2>n3', 'n3>n4']);
    expect(ring.adopted()).toEqual(['n1>n2', 'n2>n4', 'n4>n1']);
  });

  it('finds the only seat of a ring of one', () => {
    const ring = Ring.of(viewOf(7, 'n1'));
    ring.add('n2');
    ring.show(viewOf(7, 'n1'), 'n2');
    expect(ring.state('n2').membership.seat).toEqual({ before: 'n1', after: 'n1' });
    const both = viewOf(8, 'n1 n2');
    ring.forget();
    ring.show(both, 'n1', 'n2');
    expect(ring.adopted()).toEqual(['n1>n2', 'n2>n1']);
    expect(ring.asked('dial')).toEqual([]);
  });

  it('serves no client', () => {
    const ring = seated();
    ring.feed('n3', { kind: 'client-request', request: 'r', operation: { kind: 'stat', path: '/a' } });
    expect(ring.asked('answer')).toMatchObject([{ answer: { result: 'refused', code: 'not-a-member' } }]);
  });

  it('says and dials nothing before it has the number of its life', () => {
    const ring = Ring.of(OLD);
    ring.add('n3', 0);
    ring.show(OLD, 'n3');
    ring.pass(1_000);
    expect(ring.outputs.filter(({ at, output }) => at === 'n3' && output.kind !== 'wake-at')).toEqual([]);
    expect(ring.registrations().map(({ member }) => member)).not.toContain('n3');
  });
});

describe('when the view puts it in', () => {
  it.each([
    ['n2', 'n3', 'n4', 'n1'],
    ['n2', 'n4', 'n3', 'n1'],
    ['n3', 'n2', 'n4', 'n1'],
    ['n3', 'n4', 'n2', 'n1'],
    ['n4', 'n3', 'n2', 'n1'],
    ['n4', 'n2', 'n3', 'n1'],
    ['n1', 'n4', 'n2', 'n3'],
  ])('its links are taken over, whoever hears of it first: %s, %s, %s, %s', (...order) => {
    const ring = seated();
    const links = ring.wires.filter(({ from, to }) => from === 'n3' || to === 'n3');
    ring.forget();
    ring.show(NEW, ...order);
    expect(ring.adopted()).toEqual(['n1>n2', 'n2>n3', 'n3>n4', 'n4>n1']);
    expect(ring.wires).toEqual(expect.arrayContaining(links));
    const lost = ring.facts.filter(({ fact }) => fact.fact === 'link-broken' && fact.peer === 'n3');
    expect(lost).toEqual([]);
    expect(ring.told('link-refused')).toEqual([]);
    // Data may flow at once: every credit that the successor has is known.
    expect(ring.state('n2').stream.credits).toBe(3);
    expect(ring.state('n3').stream.credits).toBe(3);
  });

  it('the view travels over the very links that are taken over', () => {
    const ring = seated();
    ring.show(NEW, 'n2');
    expect(ring.state('n3').status).toBe('member');
    expect(ring.state('n4').view.epoch).toBe(8);
  });

  it('whoever takes a link over makes the one behind it read the register', () => {
    const ring = seated();
    ring.forget();
    ring.show(NEW, 'n4');
    const pongs = ring.asked('send', 'n4').filter((output) => output.kind === 'send' && output.frame.kind === 'pong');
    expect(pongs).toMatchObject([{ frame: { epoch: 8 } }]);
    expect(ring.wires.find(({ from, to }) => from === 'n3' && to === 'n4')?.id).toBe(ring.state('n4').links.inbound);
  });

  it('it writes down whose disk this is', () => {
    const ring = Ring.of(OLD);
    ring.add('n3');
    const identity = { clusterId: 'test', store: 'disk of n3', incarnation: 0, epoch: 0, since: 1 };
    ring.feed('n3', { kind: 'start', recovered: { ...NOTHING_RECOVERED, identity }, carry: undefined });
    ring.show(OLD, 'n3');
    ring.show(NEW, 'n2');
    expect(ring.asked('write-identity', 'n3')).toEqual([
      { kind: 'write-identity', identity: { ...identity, incarnation: 1, epoch: 8, since: 1 } },
    ]);
  });
});

describe('while it waits', () => {
  it('a view that changes nothing for it costs it nothing', () => {
    const ring = seated();
    ring.forget();
    ring.show(viewOf(8, 'n2 n4'), 'n2', 'n4', 'n3');
    expect(ring.state('n3').membership.published).toMatchObject({
      seat: { before: 'n2', after: 'n4' },
      epoch: 8,
    });
    expect(ring.asked('dial', 'n3')).toEqual([]);
    expect(ring.told('seated')).toEqual([]);
  });

  it('a view that puts somebody into its gap makes it look again', () => {
    const ring = seated();
    ring.add('n3a');
    ring.show(OLD, 'n3a');
    expect(ring.state('n3a').membership.seat).toEqual({ before: 'n2', after: 'n4' });
    ring.show(viewOf(8, 'n1 n2 n3a n4'), 'n2', 'n3a', 'n4', 'n1', 'n3');
    ring.pass(50);
    expect(ring.state('n3').membership.published).toMatchObject({
      seat: { before: 'n2', after: 'n3a' },
      epoch: 8,
    });
  });

  it('a neighbour that goes takes the seat with it', () => {
    const ring = seated();
    ring.remove('n4');
    expect(ring.state('n3').membership.published?.seat).toBeUndefined();
  });

  it('its links go in the end, and are made anew', () => {
    const ring = seated();
    const links = ring.wires.filter(({ from, to }) => from === 'n3' || to === 'n3').map(({ id }) => id);
    ring.pass(11_000);
    expect(ring.wires.filter(({ id }) => links.includes(id))).toEqual([]);
    expect(ring.state('n3').membership.seat).toEqual({ before: 'n2', after: 'n4' });
  });
});

describe('a gap that cannot be had', () => {
  it.each([
    ['n3>n2', { before: 'n4', after: 'n1' }],
    ['n4>n3', { before: 'n4', after: 'n1' }],
  ])('is left for the next one clockwise: %s does not work', (way, seat) => {
    const ring = Ring.of(OLD);
    ring.add('n3');
    ring.deaf.add(way);
    ring.show(OLD, 'n3');
    ring.pass(150);
    expect(ring.state('n3').membership.seat).toBeUndefined();
    ring.pass(600);
    expect(ring.state('n3').membership.seat).toEqual(seat);
  });

  it('guests take half of the connections at most', () => {
    const ring = Ring.of(viewOf(7, 'n1 n2'));
    for (let i = 0; i < 20; i++) {
      ring.add(`n1.${i}`);
      ring.show(viewOf(7, 'n1 n2'), `n1.${i}`);
    }
    for (const id of ['n1', 'n2']) {
      const guests = [...ring.state(id).links.table.values()].filter(({ peer }) => peer?.includes('.'));
      expect(guests.length).toBeGreaterThan(4);
      expect(guests.length).toBeLessThanOrEqual(8);
    }
    expect(ring.adopted()).toEqual(['n1>n2', 'n2>n1']);
  });
});

describe('a server that begins another life', () => {
  it.each(['noticed', 'unnoticed'] as const)('is known by its greeting on both sides at once: %s', (how) => {
    const ring = Ring.of(viewOf(7, 'n1 n2 n3'));
    ring.restart('n2', 2, how);
    ring.show(viewOf(7, 'n1 n2 n3'), 'n2');
    expect(ring.registrationOf('n1')).toMatchObject({ brokenIn: false, brokenOut: true });
    expect(ring.registrationOf('n3')).toMatchObject({ brokenIn: true, brokenOut: false });
    expect(ring.state('n2').membership.seat).toEqual({ before: 'n1', after: 'n3' });
    ring.show(viewOf(8, 'n1 n3'), 'n1', 'n3', 'n2');
    expect(ring.state('n2').membership.published).toMatchObject({
      seat: { before: 'n1', after: 'n3' },
      epoch: 8,
    });
    ring.show(viewOf(9, 'n1 n2/2 n3'), 'n1', 'n2', 'n3');
    expect(ring.adopted()).toEqual(['n1>n2', 'n2>n3', 'n3>n1']);
  });

  it('is a member at once if the view names it before it has its number', () => {
    const ring = Ring.of(viewOf(7, 'n1'));
    ring.add('n1', 0);
    ring.show(viewOf(7, 'n1'), 'n1');
    expect(ring.state('n1').status).toBe('joining');
    ring.number('n1', 1);
    expect(ring.state('n1').status).toBe('member');
  });
});
