// One register, changed by compare-and-set; answers and notices in order; nothing is lost at a cut, only late.
import { beforeEach, describe, expect, it } from 'vitest';
import { withoutMembers } from '../../core/view/next-view.js';
import { foundingView } from '../../core/view/placement.js';
import type { Report } from '../../core/view/report.js';
import type { Settings, View } from '../../core/view/view.js';
import { Kernel } from '../kernel.js';
import { RandomStreams } from '../random.js';
import { type Caller, COORDINATOR, Coordinator, type Session } from './coordinator.js';
import { Network } from './network.js';
import { Observers } from './observers.js';

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
const without = (view: View, id: string): View => withoutMembers(view, new Set([id]));
const report = (member: string, epoch = 1): Report => ({
  ...{ member, incarnation: 1, epoch, brokenIn: true, brokenOut: false, probes: [] },
});

class FakeCaller implements Caller {
  incarnation = 1;
  listening = true;
  readonly heard: string[] = [];
  readonly times: number[] = [];
  session: Session | undefined;

  constructor(
    readonly id: string,
    private readonly kernel: Kernel,
  ) {}

  viewRead(view: View): void {
    this.note(`${view.epoch}: ${view.ring.map((member) => member.id).join('')}`);
  }

  reportsRead(view: View, reports: readonly Report[]): void {
    this.note(`${view.epoch}: reports ${reports.map(({ member, epoch }) => `${member}${epoch}`).join(' ')}`);
  }

  call(call: Parameters<Session['call']>[0]): void {
    this.session?.call(call);
  }

  private note(what: string): void {
    this.heard.push(what);
    this.times.push(this.kernel.nowUs);
  }
}

let kernel: Kernel;
let network: Network;
let coordinator: Coordinator;
let a: FakeCaller;
let b: FakeCaller;
let written: number[];
const runAll = (): void => {
  while (kernel.runNext());
};
const runTo = (us: number): void => {
  while (kernel.nextUs !== undefined && kernel.nextUs <= us) kernel.runNext();
};

beforeEach(() => {
  kernel = new Kernel();
  const observers = new Observers();
  const random = (name: string) => streams.named(name);
  const streams = new RandomStreams(1);
  network = new Network(kernel, observers, { delay: { minUs: 0, maxUs: 0 }, bytesPerSecond: undefined }, random);
  const path = (from: string, to: string) => network.path(from, to);
  const spans = { delay: { minUs: 2000, maxUs: 2000 }, notice: { minUs: 5000, maxUs: 5000 } };
  coordinator = new Coordinator(founding, spans, { kernel, observers, path, random });
  [a, b] = ['a', 'b'].map((id) => {
    const caller = new FakeCaller(id, kernel);
    caller.session = coordinator.open(caller);
    return caller;
  }) as [FakeCaller, FakeCaller];
  written = [];
  observers.add({ viewWritten: (view) => written.push(view.epoch) });
});

describe('the register', () => {
  it('is read in one call, there and back', () => {
    a.call({ kind: 'read-view' });
    runAll();
    expect([a.heard, a.times]).toEqual([['1: abc'], [2000]]);
  });

  it('takes the first of two proposals for an epoch; both hear what it holds then', () => {
    a.call({ kind: 'propose-view', expectedEpoch: 1, view: without(founding, 'c') });
    b.call({ kind: 'propose-view', expectedEpoch: 1, view: without(founding, 'a') });
    runAll();
    expect([a.heard, b.heard]).toEqual([['2: ab'], ['2: ab']]);
    expect(written).toEqual([2]);
  });

  it('is told to watchers at each later change, in order, and to nobody else', () => {
    a.call({ kind: 'watch-view' });
    runAll();
    coordinator.remove('c');
    coordinator.remove('b');
    coordinator.remove('nobody');
    runAll();
    expect(a.heard).toEqual(['1: abc', '2: ab', '3: a']);
    expect(a.times).toEqual([2000, 7000, 7000]);
    expect(b.heard).toEqual([]);
    expect(written).toEqual([2, 3]);
  });

  it('keeps one report for each member, whoever asks', () => {
    a.call({ kind: 'report', report: report('a') });
    b.call({ kind: 'report', report: report('b') });
    a.call({ kind: 'report', report: report('a', 2) });
    runAll();
    b.call({ kind: 'read-reports' });
    runAll();
    expect(b.heard).toEqual(['1: reports a2 b1']);
  });
});

describe('calls and faults', () => {
  it.each([
    ['a', COORDINATOR],
    [COORDINATOR, 'a'],
  ])('%s > %s silenced: late, not lost', (from, to) => {
    network.path(from, to).silence(true);
    a.call({ kind: 'read-view' });
    runTo(200_000);
    expect(a.heard).toEqual([]);
    network.path(from, to).silence(false);
    runAll();
    expect(a.heard).toEqual(['1: abc']);
    expect(a.times[0]).toBeLessThanOrEqual(253_000);
  });

  it('wait while the coordinator is away', () => {
    coordinator.away = true;
    a.call({ kind: 'propose-view', expectedEpoch: 1, view: without(founding, 'c') });
    runTo(100_000);
    expect(coordinator.view.epoch).toBe(1);
    coordinator.away = false;
    runAll();
    expect(a.heard).toEqual(['2: ab']);
  });

  it('take a delay of a fault where one is set', () => {
    network.path('a', COORDINATOR).setDelay({ minUs: 70_000, maxUs: 70_000 });
    a.call({ kind: 'read-view' });
    runAll();
    expect(a.times).toEqual([71_000]);
  });

  it('of the dead may still strike, but are answered to nobody', () => {
    a.call({ kind: 'watch-view' });
    runAll();
    a.call({ kind: 'propose-view', expectedEpoch: 1, view: without(founding, 'c') });
    a.session?.crash();
    a.listening = false;
    runTo(10_000);
    a.incarnation++;
    a.listening = true;
    coordinator.remove('b');
    runAll();
    expect(written).toEqual([2, 3]);
    expect(a.heard).toEqual(['1: abc']);
  });

  it('of a former life do not make the next one a watcher', () => {
    a.call({ kind: 'watch-view' });
    a.session?.crash();
    a.incarnation++;
    runAll();
    coordinator.remove('c');
    runAll();
    expect(a.heard).toEqual([]);
  });
});
