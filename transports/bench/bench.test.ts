// The benchmark is seen to work, against real processes: its figures are not judged here. Then its pure parts.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { judged, names } from './aims.js';
import type { BenchReport } from './bench-ring.js';
import { medians, type Row } from './figures.js';
import { quantile } from './load.js';
import { payloadOf } from './payload.js';
import { tableOf } from './report.js';

const BENCH = fileURLToPath(new URL('../bench.js', import.meta.url));
const run = promisify(execFile);

describe('the benchmark of a ring', () => {
  it('measures every kind of row beside its peer, and says what came of the aims', async () => {
    // What it did last, if it hangs, is in the error.
    const patience = { timeout: 50_000 };
    const { stdout } = await run(process.execPath, [BENCH, '--quick', '--json', '--parts', 'files,relay'], patience);
    const { rows, chain } = JSON.parse(stdout) as BenchReport;
    expect(chain).toBe(3);
    const row = (name: string): Row | undefined => rows.find((each) => each.name === name);
    expect(row(names.put('1 MiB', 1))).toMatchObject({ beside: names.bareChain('1 MiB'), durability: 'os' });
    expect(row(names.get('1 MiB', 1))?.ratio).toBeGreaterThan(0);
    expect(row(names.put('4 KiB', 8))).toMatchObject({ aim: '≥ 5000/s', figures: { p99Ms: expect.any(Number) } });
    expect(row(names.get('4 KiB', 8))?.isMet).toBeTypeOf('boolean');
    // Fifty readers of one file: it crosses every link about once, not fifty times.
    expect(row(names.readers)?.figures.crossedMb).toBeLessThan(20);
    expect(row(names.relay('1 MiB'))?.figures.mbPerSecond).toBeGreaterThan(0);
  }, 60_000);

  it('says what is wrong with a command line', async () => {
    const wrong = run(process.execPath, [BENCH, '--durability', 'so']);
    await expect(wrong).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"so" is not one of memory'),
    });
  });
});

describe('figures', () => {
  it('are medians, each its own', () => {
    expect(medians([{ perSecond: 3, p50Ms: 1 }, { perSecond: 1, p50Ms: 9 }, { perSecond: 2 }])).toEqual({
      perSecond: 2,
      p50Ms: 5,
    });
  });

  it('a quantile is a value that was seen', () => {
    expect([quantile([1, 2, 3, 4], 0.5), quantile([1, 2, 3, 4], 0.99), quantile([7], 0.5)]).toEqual([2, 4, 7]);
  });

  it('are held against aims, as parts of their peer where it was measured', () => {
    const measured = { isBare: false, durability: 'os', rounds: 1 } as const;
    const [get, put, bare] = judged([
      { ...measured, name: names.get('4 KiB', 8), figures: { perSecond: 50 } },
      { ...measured, name: names.put('4 KiB', 8), figures: { perSecond: 6000 } },
      { ...measured, name: names.bareHttp(names.get('4 KiB', 8)), isBare: true, figures: { perSecond: 100 } },
    ]);
    expect(get).toMatchObject({ ratio: 0.5, isMet: true, aim: '≥ 0.4 of bare' });
    expect(put).toMatchObject({ ratio: undefined, isMet: true });
    expect(bare).toMatchObject({ aim: undefined, isMet: undefined });
    expect(tableOf([get as Row])[0]).toContain('0.50 of bare');
  });

  it('payloads are the same for the same length', () => {
    expect(payloadOf(10)).toHaveLength(10);
    expect(payloadOf(4096).equals(Buffer.from(payloadOf(4096)))).toBe(true);
    expect(payloadOf(4096).subarray(0, 8).equals(payloadOf(4097).subarray(0, 8))).toBe(false);
  });
});
