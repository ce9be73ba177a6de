// What workloads draw, and the pace they keep.
import { describe, expect, it } from 'vitest';
import { ContentBook } from '../clients/content.js';
import { FakeWorld } from '../clients/fake-world.test-kit.js';
import { fanOut } from '../clients/fan-out.js';
import type { OperationRecord } from '../clients/operation.js';
import { randomStream } from '../random.js';
import type { PathChoice, Workload } from '../scenario/scenario.js';
import { byWeight, commonPrefix, pathDrawer } from './draw.js';
import { WorkloadRun } from './workload.js';

function counts(draw: () => string | number, times = 20_000): Map<string | number, number> {
  const seen = new Map<string | number, number>();
  for (let i = 0; i < times; i++) {
    const drawn = draw();
    seen.set(drawn, (seen.get(drawn) ?? 0) + 1);
  }
  return seen;
}

describe('drawing', () => {
  const random = randomStream(3, 'draw');

  it('by weight, never what weighs nothing', () => {
    const draw = byWeight([1, 0, 3]);
    const seen = counts(() => draw(random));
    expect(seen.get(1)).toBeUndefined();
    expect((seen.get(2) ?? 0) / (seen.get(0) ?? 1)).toBeCloseTo(3, 0);
    expect(() => byWeight([0, 0])).toThrow(RangeError);
  });

  it('paths uniformly, by Zipf, or from a list', () => {
    const uniform = pathDrawer({ kind: 'uniform', count: 4 });
    expect([...counts(() => uniform(random)).keys()].sort()).toEqual(['/w/1', '/w/2', '/w/3', '/w/4']);
    const zipf = pathDrawer({ kind: 'zipf', count: 10 });
    const seen = counts(() => zipf(random));
    expect((seen.get('/w/1') ?? 0) / (seen.get('/w/4') ?? 1)).toBeCloseTo(4, 0);
    const list: PathChoice = { kind: 'list', paths: ['/x/one', '/x/only'] };
    expect([...counts(() => pathDrawer(list)(random)).keys()].sort()).toEqual(['/x/one', '/x/only']);
    expect(commonPrefix(list)).toBe('/x/');
    expect(commonPrefix({ kind: 'list', paths: ['/a', '/b'] })).toBe('/');
    expect(commonPrefix({ kind: 'zipf', count: 2 })).toBe('/w/');
  });
});

describe('a workload', () => {
  function run(wish: Partial<Workload>, fault?: (world: FakeWorld) => void) {
    const workload: Workload = {
      place: { line: 1, column: 1 },
      clients: 2,
      mix: { stat: 1, put: 1, 'put-if-version': 1 },
      paths: { kind: 'uniform', count: 2 },
      size: { minBytes: 0, maxBytes: 0 },
      operationsPerSecond: 100,
      startUs: 1_000_000,
      forUs: 1_000_000,
      consistency: 'linearizable',
      via: ['n2'],
      ...wish,
    };
    const world = new FakeWorld(['n1', 'n2']);
    fault?.(world);
    const records: OperationRecord[] = [];
    world.reply = (_, message, say) => {
      const { request } = message;
      const version = { epoch: 1, sequence: 1 };
      if (message.kind === 'client-end') {
        const outcome = { result: 'stored', version, upload: 'u' } as const;
        say({ kind: 'answer', request, answer: { result: 'done', operation: '', outcome } });
      } else if (message.kind === 'client-request' && message.operation.kind !== 'put') {
        say({ kind: 'answer', request, answer: { result: 'absent' } });
      }
    };
    const running = new WorkloadRun(workload, 1, {
      world,
      contents: new ContentBook(),
      watcher: fanOut([{ operationEnded: (record) => records.push(record) }]),
      chunkBytes: 100,
      timeoutUs: 1_000_000,
      retries: 0,
      listPageMax: 10,
      nextOrder: () => 1,
    });
    running.start();
    const open = running.openClients;
    world.runUntil(5_000_000);
    return { records, open, left: running.openClients };
  }

  it('keeps its pace, its time and its servers', () => {
    const { records, open, left } = run({});
    expect([open, left]).toEqual([2, 0]);
    expect(records.length).toBeGreaterThan(80);
    expect(records.length).toBeLessThan(120);
    expect(records.every(({ callUs }) => callUs >= 1_000_000 && callUs < 2_000_000)).toBe(true);
    expect(new Set(records.map(({ server }) => server))).toEqual(new Set(['n2']));
  });

  it('repeats the versions it saw', () => {
    const { records } = run({ mix: { put: 1, 'put-if-version': 1 } });
    const wanted = records.map(({ order }) => (order.action.kind === 'put' ? order.action.precondition : 'look'));
    expect(new Set(wanted)).toEqual(new Set([undefined, '1.1', 'look']));
  });

  it('without a rate goes on as fast as answers come, yet comes to its end', () => {
    const { records, left } = run({ operationsPerSecond: undefined, forUs: 10_000, clients: 1 });
    expect(left).toBe(0);
    expect(records).toHaveLength(100);
  });

  it('asks for the same things whatever another client draws', () => {
    const asked = ({ records }: { records: readonly OperationRecord[] }) =>
      records.filter(({ client }) => client === 'w1.1').map(({ order, callUs }) => [callUs, order.action]);
    const disturbed = run({ clients: 2 }, (world) => world.random('somebody else').unit());
    expect(asked(disturbed)).toEqual(asked(run({ clients: 2 })));
  });
});
