// What a server tells, as log lines and as figures; told by the real core in a ring of one.
import { afterEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../core/output.js';
import { FACT_LEVELS, logFact } from './facts-log.js';
import { createLog, type LogLevel } from './log.js';
import { createMetrics } from './metrics.js';
import { RingOfOne } from './ring-of-one.test-kit.js';

const rings: RingOfOne[] = [];
afterEach(() => {
  for (const ring of rings.splice(0)) ring.end();
});

/** All that a ring of one tells while it stores a file and deletes it. */
async function story(): Promise<readonly Fact[]> {
  const ring = await RingOfOne.begin();
  rings.push(ring);
  const ignore = (): void => {};
  const answered: Promise<void>[] = [];
  const hear = () => {
    let answer = ignore;
    answered.push(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    return { accept: ignore, file: ignore, data: ignore, answer: () => answer() };
  };
  const write = { path: '/a', operation: undefined, precondition: undefined };
  const put = ring.door.ask({ kind: 'put', ...write, contentType: 'a/b', modifiedMs: 1 }, hear);
  put.send(Buffer.from('abc'));
  put.finish('00');
  ring.door.ask({ kind: 'delete', ...write }, hear);
  await Promise.all(answered);
  return ring.facts;
}

function logged(level: LogLevel, pretty: boolean, facts: readonly Fact[]): readonly string[] {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLog({ level, pretty, destination, bindings: { server: 'n1' } });
  for (const fact of facts) logFact(log, fact);
  return lines;
}

describe('a log', () => {
  it('has one line for each fact, with its name, its server and the texts that users see', async () => {
    const facts = await story();
    const lines = logged('trace', false, facts).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line['fact'])).toEqual(facts.map(({ fact }) => fact));
    expect(lines.find((line) => line['fact'] === 'view-installed')).toEqual({
      ...{ level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), server: 'n1' },
      ...{ fact: 'view-installed', epoch: 7, members: 1 },
    });
    expect(lines.find((line) => line['fact'] === 'ordered')).toMatchObject({
      ...{ level: 'debug', entry: '7.1', path: '/a', change: 'put', outcome: 'stored' },
    });
    expect(lines.find((line) => line['fact'] === 'committed')).toMatchObject({ upTo: '7.1' });
  });

  it('leaves operations and chunks to those who ask for them', async () => {
    const facts = await story();
    const names = (level: LogLevel): readonly string[] =>
      logged(level, false, facts).map((line) => (JSON.parse(line) as Fact).fact);
    expect(names('info')).toContain('view-installed');
    expect(names('info')).not.toContain('ordered');
    expect(names('debug')).toContain('ordered');
    expect(names('debug')).not.toContain('chunk-staged');
    expect(names('warn')).toEqual([]);
    expect(FACT_LEVELS.removed).toBe('warn');
  });

  it('for people is one short line each', () => {
    const [line = ''] = logged('info', true, [{ fact: 'view-installed', epoch: 7, members: 3 }]);
    expect(line).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: n1 view-installed \{"epoch":7,"members":3\}\n$/);
  });
});

describe('figures', () => {
  it('count facts and follow the view', async () => {
    const metrics = createMetrics();
    for (const fact of await story()) metrics.fact(fact);
    const text = await metrics.text();
    expect(text).toContain('ppnfs_facts_total{fact="ordered"} 2');
    expect(text).toContain('ppnfs_epoch 7');
    expect(text).toContain('ppnfs_members 1');
    // Who looks twice sees the same.
    expect(await metrics.text()).toContain('ppnfs_facts_total{fact="ordered"} 2\n');
  });

  it('are asked for at each scrape, and are not made up', async () => {
    const metrics = createMetrics();
    let sentBytes = 5;
    metrics.measure(() => ({ sentBytes }));
    expect(await metrics.text()).toContain('ppnfs_ring_sent_bytes_total 5');
    sentBytes = 6;
    const text = await metrics.text();
    expect(text).toContain('ppnfs_ring_sent_bytes_total 6');
    expect(text).toContain('ppnfs_store_live_bytes Nan');
  });

  it('of operations: how many, of which kind, with which result, how long', async () => {
    const metrics = createMetrics();
    metrics.served({ protocol: 'tcp', kind: 'put', result: 'no-space', seconds: 0.02 });
    const text = await metrics.text();
    expect(text).toContain('ppnfs_operations_total{protocol="tcp",kind="put",result="no-space"} 1');
    expect(text).toContain('ppnfs_operation_seconds_bucket{le="0.025",protocol="tcp",kind="put"} 1');
  });

  it('of two servers in one process are two', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.fact({ fact: 'promoted', shard: 1 });
    expect(await other.text()).not.toContain('promoted');
  });
});
