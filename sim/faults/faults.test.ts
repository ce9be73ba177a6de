// Who is struck, with what, and how it ends: against a world that only writes down what is done to it.
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../core/output.js';
import { FakeWorld, ringView } from '../clients/fake-world.test-kit.js';
import type {
  ClockChange,
  DiskTrouble,
  FaultAction,
  Group,
  LinkSelector,
  SessionTrouble,
  Who,
} from '../scenario/scenario.js';
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

describe('machines', () => {
  it('lose power, and reboot with such a disk', () => {
    const { world, strike } = bench();
    const power = strike({ kind: 'crash', power: true, who: only('n3') });
    expect(power).toMatchObject({ name: 'power-loss', hits: [{ who: 'n3', text: 'loses power' }] });
    power?.undo?.();
    const reboot = strike({ kind: 'reboot', power: false, disk: 'wiped', who: only('n2') });
    expect(reboot?.ending).toBe('n2: starts again with an empty disk');
    reboot?.undo?.();
    reboot?.undo?.();
    expect(world.deeds).toEqual(['power off n3', 'restart n3', 'crash n2', 'restart n2 wiped']);
  });

  it('a crash that ends leaves alone what another fault has done since', () => {
    const { world, strike } = bench();
    const first = strike({ kind: 'crash', power: false, who: only('n1', 'n2') });
    strike({ kind: 'restart', disk: 'kept', who: only('n1') });
    strike({ kind: 'crash', power: false, who: only('n1') });
    world.deeds.length = 0;
    first?.undo?.();
    expect(world.deeds).toEqual(['restart n2']);
  });

  it('a pause that ends leaves alone a later one', () => {
    const { world, strike } = bench();
    const first = strike({ kind: 'pause', who: only('n1') });
    strike({ kind: 'crash', power: false, who: only('n1') });
    strike({ kind: 'restart', disk: 'kept', who: only('n1') });
    const second = strike({ kind: 'pause', who: only('n1') });
    first?.undo?.();
    expect(world.server('n1').process).toBe('paused');
    second?.undo?.();
    expect(world.server('n1').process).toBe('running');
  });
});

describe('who comes and goes', () => {
  it('spares join once, and nothing else happens to them before', () => {
    const { world, strike } = bench('n6', 'n7');
    expect(strike({ kind: 'restart', disk: 'kept', who: { kind: 'all' } })).toBeUndefined();
    expect(strike({ kind: 'disk', who: only('n6'), trouble: { kind: 'full' } })).toBeUndefined();
    expect(strike({ kind: 'crash', power: false, who: { kind: 'all' } })?.hits).toHaveLength(5);
    strike({ kind: 'restart', disk: 'kept', who: { kind: 'all' } });
    world.deeds.length = 0;
    expect(strike({ kind: 'join', who: only('n1') })).toBeUndefined();
    expect(strike({ kind: 'join', who: only('n6') })?.hits[0]?.text).toBe('starts for the first time');
    expect(strike({ kind: 'join', who: only('n6') })).toBeUndefined();
    strike({ kind: 'join', who: { kind: 'all' } });
    strike({ kind: 'crash', power: false, who: only('n6') });
    strike({ kind: 'restart', disk: 'kept', who: { kind: 'all' } });
    expect(world.deeds).toEqual(['join n6', 'join n7', 'crash n6', 'restart n6']);
  });

  it('joining is who is being caught up, or runs outside of the ring', () => {
    const { world, cast, random, strike } = bench('n6');
    const joining: Who = { kind: 'joining' };
    expect(cast.one(joining, isRunning, random)).toBeUndefined();
    expect(cast.isMeant(joining, 'n6')).toBe(false);
    strike({ kind: 'join', who: { kind: 'all' } });
    expect(cast.one(joining, isRunning, random)).toBe('n6');
    expect(cast.isMeant(joining, 'n6')).toBe(true);
    const ids = [...world.servers.keys()];
    const { chains, ...view } = ringView(ids, [['n2', 'n3', 'n4']], 2);
    world.view = { ...view, chains: chains.map((chain) => ({ ...chain, learners: ['n5'] })) };
    expect(cast.one(joining, isRunning, random)).toBe('n5');
  });

  it('nobody plays a role in a chain that lost everybody; an operator revives it', () => {
    const { world, cast, random, strike } = bench();
    const revive: FaultAction = { kind: 'revive', path: '/a', from: server('n2') };
    expect(strike(revive)).toBeUndefined();
    const { chains, ...view } = ringView(['n1', 'n5'], [['n1']], 2);
    const lost = ['n2', 'n3', 'n4'].map((id) => ({ id, incarnation: 1 }));
    world.view = { ...view, chains: chains.map(() => ({ members: [], learners: [], lost })) };
    for (const name of ['head', 'mid', 'tail'] as const)
      expect(cast.one(role(name), isRunning, random)).toBeUndefined();
    expect(strike(revive)?.hits[0]?.text).toBe('an operator brings shard 0 back with what n2 has of it');
  });

  it('members that run leave', () => {
    const { world, strike } = bench();
    world.pause('n1');
    expect(strike({ kind: 'leave', who: only('n1', 'n2') })?.hits).toEqual([
      { who: 'n2', text: 'is told to leave the ring' },
    ]);
    expect(world.deeds).toEqual(['pause n1', 'leave n2']);
  });
});

describe('disks, clocks and the coordinator', () => {
  const disk = (trouble: DiskTrouble): FaultAction => ({ kind: 'disk', who: only('n2'), trouble });
  const clock = (change: ClockChange): FaultAction => ({ kind: 'clock', who: only('n2'), change });
  const session = (trouble: SessionTrouble): FaultAction => ({ kind: 'session', who: only('n2'), trouble });
  it.each<[FaultAction, string, string, string]>([
    [disk({ kind: 'snapshot' }), 'snapshot', "a copy of n2's disk is kept", ''],
    [disk({ kind: 'torn' }), 'torn', 'when n2 next loses power, the last record on its disk is torn', ''],
    [disk({ kind: 'bitrot', what: 'chunk', path: '/a' }), 'bitrot', "a chunk of /a rots on n2's disk", ''],
    [disk({ kind: 'eio', of: 'write' }), 'eio', "writes to n2's disk fail", "n2's disk works again"],
    [disk({ kind: 'full' }), 'full', "n2's disk is full", "n2's disk has room again"],
    [
      disk({ kind: 'slow', times: 20 }),
      'slow-disk',
      "n2's disk becomes 20 times as slow",
      "n2's disk is as fast as before",
    ],
    [clock({ kind: 'skew', byUs: -2e6 }), 'skew', "from its next start on n2's clock is 2s behind", ''],
    [
      clock({ kind: 'drift', perMille: 50 }),
      'drift',
      "n2's clock gains 50 seconds in a thousand",
      "n2's clock runs evenly again",
    ],
    [clock({ kind: 'jump', byUs: 3_600_000_000 }), 'jump', "n2's clock leaps 1h forward", ''],
    [clock({ kind: 'freeze' }), 'freeze', "n2's clock stands still", "n2's clock goes on"],
    [session({ kind: 'expire' }), 'expire', 'the session of n2 expires at the coordinator', ''],
    [session({ kind: 'disconnect' }), 'disconnect', 'n2 loses the coordinator', 'n2 can reach the coordinator again'],
    [
      session({ kind: 'lose-reply', to: 'set' }),
      'lose-reply',
      "the reply to n2's next set at the coordinator will be lost",
      '',
    ],
    [
      session({ kind: 'delay-watch', byUs: 2e6 }),
      'delay-watch',
      "the coordinator's next notice to n2 will come 2s late",
      '',
    ],
    [
      { kind: 'coordinator', trouble: { kind: 'leader-change' } },
      'leader-change',
      'the coordinator has a new leader: all connections to it break',
      '',
    ],
    [
      { kind: 'coordinator', trouble: { kind: 'outage' } },
      'outage',
      'the coordinator answers nobody',
      'the coordinator answers again',
    ],
  ])('%j', (fault, name, text, ending) => {
    const { world, strike } = bench();
    const struck = strike(fault);
    expect(struck).toMatchObject({ name, hits: [{ who: '', text }], ending });
    expect(struck?.undo === undefined).toBe(ending === '');
    expect(world.deeds).toHaveLength(1);
    struck?.undo?.();
    expect(world.deeds).toHaveLength(ending === '' ? 1 : 2);
  });

  it('are struck each by itself, where there is something to strike', () => {
    const { world, strike } = bench();
    world.sound.add('n1').add('n3');
    const rot: DiskTrouble = { kind: 'bitrot', what: 'chunk', path: undefined };
    expect(strike({ kind: 'disk', who: only('n1', 'n2'), trouble: rot })?.hits).toEqual([
      { who: '', text: "a chunk rots on n2's disk" },
    ]);
    expect(strike({ kind: 'disk', who: only('n3'), trouble: rot })).toBeUndefined();
    world.crash('n4');
    expect(strike({ kind: 'session', who: only('n4'), trouble: { kind: 'expire' } })).toBeUndefined();
    expect(strike({ kind: 'disk', who: only('n4'), trouble: { kind: 'torn' } })).toBeDefined();
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
