// Work that nobody waits for takes a small share of the time.
import { beforeEach, describe, expect, it } from 'vitest';
import { Pace } from './pace.js';

let nowMs = 0;
let restedMs: number[] = [];
let isHurried = false;
let pace: Pace;
beforeEach(() => {
  [nowMs, restedMs, isHurried] = [0, [], false];
  pace = new Pace({
    isHurried: () => isHurried,
    now: () => nowMs,
    wait: async (ms) => {
      restedMs.push(ms);
      nowMs += ms;
    },
  });
});

async function work(ms: number): Promise<void> {
  pace.begin();
  nowMs += ms;
  await pace.rest();
}

describe('work that nobody waits for', () => {
  it('rests nine times as long as it worked', async () => {
    await work(4);
    await work(10);
    expect(restedMs).toEqual([36, 90]);
  });

  it('gathers what is too little to rest for', async () => {
    await work(1);
    await work(0.5);
    expect(restedMs).toEqual([]);
    await work(1);
    expect(restedMs).toEqual([22.5]);
  });

  it('does not count the time in which it waits for something', async () => {
    await work(1);
    nowMs += 1_000;
    await pace.rest();
    await work(1);
    expect(restedMs).toEqual([18]);
  });

  it('never rests so long that its end has to be waited for', async () => {
    await work(5_000);
    expect(restedMs).toEqual([250]);
  });

  it('lets others go first and does not rest when it is waited for after all', async () => {
    isHurried = true;
    await work(100);
    expect(restedMs).toEqual([]);
    isHurried = false;
    await work(2);
    expect(restedMs).toEqual([18]);
  });
});
