// Who is struck, with what, and how it ends: against a world that only writes down what is done to it.
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../core/output.js';
import { FakeWorld, ringView } from '../clients/fake-world.test-kit.js';
import type { FaultAction, Group, LinkSelector, Who } from '../scenario/scenario.js';
import { Cast, isDown, isRunning } from './cast.js';
import { strikeFault } from './fault.js';
import { NetworkDamage } from './network-damage.js';
import { ProcessDamage } from './process-damage.js';

const server = (id: string): Who => ({ kind: 'server', id });
const only = (...ids: readonly string[]): Group => ({ kind: 'list', who: ids.map(server) });
const link = (from: string, to: string, bothWays = false): LinkSelector => ({
  from: server(from),
  to: server(to),
  bothWays,
});
const role = (name: 'head' | 'mid' | 'tail' | 'owner', path = '/a'): Who => ({ kind: 'role', role: name, path });

function bench(...spares: readonly string[]) {
  const ids = ['n1', 'n2', 'n3', 'n4', 'n5'];
  const world = new FakeWorld(ids, ringView(ids, [['n2', 'n3', 'n4']]), spares);
  const cast = new Cast(world);
  const network = new NetworkDamage(world);
  const random = world.random('test');
  const processes = new ProcessDamage(world);
  const strike = (fault: FaultAction) => strikeFault(fault, { world, cast, network, processes }, random);
  return { world, cast, network, random, strike };
}

describe('who', () => {
  it('a role is whoever plays it in the present view', () => {
    const { world, cast, random } = bench();
    const played = () => (['head', 'mid', 'tail'] as const).map((name) => cast.one(role(name), isRunning, random));
    expect(played()).toEqual(['n2', 'n3', 'n4']);
    world.view = ringView(['n1', 'n3', 'n4'], [['n3', 'n4']], 2);
    expect(played()).toEqual(['n3', undefined, 'n4']);
    world.crash('n3');
    expect(played()).toEqual([undefined, undefined, 'n4']);
    expect(cast.isMeant(role('head'), 'n3')).toBe(true);
    expect(cast.isMeant({ kind: 'any' }, 'n1')).toBe(true);
  });

  it('the owner is the server that took in the latest put', () => {
    const { cast, random } = bench();
    const started = (upload: string): Fact => ({ fact: 'upload-started', upload, path: '/a', operation: 'o' });
    expect(cast.one(role('owner'), isRunning, random)).toBeUndefined();
    cast.fact('n5', 1, started('n5.1.1'));
    cast.fact('n1', 1, started('n1.1.1'));
    expect(cast.one(role('owner'), isRunning, random)).toBe('n1');
  });

  it('any, half, minority and all are drawn among those that fit', () => {
    const { world, cast, random } = bench();
    world.crash('n1');
    for (let i = 0; i < 20; i++) expect(cast.one({ kind: 'any' }, isRunning, random)).not.toBe('n1');
    expect(cast.one({ kind: 'any' }, isDown, random)).toBe('n1');
    expect(cast.several({ kind: 'all' }, isRunning, random)).toEqual(['n2', 'n3', 'n4', 'n5']);
    expect(cast.several({ kind: 'half' }, isRunning, random)).toHaveLength(2);
    expect(cast.several({ kind: 'minority' }, isRunning, random)).toHaveLength(1);
    expect(cast.several({ kind: 'list', who: [server('n2'), role('head')] }, isRunning, random)).toEqual(['n2']);
  });

  it('a link has two different ends', () => {
    const { cast, random } = bench();
    const anywhere: LinkSelector = { from: { kind: 'any' }, to: { kind: 'any' }, bothWays: true };
    for (let i = 0; i < 20; i++) {
      const [there, back] = cast.link(anywhere, random);
      expect(there?.[0]).not.toBe(there?.[1]);
      expect(back).toEqual([there?.[1], there?.[0]]);
    }
    expect(cast.link(link('n1', 'n1'), random)).toEqual([]);
    expect(cast.link({ ...link('n1', 'n2'), to: { kind: 'coordinator' } }, random)).toEqual([['n1', 'coordinator']]);
  });
});

describe('processes', () => {
  it('crash, restart, pause and resume whoever fits, or nobody', () => {
    const { world, strike } = bench();
    expect(strike({ kind: 'restart', disk: 'kept', who: { kind: 'all' } })).toBeUndefined();
    expect(strike({ kind: 'crash', power: false, who: only('n1', 'n2') })?.hits.map(({ who }) => who)).toEqual([
      'n1',
      'n2',
    ]);
    expect(strike({ kind: 'crash', power: false, who: only('n1') })).toBeUndefined();
    strike({ kind: 'restart', disk: 'kept', who: { kind: 'all' } });
    expect(world.deeds).toEqual(['crash n1', 'crash n2', 'restart n1', 'restart n2']);
  });

  it('a pause that ends resumes the same life only', () => {
    const { world, strike } = bench();
    const pause = strike({ kind: 'pause', who: only('n1', 'n2', 'n3') });
    world.crash('n1');
    world.restart('n1');
    world.resume('n2');
    world.deeds.length = 0;
    pause?.undo?.();
    expect(world.deeds).toEqual(['resume n3']);
  });

  it('removes members only, and never the last', () => {
    const { world, strike } = bench();
    expect(strike({ kind: 'remove', who: server('n2') })).toBeDefined();
    world.view = ringView(['n1'], [['n1']], 2);
    expect(strike({ kind: 'remove', who: server('n2') })).toBeUndefined();
    expect(strike({ kind: 'remove', who: server('n1') })).toBeUndefined();
    expect(world.deeds).toEqual(['remove n2']);
  });
});

describe('the network', () => {
  it('splits both ways, those not named with the first', () => {
    const { world, strike } = bench();
    const split = strike({ kind: 'split', groups: [only('n1'), only('n4', 'n5')] });
    expect(split?.hits[0]?.text).toBe('the network splits: n1 n2 n3 | n4 n5');
    expect(world.deeds).toHaveLength(12);
    world.deeds.length = 0;
    split?.undo?.();
    split?.undo?.();
    expect(world.deeds).toHaveLength(12);
    expect(world.deeds).toContain('silence n5>n3 off');
    expect(strike({ kind: 'split', groups: [only('n1'), { kind: 'list', who: [role('owner')] }] })).toBeUndefined();
  });

  it('isolates a group as one, from the coordinator too', () => {
    const { world, strike } = bench();
    strike({ kind: 'isolate', who: only('n1', 'n2') });
    expect(world.deeds).toContain('silence n1>coordinator on');
    expect(world.deeds).not.toContain('silence n1>n2 on');
    expect(world.deeds).toHaveLength(16);
  });

  it('is heard again when the last of two silences ends', () => {
    const { world, strike } = bench();
    const one = strike({ kind: 'silence', link: link('n1', 'n2') });
    const two = strike({ kind: 'silence', link: link('n1', 'n2', true) });
    one?.undo?.();
    expect(world.deeds).toEqual(['silence n1>n2 on', 'silence n2>n1 on']);
    two?.undo?.();
    expect(world.deeds.slice(2)).toEqual(['silence n1>n2 off', 'silence n2>n1 off']);
  });

  it('is whole after heal, and no fault of before ends twice', () => {
    const { world, strike } = bench();
    const silence = strike({ kind: 'silence', link: link('n1', 'n2') });
    const delay = strike({ kind: 'delay', link: link('n1', 'n2'), delay: { minUs: 1, maxUs: 2 } });
    strike({ kind: 'heal' });
    strike({ kind: 'silence', link: link('n1', 'n2') });
    world.deeds.length = 0;
    silence?.undo?.();
    delay?.undo?.();
    expect(world.deeds).toEqual([]);
  });

  it('releases what is held, and only that', () => {
    const { world, strike } = bench();
    expect(strike({ kind: 'release', link: link('n1', 'n2') })).toBeUndefined();
    const hold = strike({ kind: 'hold', link: link('n1', 'n2') });
    strike({ kind: 'release', link: link('n1', 'n2') });
    hold?.undo?.();
    expect(world.deeds).toEqual(['hold n1>n2 on', 'hold n1>n2 off']);
  });

  it('takes a rate away only if it is still this one', () => {
    const { world, strike } = bench();
    const slow = strike({ kind: 'rate', link: link('n1', 'n2'), bytesPerSecond: 10 });
    const slower = strike({ kind: 'rate', link: link('n1', 'n2'), bytesPerSecond: 5 });
    slow?.undo?.();
    expect(world.deeds).toEqual(['rate n1>n2 10', 'rate n1>n2 5']);
    slower?.undo?.();
    expect(world.deeds.slice(2)).toEqual(['rate n1>n2 off']);
    strike({ kind: 'reset', link: link('n2', 'n3', true) });
    expect(world.deeds.slice(3)).toEqual(['reset n2-n3']);
  });
});
