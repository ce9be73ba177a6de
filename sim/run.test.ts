// Whole runs against the real core: the same run for the same seed, and a verdict for each way in which a run can end.
import { describe, expect, it } from 'vitest';
import { runScenario } from './run.js';
import { parseScenario } from './scenario/load.js';

const BASE = `
cluster: { nodes: 4, chain: 3, chunk: 64KiB, stream: 1MiB }
network: { delay: 1ms..3ms }
`;
const scenario = (text: string) => parseScenario(`scenario: a test\n${BASE}${text}`, 'test.yaml');

const PLAIN = scenario(`
workload:
  - { clients: 2, mix: { put: 2, get: 2, delete: 1, list: 1, put-if-version: 1 }, paths: zipf(3), size: 1KiB..200KiB, rate: 40/s, for: 1s }
steps:
  - { at: 100ms, put: /a.txt, size: 300KiB, via: n1, as: first, expect: stored }
  - { when: first has finished, get: /a.txt, clients: 5, equals: first }
  - { at: 300ms, put: /gone, size: 300KiB, abandon-after: 100KiB }
expect:
  sometimes: [want-stamped]
  eventually:
    - { get: /a.txt, via: n4, equals: first }
    - { get: /gone, expect: absent }
`);

describe('a run', () => {
  it('passes, tells its story and counts', () => {
    const result = runScenario(PLAIN, 7, { clockMs: () => 5 });
    expect(result.violations).toEqual([]);
    expect(result).toMatchObject({ outcome: 'pass', seed: 7, scenario: 'a test', file: 'test.yaml', wallMs: 0 });
    expect(result.figures.done).toBeGreaterThan(20);
    expect(result.figures.bytesRead).toBeGreaterThan(6 * 300 * 1024);
    const texts = result.story.map(({ who, text }) => `${who} ${text}`);
    expect(texts).toContain('n1 takes in /a.txt (300.0 KiB, 5 chunks)');
    expect(texts).toContain('5 clients get /a.txt: 5 delivered');
  });

  it('is the same for the same seed, with or without a story, and another for another', () => {
    const [one, two, other] = [
      runScenario(PLAIN, 7),
      runScenario(PLAIN, 7, { story: false }),
      runScenario(PLAIN, 8, { story: false }),
    ];
    expect(two.traceHash).toBe(one.traceHash);
    expect(two.events).toBe(one.events);
    expect(two.figures).toEqual(one.figures);
    expect(two.story).toEqual([]);
    expect(other.traceHash).not.toBe(one.traceHash);
  });

  it('closes up after a crash and goes on', () => {
    const crash = scenario(`
steps:
  - { at: 100ms, put: /a.txt, size: 300KiB, via: n1, as: first, expect: stored }
  - { when: head(/a.txt) has ordered first, crash: head(/a.txt) }
expect:
  eventually:
    - { get: /a.txt, equals: first }
`);
    const result = runScenario(crash, 1);
    expect(result.violations).toEqual([]);
    expect(result.figures).toMatchObject({ faults: { crash: 1 } });
    expect(result.figures.epochs).toBeGreaterThanOrEqual(2);
    expect(result.figures.longestHealUs).toBeLessThan(1_000_000);
  });

  it('fails when an answer is not what was expected', () => {
    const wrong = scenario(
      'steps:\n  - { at: 0s, get: /nothing, expect: delivered }\n  - { at: 0s, stat: /nothing }\n',
    );
    const { outcome, violations } = runScenario(wrong, 1);
    expect(outcome).toBe('fail');
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({ checker: 'expect' });
    expect(violations[0]?.message).toContain('get /nothing at n');
  });

  it('is vacuous when nobody was struck, or nothing was done', () => {
    const idle = scenario('steps:\n  - { at: 0s, stat: /a }\n  - { at: 1s, restart: all }\n');
    const { outcome, violations } = runScenario(idle, 1);
    expect(outcome).toBe('vacuous');
    expect(violations.map(({ message }) => message)).toEqual(['a step never struck: at: 1s, restart: all']);
    const dead = scenario('steps:\n  - { at: 0s, crash: all }\n  - { at: 1s, stat: /a }\n');
    expect(runScenario(dead, 1).violations.map(({ message }) => message)).toContain('no operation succeeded');
  });

  it('is stuck when the ring does not come to rest', () => {
    const never = scenario(`
steps:
  - { at: 0s, put: /a, size: 1KiB }
  - { at: 1s, partition: { isolate: coordinator } }
  - { at: 1s, crash: n4 }
expect:
  converged: within 1s
`);
    const { outcome, violations } = runScenario(never, 1);
    expect(outcome).toBe('stuck');
    expect(violations[0]).toMatchObject({ checker: 'converges' });
    expect(violations[0]?.excerpt.join('\n')).toContain('n4 is down and still in view 1');
  });
});
