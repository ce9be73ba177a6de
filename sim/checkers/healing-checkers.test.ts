// Checkers that came with healing: silent on a good run, loud on a doctored one.
import { describe, expect, it } from 'vitest';
import type { Commit, Frame } from '../../core/frame.js';
import type { Output } from '../../core/output.js';
import type { NodeState } from '../../core/state.js';
import type { View } from '../../core/view/view.js';
import { ringView } from '../clients/fake-world.test-kit.js';
import { noting, Troubles } from '../faults/troubles.js';
import * as kit from './doctored.test-kit.js';
import { Informed } from './informed.js';
import { MinReplicas } from './min-replicas.js';
import { registrationReasons } from './registered.js';
import { ViewBook } from './view-book.js';

const { entry, id, messages, VIEW } = kit;
const nowUs = () => 7;

describe('min-replicas', () => {
  const SHORT = ringView(['n1', 'n4'], [['n1']]);
  const LONG = ringView(['n1', 'n4'], [['n1', 'n4']], 2);
  const { outcome } = entry(1);
  const answer: Output = { kind: 'answer', request: 'r1', answer: { result: 'done', operation: 'o1', outcome } };
  const install: Output = { kind: 'tell', fact: kit.installed(2, 2) };
  const reminder: Frame = { kind: 'reminder', epoch: 2, origin: 'n1', lastStop: 'n4', operation: 'o1', outcome };

  function setUp(view: View) {
    const world = kit.world(view);
    const views = new ViewBook(view);
    const checker = new MinReplicas(views, nowUs);
    for (const { id: server } of view.ring) kit.tell([views], [server, kit.installed(view.epoch, view.ring.length)]);
    const commit: Commit = {
      kind: 'commit',
      epoch: view.epoch,
      origin: 'n1',
      lastStop: 'n1',
      shard: 0,
      upTo: id(1),
      chainLength: view.chains[0]?.members.length ?? 0,
      outcomes: [{ operation: 'o1', path: '/a', outcome }],
    };
    /** What a server puts out in one step. */
    const step = (server: string, ...outputs: readonly Output[]) =>
      checker.stepped(world.server(server), { kind: 'wake', now: 0 }, outputs);
    const hear = (server = 'n1') => {
      checker.operationEnded({ ...kit.record({ operation: 'o1', answer: kit.done(outcome) }), server });
      return messages(checker.finish(world));
    };
    return { world, views, checker, commit, step, hear };
  }

  it('is content when the chain was long enough', () => {
    const { checker, commit, hear } = setUp(VIEW);
    checker.sent('n1', 'n2', commit);
    expect(hear()).toBe('');
  });

  it('sees an acknowledgement of what too few servers keep', () => {
    const { checker, commit, hear } = setUp(SHORT);
    checker.sent('n1', 'n4', commit);
    expect(hear()).toContain('was told stored of its put /a, committed on a chain of 1');
  });

  it('sees it where the commit went over no link', () => {
    const { step, hear } = setUp(SHORT);
    step('n1', answer);
    expect(hear()).toContain('committed on a chain of 1');
  });

  it('is content when a longer chain repeats it later', () => {
    const { views, checker, commit, hear } = setUp(SHORT);
    checker.sent('n1', 'n4', commit);
    views.viewWritten(LONG);
    checker.sent('n1', 'n4', reminder);
    expect(hear()).toBe('');
  });

  it('is content when a head of a longer chain repeats it to itself', () => {
    const { views, checker, commit, step, hear } = setUp(SHORT);
    checker.sent('n1', 'n4', commit);
    views.viewWritten(LONG);
    step('n1', install, answer);
    expect(hear()).toBe('');
  });

  it('judges an answer by the view in which it was given, not by one that comes before it is heard', () => {
    const long = setUp({ ...LONG, epoch: 1 });
    long.views.viewWritten({ ...SHORT, epoch: 2 });
    long.step('n4', answer, install);
    kit.tell([long.views], ['n4', kit.installed(2, 2)]);
    expect(long.hear('n4')).toBe('');
    const short = setUp(SHORT);
    short.views.viewWritten(LONG);
    short.step('n1', answer, install);
    kit.tell([short.views], ['n1', kit.installed(2, 2)]);
    expect(short.hear()).toContain('committed on a chain of 1');
  });

  it('takes no word for it of a server that can have heard of it over a link only', () => {
    const { views, checker, commit, step, hear } = setUp(SHORT);
    checker.sent('n1', 'n4', commit);
    views.viewWritten(ringView(['n1', 'n2', 'n4'], [['n1', 'n2']], 2));
    step('n4', install, answer);
    expect(hear('n4')).toContain('committed on a chain of 1');
  });

  it('sees a commit that claims a longer chain', () => {
    const { world, checker, commit } = setUp(SHORT);
    checker.sent('n1', 'n4', { ...commit, chainLength: 3 });
    expect(messages(checker.finish(world))).toContain('n1 says that the chain of shard 0 has 3 members, it has 1');
  });
});

describe('informed', () => {
  const none = { minUs: 0, maxUs: 0 };
  const coordinator = { kind: 'zookeeper', sessionUs: 2_000_000, delay: none, notice: none } as const;
  const second = ringView(kit.IDS, [['n1', 'n2', 'n3']], 2);

  /** n1 to n3 hear of view 2, which is written at 10 s; n4 does not. */
  function setUp(pollMs = 60_000) {
    const plain = kit.world();
    const troubles = new Troubles(() => plain.nowUs);
    const world = noting(plain, troubles);
    const checker = new Informed(plain, troubles, { coordinator }, { pollMs });
    for (const server of kit.IDS) {
      kit.doctor(plain, server, (state) => ({ ...state, view: VIEW }));
      kit.tell([checker], [server, { fact: 'session', state: 'connected' }]);
    }
    const run = (during: () => void, untilUs: number): string => {
      plain.nowUs = 10_000_000;
      checker.viewWritten(second);
      for (const server of ['n1', 'n2', 'n3']) kit.doctor(plain, server, (state) => ({ ...state, view: second }));
      during();
      plain.nowUs = untilUs;
      checker.stepped();
      return messages(checker.finish(plain));
    };
    return { plain, world, checker, run };
  }

  it('is content while there is time', () => {
    expect(setUp().run(() => undefined, 12_999_999)).toBe('');
  });

  it('sees who does not hear of a view in time', () => {
    expect(setUp().run(() => undefined, 13_000_000)).toBe('n4 does not know of view 2 after 3.0 s: it lives in view 1');
  });

  it('grants those whose notices were lost the time of two polls', () => {
    const { world, run } = setUp(1_000);
    const lost = () => void world.session('n4', { kind: 'lose-watch' });
    expect(run(lost, 13_000_000)).toBe('');
    const late = setUp(1_000);
    const lostToo = () => void late.world.session('n4', { kind: 'lose-watch' });
    expect(late.run(lostToo, 15_000_000)).toContain('n4 does not know of view 2 after 5.0 s');
  });

  it('leaves alone who is in trouble, or was a short time before', () => {
    const judge = (trouble: (run: ReturnType<typeof setUp>) => void, before = false): string => {
      const run = setUp();
      run.plain.nowUs = 8_000_000;
      if (before) trouble(run);
      return run.run(() => (before ? undefined : trouble(run)), 13_000_000);
    };
    expect(judge(({ world }) => world.silence('coordinator', 'n4', true))).toBe('');
    expect(judge(({ world }) => world.silence('n3', 'n4', true))).toContain('n4 does not know');
    expect(judge(({ world }) => void world.coordinator({ kind: 'outage' }))).toBe('');
    expect(judge(({ world }) => void world.session('n4', { kind: 'expire' }))).toBe('');
    expect(judge(({ world }) => void world.session('n4', { kind: 'expire' }), true)).toBe('');
    expect(judge(({ world }) => void world.session('n3', { kind: 'expire' }))).toContain('n4 does not know');
    expect(judge(({ world }) => world.pause('n4'))).toBe('');
    expect(judge(({ world }) => world.crash('coordinator'))).toBe('');
    const gone = ({ checker }: ReturnType<typeof setUp>) =>
      kit.tell([checker], ['n4', { fact: 'session', state: 'disconnected' }]);
    expect(judge(gone)).toBe('');
  });
});

describe('registered', () => {
  const reasons = (of: ReturnType<typeof kit.world>, cutOff = ''): readonly string[] =>
    registrationReasons(of, (server) => server === cutOff);

  it('is content when every running server has its own entry', () => {
    const world = kit.world();
    world.coordinatorValues.delete('members/n4');
    world.server('n4').process = 'down';
    expect(reasons(world)).toEqual([]);
  });

  it('sees a running server without an entry, unless something keeps it from the coordinator', () => {
    const world = kit.world();
    world.coordinatorValues.delete('members/n2');
    expect(reasons(world)).toEqual(['n2 is not registered at the coordinator']);
    expect(reasons(world, 'n2')).toEqual([]);
  });

  it('sees an entry that is of another life, or goes with another session', () => {
    const world = kit.world();
    const change = (what: Partial<NodeState['coordination']>) =>
      kit.doctor(world, 'n3', (state) => ({ ...state, coordination: { ...state.coordination, ...what } }));
    change({ life: 'new' });
    expect(reasons(world)).toEqual(['the entry of n3 at the coordinator is of life 1, not its own']);
    change({ life: '', owner: 'session-2' });
    expect(reasons(world)).toEqual(['the entry of n3 at the coordinator goes with session "", it has "session-2"']);
    world.register('n3');
    expect(reasons(world)).toEqual([]);
  });
});

describe('troubles', () => {
  it('know who is cut off at present', () => {
    const plain = kit.world();
    const troubles = new Troubles(() => plain.nowUs);
    const world = noting(plain, troubles);
    expect(troubles.isCutOff('n1')).toBe(false);
    world.hold('n1', 'n2', true);
    expect([troubles.isCutOff('n1'), troubles.isCutOff('n2'), troubles.isCutOff('n3')]).toEqual([true, true, false]);
    world.healNetwork();
    expect(troubles.isCutOff('n1')).toBe(false);
    const undo = world.clock('n3', { kind: 'freeze' });
    expect(troubles.isCutOff('n3')).toBe(true);
    undo?.();
    undo?.();
    expect(troubles.isCutOff('n3')).toBe(false);
    expect(plain.deeds).toEqual([
      'hold n1>n2 on',
      'heal',
      'clock n3 freeze',
      'clock n3 freeze over',
      'clock n3 freeze over',
    ]);
  });
});
