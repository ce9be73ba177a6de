// Keys with versions, sessions that outlive contact for a while, watches that fire once; and all that goes wrong there.
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type CallId,
  type CoordinatorReply,
  type CoordinatorRequest,
  type CoordinatorValue,
  memberKey,
  type SessionState,
  VIEW_KEY,
} from '../../../core/coordinator-port.js';
import { withoutMembers } from '../../../core/view/next-view.js';
import { foundingView } from '../../../core/view/placement.js';
import type { Settings, View } from '../../../core/view/view.js';
import { Kernel } from '../../kernel.js';
import { RandomStreams } from '../../random.js';
import { Network } from '../network.js';
import { Observers } from '../observers.js';
import { type Client, COORDINATOR, Coordinator } from './coordinator.js';
import type { Caller } from './session.js';

const settings: Settings = {
  durability: 'fsync',
  chainLength: 2,
  minReplicas: 1,
  shards: 4,
  chunkBytes: 1024,
  transitSlots: 3,
};
const founding = foundingView(
  ['a', 'b', 'c'].map((id) => ({ id, incarnation: 1, address: `${id}:1` })),
  'test',
  settings,
);
const SESSION_US = 1_000_000;
const without = (view: View, id: string): View => withoutMembers(view, new Set([id]));
const lives = (count: number): CoordinatorValue => ({ kind: 'lives', count });
const read = (key: string, watch = false): CoordinatorRequest => ({ op: 'read', key, watch });
const create = (key: string, ephemeral = true, count = 1): CoordinatorRequest => ({
  ...{ op: 'create', key, value: lives(count), ephemeral },
});
const propose = (view: View, expected: number): CoordinatorRequest => ({
  ...{ op: 'set', key: VIEW_KEY, value: { kind: 'view', view }, expected },
});

class FakeCaller implements Caller {
  running = true;
  heard: string[] = [];
  session = 0;
  client: Client | undefined;
  private calls: CallId = 0;

  constructor(
    readonly id: string,
    private readonly kernel: Kernel,
  ) {}

  open(): void {
    this.client?.carryOut({ kind: 'open-session', session: ++this.session });
  }

  close(): void {
    this.client?.carryOut({ kind: 'close-session', session: this.session });
  }

  call(request: CoordinatorRequest): void {
    this.client?.carryOut({ kind: 'call-coordinator', session: this.session, call: ++this.calls, request });
  }

  sessionChanged(session: number, state: SessionState): void {
    this.heard.push(`${state} ${session}`);
  }

  coordinatorReplied(_session: number, call: CallId, reply: CoordinatorReply): void {
    this.heard.push(`${call} ${text(reply)}`);
  }

  watchFired(_session: number, key: string): void {
    this.heard.push(`fired ${key} at ${Math.round(this.kernel.nowUs / 1000)}`);
  }

  take(): readonly string[] {
    const { heard } = this;
    this.heard = [];
    return heard;
  }
}

function text(reply: CoordinatorReply): string {
  if (reply.result === 'values') return reply.stored.map(({ key }) => key).join(' ');
  if (reply.result !== 'value') return reply.result;
  const { value, version } = reply.stored;
  return value.kind === 'view' ? `view ${value.view.epoch}, version ${version}` : `${value.kind}, version ${version}`;
}

let kernel: Kernel;
let network: Network;
let coordinator: Coordinator;
let a: FakeCaller;
let b: FakeCaller;
let written: number[];
/** Runs so many milliseconds. */
const run = (ms: number): void => {
  const us = kernel.nowUs + ms * 1000;
  kernel.schedule(us, { run: () => undefined });
  while (kernel.nextUs !== undefined && kernel.nextUs <= us) kernel.runNext();
};

function begin(kind: 'zookeeper' | 'embedded'): void {
  kernel = new Kernel();
  const observers = new Observers();
  const streams = new RandomStreams(1);
  const random = (name: string) => streams.named(name);
  network = new Network(kernel, observers, { delay: { minUs: 0, maxUs: 0 }, bytesPerSecond: undefined }, random);
  const path = (from: string, to: string) => network.path(from, to);
  const spans = { delay: { minUs: 2000, maxUs: 2000 }, notice: { minUs: 5000, maxUs: 5000 } };
  coordinator = new Coordinator(
    founding,
    { kind, sessionUs: SESSION_US, ...spans },
    { kernel, observers, path, random },
  );
  [a, b] = ['a', 'b'].map((id) => {
    const caller = new FakeCaller(id, kernel);
    caller.client = coordinator.client(caller);
    caller.open();
    return caller;
  }) as [FakeCaller, FakeCaller];
  written = [];
  observers.add({ viewWritten: (view) => written.push(view.epoch) });
  run(10);
  expect([a.take(), b.take()]).toEqual([['connected 1'], ['connected 1']]);
}

const silence = (from: string, to: string, on: boolean): void => network.path(from, to).silence(on);
const keys = (): readonly string[] => [...coordinator.values.keys()];

beforeEach(() => begin('zookeeper'));

describe('keys', () => {
  it('are created once, set and deleted by compare-and-set, and listed', () => {
    a.call(create('members/a'));
    a.call(create('lives/a', false));
    b.call(create('members/a'));
    b.call({ op: 'set', key: 'members/a', value: lives(2), expected: 0 });
    a.call({ op: 'delete', key: 'members/a', expected: 0 });
    run(10);
    a.call({ op: 'list', under: 'members/' });
    a.call({ op: 'delete', key: 'members/a', expected: 1 });
    a.call(read('members/a'));
    a.call({ op: 'set', key: 'members/a', value: lives(2), expected: 1 });
    run(10);
    expect(a.take()).toEqual([
      ...['1 done', '2 done', '3 conflict'],
      ...['4 members/a', '5 done', '6 absent', '7 absent'],
    ]);
    expect(b.take()).toEqual(['1 conflict', '2 done']);
  });

  it('take the first of two proposals of a view', () => {
    a.call(propose(without(founding, 'c'), 0));
    b.call(propose(without(founding, 'a'), 0));
    run(10);
    expect([a.take(), b.take(), written]).toEqual([['1 done'], ['1 conflict'], [2]]);
  });
});

describe('a watch', () => {
  it('fires once, for the first change after the read that armed it', () => {
    a.call(read(VIEW_KEY, true));
    run(10);
    coordinator.remove('c');
    coordinator.remove('b');
    coordinator.remove('nobody');
    run(10);
    expect(a.take()).toEqual(['1 view 1, version 0', 'fired view at 25']);
    expect([b.take(), written]).toEqual([[], [2, 3]]);
  });

  it('is lost with a trouble, or late', () => {
    a.call(read(VIEW_KEY, true));
    b.call(read(VIEW_KEY, true));
    run(10);
    coordinator.strikeSession('a', { kind: 'lose-watch' });
    coordinator.strikeSession('b', { kind: 'delay-watch', byUs: 100_000 });
    coordinator.remove('c');
    run(50);
    b.call(read(VIEW_KEY, true));
    run(100);
    expect(a.take()).toEqual(['1 view 1, version 0']);
    expect(b.take()).toEqual(['1 view 1, version 0', '2 view 2, version 1', 'fired view at 125']);
  });
});

describe('a session', () => {
  it('of a crashed process expires after its time, and then what it owned goes', () => {
    a.call(create('members/a'));
    a.call(create('lives/a', false));
    run(10);
    a.client?.crash();
    run(900);
    expect(keys()).toEqual(['view', 'members/a', 'lives/a']);
    run(300);
    expect(keys()).toEqual(['view', 'lives/a']);
  });

  it('that is closed takes what it owned along at once', () => {
    a.call(create('members/a'));
    a.close();
    a.open();
    run(10);
    expect(keys()).toEqual(['view']);
    expect(a.take()).toEqual(['connected 2']);
  });

  it.each([
    ['there', 'a', COORDINATOR],
    ['back', COORDINATOR, 'a'],
  ])('lives through a short cut on the way %s: calls come late', (_, from, to) => {
    a.call(create('members/a'));
    run(10);
    silence(from, to, true);
    a.call(read('members/a'));
    run(300);
    silence(from, to, false);
    run(60);
    expect(a.take()).toEqual(['1 done', '2 lives, version 0']);
  });

  it('whose way is cut for long is disconnected; its owner hears that it expired only when it gets there again', () => {
    a.call(create('members/a'));
    run(10);
    silence('a', COORDINATOR, true);
    a.call(read('members/a'));
    run(5_000);
    expect(a.take()).toEqual(['1 done', '2 unknown', 'disconnected 1']);
    expect(keys()).toEqual(['view']);
    silence('a', COORDINATOR, false);
    run(200);
    expect(a.take()).toEqual(['expired 1']);
  });

  it('of a paused process expires, too', () => {
    a.call(create('members/a'));
    run(10);
    a.running = false;
    run(1_200);
    expect(keys()).toEqual(['view']);
    run(200);
    expect(a.take()).toEqual(['1 done', 'disconnected 1', 'expired 1']);
  });

  it('stays with its calls in order where a fault slows the way', () => {
    network.path('a', COORDINATOR).setDelay({ minUs: 70_000, maxUs: 70_000 });
    a.call(read(VIEW_KEY));
    run(70);
    expect(a.take()).toEqual([]);
    run(2);
    expect(a.take()).toEqual(['1 view 1, version 0']);
  });
});

describe('troubles of a session', () => {
  it('expire: at once at the coordinator', () => {
    a.call(create('members/a'));
    run(10);
    coordinator.strikeSession('a', { kind: 'expire' });
    expect(keys()).toEqual(['view']);
    run(200);
    expect(a.take()).toEqual(['1 done', 'disconnected 1', 'expired 1']);
    expect(coordinator.strikeSession('a', { kind: 'expire' })).toBeUndefined();
  });

  it('disconnect: for as long as it lasts', () => {
    const undo = coordinator.strikeSession('a', { kind: 'disconnect' });
    run(500);
    expect(a.take()).toEqual(['disconnected 1']);
    undo?.();
    run(200);
    expect(a.take()).toEqual(['connected 1']);
  });

  it('lose-reply: the call is carried out, and nobody knows', () => {
    coordinator.strikeSession('a', { kind: 'lose-reply', to: 'create' });
    a.call(read(VIEW_KEY));
    run(10);
    a.call(create('members/a'));
    a.call(create('lives/a', false));
    run(200);
    expect(a.take()).toEqual(['1 view 1, version 0', '2 unknown', '3 unknown', 'disconnected 1', 'connected 1']);
    expect(keys()).toEqual(['view', 'members/a']);
  });

  it('stale-read: a follower sees nothing new until it is synced, or has written itself', () => {
    const undo = coordinator.strikeSession('a', { kind: 'stale-read' });
    coordinator.remove('c');
    a.call(read(VIEW_KEY, true));
    run(10);
    expect(a.take()).toEqual(['1 view 1, version 0']);
    a.call({ op: 'sync' });
    a.call(read(VIEW_KEY));
    run(10);
    coordinator.remove('b');
    a.call(read(VIEW_KEY));
    run(10);
    a.call(create('lives/a', false));
    a.call(read(VIEW_KEY));
    run(10);
    expect(a.take()).toEqual([
      ...['fired view at 26', '2 done', '3 view 2, version 1', '4 view 2, version 1'],
      ...['5 done', '6 view 3, version 2'],
    ]);
    undo?.();
  });

  it('ghost: what it owned outlives it', () => {
    a.call(create(memberKey('a')));
    run(10);
    const undo = coordinator.strikeSession('a', { kind: 'ghost' });
    a.client?.crash();
    run(2_000);
    expect(keys()).toEqual(['view', 'members/a']);
    undo?.();
    expect(keys()).toEqual(['view']);
  });
});

describe('troubles of the coordinator', () => {
  it('leader-change: calls have no known outcome, some of them strike, and sessions survive', () => {
    a.call(create('members/a'));
    run(10);
    a.take();
    for (let i = 0; i < 20; i++) a.call(create(`x${i}`, false));
    expect(coordinator.strike({ kind: 'leader-change' })).toBeDefined();
    run(200);
    const struck = keys().filter((key) => key.startsWith('x')).length;
    expect(struck).toBeGreaterThan(3);
    expect(struck).toBeLessThan(17);
    expect(a.take().slice(-3)).toEqual(['21 unknown', 'disconnected 1', 'connected 1']);
    expect(keys()).toContain('members/a');
  });

  it('outage: nobody is answered, and no session expires in it', () => {
    a.call(create('members/a'));
    run(10);
    const undo = coordinator.strike({ kind: 'outage' });
    run(60_000);
    expect(a.take()).toEqual(['1 done', 'disconnected 1']);
    undo?.();
    run(200);
    expect(a.take()).toEqual(['connected 1']);
    expect(keys()).toEqual(['view', 'members/a']);
  });

  it('pause: calls wait, and nothing is lost', () => {
    coordinator.pause('test');
    a.call(propose(without(founding, 'c'), 0));
    run(100);
    expect(coordinator.view.epoch).toBe(1);
    coordinator.comeBack('test');
    run(100);
    expect([a.take(), written]).toEqual([['1 done'], [2]]);
  });

  it('outage of the embedded service: what is durable survives, sessions do not', () => {
    begin('embedded');
    a.call(create('members/a'));
    a.call(create('lives/a', false));
    run(10);
    const undo = coordinator.strike({ kind: 'outage' });
    run(100);
    undo?.();
    run(200);
    expect(a.take()).toEqual(['1 done', '2 done', 'disconnected 1', 'expired 1']);
    expect(keys()).toEqual(['view', 'lives/a']);
    expect(coordinator.strike({ kind: 'leader-change' })).toBeUndefined();
    expect(coordinator.strikeSession('b', { kind: 'stale-read' })).toBeUndefined();
  });
});
