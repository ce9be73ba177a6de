import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { initialState, type NodeState } from '../../core/state.js';
import { makeView, type Settings } from '../../core/view/view.js';
import { type NodeStatus, nodeStatus } from '../launcher/status.js';
import { reportOf, runsText } from './status-report.js';
import { statusLines } from './status-text.js';

const member = (id: string) => ({ id, incarnation: 1, address: `127.0.0.1:710${id.slice(1)}` });
const whole = { members: ['n1', 'n2'], learners: [], lost: [] };
const short = { members: ['n2'], learners: ['n3'], lost: [] };
const lost = { members: [], learners: [], lost: [{ id: 'n4', incarnation: 1 }] };
const settings: Settings = {
  durability: 'fsync',
  ...{ chainLength: 2, minReplicas: 2, shards: 6, chunkBytes: 262_144, transitSlots: 16 },
};

function statusOf(id: string, epoch = 5): NodeStatus {
  const view = makeView({
    ...{ epoch, clusterId: 'c', settings },
    ring: [member('n1'), member('n2'), member('n3')],
    chains: [whole, short, short, short, whole, lost],
  });
  const state: NodeState = {
    ...initialState({ id, incarnation: 1, address: member(id).address, clusterId: 'c', seed: 1 }),
    ...{ view, status: 'member' },
  };
  return nodeStatus(id, state, {
    ...{ http: `http://127.0.0.1:810${id.slice(1)}`, version: '0', uptimeMs: 65_000, coordinator: 'tcp://c:7100' },
    ...{ traffic: { sentBytes: 2048, receivedBytes: 0 }, store: { liveBytes: 1, diskBytes: 3_145_728 } },
  });
}

const up = (status: NodeStatus): NodeStatus => ({
  ...status,
  inbound: { ...status.inbound, isUp: true },
  outbound: { ...status.outbound, isUp: true },
});
const plain = picocolors.createColors(false);
const silent = { server: 'http://127.0.0.1:8103', why: 'connection refused' };
const heard = (status: NodeStatus) => ({ server: status.http, status });

describe('the status of a ring', () => {
  it('is drawn with its links, its troubles and what would help', () => {
    const text = statusLines(reportOf([heard(up(statusOf('n1'))), heard(statusOf('n2', 4)), silent]), plain).join('\n');
    expect(text).toContain('ring of 3 servers · epoch 5 · cluster c');
    expect(text).toMatch(/┌▶ {2}n1 +1 +member +─✗ n2 .* 2\.0 KiB +0 B +3\.0 MiB +65\.0 s/);
    expect(text).toMatch(/│ {3}n2 +1 +in epoch 4 /);
    expect(text).toMatch(/└─ {2}n3 +1 +no answer +─▶ n1/);
    expect(text).toContain('no answer from http://127.0.0.1:8103: connection refused');
    expect(text).toContain('6 chains: 2 whole, 3 short, 1 unavailable');
    // What is worst comes first.
    expect(text.indexOf('shard 5: lost with n4')).toBeLessThan(text.indexOf('shards 1-3: 1 of 2 copies (n2)'));
    expect(text).toContain('n3 is catching up');
  });

  it('knows who was not asked from who does not answer', () => {
    const words = (...all: Parameters<typeof reportOf>[0]) =>
      reportOf(all).members.map(({ asked, member: { id } }) => `${id} ${asked}`);
    expect(words(heard(statusOf('n1')))).toEqual(['n1 yes', 'n2 no', 'n3 no']);
    // One of the two, and nobody knows which.
    expect(words(heard(statusOf('n1')), silent)).toEqual(['n1 yes', 'n2 perhaps', 'n3 perhaps']);
    expect(words(heard(statusOf('n1')), { ...silent, id: 'n3' })).toEqual(['n1 yes', 'n2 no', 'n3 yes']);
    // It is not in the ring any more.
    expect(words(heard(statusOf('n1')), { ...silent, id: 'n9' })).toEqual(['n1 yes', 'n2 no', 'n3 no']);
    const text = statusLines(reportOf([heard(statusOf('n1'))]), plain).join('\n');
    expect(text).toMatch(/n2 +1 +not asked /);
    expect(text).toContain('not asked: n2, n3; name their HTTP addresses with --server');
    expect(text).not.toContain('no answer');
  });

  it('knows a server by the address under which it answered, not by that which it gives', () => {
    const { answering } = reportOf([{ server: 'http://a:8101', status: { ...statusOf('n1'), http: 'http://b:8101' } }]);
    expect(answering).toEqual([{ id: 'n1', server: 'http://a:8101' }]);
  });

  it('says that nobody answers', () => {
    expect(statusLines(reportOf([silent]), plain)).toEqual([
      'no server answers',
      '  http://127.0.0.1:8103: connection refused',
    ]);
  });

  it('knows a former life from the present one', () => {
    const former = { ...statusOf('n2', 4), incarnation: 0 };
    const { members, outside } = reportOf([heard(statusOf('n1')), heard(former)]);
    expect(members[1]?.status).toBeUndefined();
    expect(outside).toEqual([former]);
  });
});

it('numbers in a row are one', () => {
  expect(runsText([3, 7, 9, 10, 11, 12, 20, 21])).toBe('3, 7, 9-12, 20, 21');
});
