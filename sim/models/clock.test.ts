// A clock that is wrong in every way it may be: it never runs backwards within a life, and alarms ring in its own time.
import { beforeEach, describe, expect, it } from 'vitest';
import { Alarm } from './alarm.js';
import { Clock } from './clock.js';
import { Run } from './run.js';

const MS = 1000;

let run: Run;
let clock: Clock;
let alarm: Alarm;
/** When the alarm rang: by the run's time, and by the clock. */
let rings: string[];

const since = (ms: number): number => ms - run.birthMs;
const own = (): number => since(clock.nowMs);
const wakeAt = (ms: number): void => alarm.set(run.birthMs + ms);
function runTo(us: number): void {
  run.kernel.schedule(us, { run: () => undefined });
  while (run.kernel.nextUs !== undefined && run.kernel.nextUs <= us) run.kernel.runNext();
}

beforeEach(() => {
  run = new Run(1);
  clock = new Clock(run);
  rings = [];
  alarm = new Alarm(run.kernel, clock, () => rings.push(`${run.kernel.nowUs} ${own()}`));
});

describe('a clock without faults', () => {
  it('shows the run’s own milliseconds, and rings at their very beginning', () => {
    wakeAt(7);
    runTo(7999);
    expect(own()).toBe(7);
    expect(rings).toEqual(['7000 7']);
  });

  it('rings at once for a time that is past, and never for one beyond all numbers', () => {
    runTo(5 * MS);
    wakeAt(2);
    runTo(6 * MS);
    alarm.set(Number.MAX_SAFE_INTEGER);
    runTo(1e9);
    expect(rings).toEqual(['5000 5']);
  });
});

describe('drift', () => {
  it('gains or loses while it lasts, and what was gained stays', () => {
    runTo(100 * MS);
    const undo = clock.change({ kind: 'drift', perMille: 500 });
    runTo(200 * MS);
    expect(own()).toBe(250);
    undo();
    undo();
    runTo(300 * MS);
    expect(own()).toBe(350);
    clock.change({ kind: 'drift', perMille: -750 });
    runTo(400 * MS);
    expect(own()).toBe(375);
  });

  it('moves the alarm that was set before', () => {
    wakeAt(300);
    runTo(100 * MS);
    const undo = clock.change({ kind: 'drift', perMille: 1000 });
    runTo(150 * MS);
    undo();
    runTo(400 * MS);
    expect(rings).toEqual(['250000 300']);
  });

  it('never lets the alarm ring before its time by the clock, whatever the rate', () => {
    for (const perMille of [-900, -333, -7, 1, 3, 333, 777]) {
      rings = [];
      const undo = clock.change({ kind: 'drift', perMille });
      const target = own() + 17;
      wakeAt(target);
      runTo(run.kernel.nowUs + 200 * MS);
      undo();
      expect(rings.map((ring) => ring.split(' ')[1])).toEqual([`${target}`]);
    }
  });
});

describe('jump and skew', () => {
  it('forward shows at once, and what became due rings', () => {
    wakeAt(50);
    runTo(10 * MS);
    clock.change({ kind: 'jump', byUs: 60 * MS });
    expect(own()).toBe(70);
    runTo(20 * MS);
    expect(rings).toEqual(['10000 70']);
  });

  it('backward shows at the next start only', () => {
    runTo(100 * MS);
    clock.change({ kind: 'jump', byUs: -30 * MS });
    expect(own()).toBe(100);
    clock.boot();
    expect(own()).toBe(70);
    wakeAt(80);
    runTo(200 * MS);
    expect(rings).toEqual(['110000 80']);
  });

  it('skew shows at the next start, once', () => {
    clock.change({ kind: 'skew', byUs: 40 * MS });
    clock.change({ kind: 'skew', byUs: -10 * MS });
    expect(own()).toBe(0);
    clock.boot();
    clock.boot();
    expect(own()).toBe(30);
  });
});

describe('freeze', () => {
  it('stands still, lets no timer fire, and goes on from where it stood', () => {
    wakeAt(50);
    runTo(20 * MS);
    const undos = [clock.change({ kind: 'freeze' }), clock.change({ kind: 'freeze' })];
    runTo(100 * MS);
    wakeAt(10);
    runTo(200 * MS);
    expect([own(), rings]).toEqual([20, []]);
    wakeAt(50);
    undos[0]?.();
    runTo(300 * MS);
    expect([own(), rings]).toEqual([20, []]);
    undos[1]?.();
    runTo(400 * MS);
    expect(rings).toEqual(['330000 50']);
  });
});
