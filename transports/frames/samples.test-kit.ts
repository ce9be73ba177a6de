// One frame of every kind, and more where a part of it may be absent.
import { crc32 } from 'node:zlib';
import type { FileRecord, Proposal } from '../../core/file.js';
import type { ChunkFrame, Frame, Parcel } from '../../core/frame.js';
import { makeView, NO_VIEW } from '../../core/view/view.js';

const operation = '01939c1e-7b3a-7c1a-8a51-0123456789ab';
const route = { epoch: 7, origin: 'n1', lastStop: 'n3' };

export const sampleView = makeView({
  epoch: 7,
  clusterId: 'cluster',
  settings: { durability: 'os', chainLength: 2, minReplicas: 1, shards: 2, chunkBytes: 262_144, transitSlots: 16 },
  ring: [
    { id: 'n1', incarnation: 1, address: '127.0.0.1:7001' },
    { id: 'n2', incarnation: 3, address: '[::1]:7002' },
  ],
  chains: [
    { members: ['n1', 'n2'], learners: [], lost: [] },
    { members: [], learners: [], lost: [{ id: 'n9', incarnation: 4 }] },
  ],
});

const file: FileRecord = {
  version: { epoch: 6, sequence: 12 },
  manifest: {
    upload: 'n1.3.128',
    length: 4096,
    chunkBytes: 262_144,
    sha256: 'a'.repeat(64),
    contentType: 'text/plain; charset=utf-8',
    modifiedMs: 1_733_000_000_000,
  },
};

export const sampleProposal: Proposal = {
  operation,
  path: '/some/folder/größer ✓.bin',
  change: { kind: 'put', manifest: file.manifest },
  precondition: undefined,
  fingerprint: 'put  4096 aaaa text/plain /some/folder',
};
const stored = { result: 'stored', version: { epoch: 7, sequence: 13 }, upload: 'n1.3.128' } as const;
const removal: Proposal = { ...sampleProposal, change: { kind: 'delete' }, precondition: 'any' };
const entries = [
  { id: { epoch: 7, sequence: 13 }, proposal: sampleProposal, outcome: stored },
  { id: { epoch: 7, sequence: 14 }, proposal: removal, outcome: { result: 'deleted', found: true } },
  { id: { epoch: 7, sequence: 15 }, proposal: removal, outcome: { result: 'precondition-failed' } },
] as const;

/** Of the file that is proposed in these samples, or of as many bytes as are given. */
export function parcelFrame(payload = Buffer.alloc(4096, 'small'), change = sampleProposal.change): Parcel {
  const chunk = { upload: 'n1.3.128', index: 0, length: payload.length, checksum: crc32(payload), payload };
  const proposal = { ...sampleProposal, change };
  return { kind: 'parcel', ...route, shard: 1, entryIncarnation: 3, attempt: 1, proposal, chunk };
}

export function chunkFrame(payload: Buffer, index = 0): ChunkFrame {
  const chunk = { upload: 'n1.3.128', index, length: payload.length, checksum: crc32(payload), payload };
  return { kind: 'chunk', ...route, purpose: 'upload', shard: 1, chunk, boarding: 0, served: 0 };
}

const greeting = { from: 'n2', incarnation: 3, clusterId: 'cluster' };
const want = {
  origin: 'n1',
  id: 5,
  copy: 0,
  path: '/a',
  shard: 0,
  awaitedBy: ['n1', 'n2'],
  seen: 3,
} as const;
const lesson = {
  kind: 'lesson',
  ...route,
  shard: 1,
  at: { epoch: 7, sequence: 1 },
  committed: { epoch: 7, sequence: 2 },
} as const;

export const sampleFrames: readonly Frame[] = [
  { kind: 'hello', epoch: 7, ...greeting, view: sampleView, freeSlots: 16 },
  { kind: 'hello', epoch: 0, ...greeting, view: NO_VIEW, freeSlots: 3 },
  { kind: 'welcome', epoch: 7, ...greeting, view: sampleView },
  { kind: 'view', epoch: 7, view: sampleView },
  { kind: 'ping', epoch: 0 },
  { kind: 'pong', epoch: 2 ** 48 - 1 },
  { kind: 'credit', epoch: 7, count: 1 },
  { kind: 'knock', epoch: 7, member: { id: 'n5', incarnation: 0, address: '10.0.0.5:7000' } },
  { kind: 'token', ...route, number: 9, active: false },
  chunkFrame(Buffer.from('the bytes of a chunk')),
  { ...chunkFrame(Buffer.alloc(1)), purpose: 'rider', boarding: 12, served: 3 },
  {
    kind: 'marker',
    ...route,
    operation,
    shard: 1,
    upload: 'n1.3.128',
    from: 0,
    to: 8,
    missing: [
      {
        member: 'n2',
        ranges: [
          { from: 0, to: 2 },
          { from: 4, to: 5 },
        ],
      },
    ],
  },
  { kind: 'append', ...route, lane: 'data', shard: 1, entryIncarnation: 3, attempt: 1, proposal: sampleProposal },
  { kind: 'append', ...route, lane: 'control', shard: 1, entryIncarnation: 3, attempt: 2, proposal: removal },
  parcelFrame(),
  { kind: 'refusal', ...route, operation, attempt: 1, code: 'missing-chunks', missing: [{ from: 0, to: 2 }] },
  { kind: 'reminder', ...route, operation, outcome: stored },
  { kind: 'replicate', ...route, shard: 1, committed: { epoch: 7, sequence: 12 }, durable: 13, entries },
  {
    kind: 'commit',
    ...route,
    shard: 1,
    upTo: { epoch: 7, sequence: 15 },
    chainLength: 2,
    outcomes: entries.map(({ outcome, proposal: { path } }) => ({ operation, path, outcome })),
  },
  { kind: 'abandon', ...route, upload: 'n1.3.128' },
  { kind: 'shuttle', ...route, number: 3, boarded: 0, comesAgain: true, isGapped: true, awaitedBy: [], wants: [] },
  {
    ...{
      kind: 'shuttle',
      ...route,
      number: 3,
      boarded: 2,
      comesAgain: false,
      isGapped: false,
      awaitedBy: ['n1', 'n2'],
    },
    wants: [
      { ...want, known: undefined, stamp: undefined, need: undefined },
      {
        ...{ ...want, known: undefined, stamp: { holds: 'other', file: undefined } },
        need: { fromByte: 0, toByte: 100 },
      },
      { ...want, known: file.version, stamp: { holds: 'other', file }, need: undefined },
      { ...want, known: file.version, stamp: { holds: 'known' }, need: undefined },
    ],
  },
  {
    kind: 'fetch',
    ...route,
    purpose: 'read',
    shard: 1,
    upload: 'u',
    ranges: [{ from: 3, to: 9 }],
    seen: 0,
    again: true,
  },
  { kind: 'gone', ...route, upload: 'u' },
  {
    kind: 'list',
    ...route,
    id: 1,
    prefix: '/',
    after: '',
    limit: 10,
    items: [{ path: '/a', file }],
    stampedShards: 1,
    more: true,
  },
  {
    kind: 'learn',
    ...route,
    shard: 1,
    last: { epoch: 0, sequence: 0 },
    at: { epoch: 7, sequence: 1 },
    page: 2,
    afterPath: '/a',
    afterOperation: '',
  },
  {
    kind: 'learn',
    ...route,
    shard: 1,
    // Only tables can help.
    last: { epoch: 0, sequence: -1 },
    at: { epoch: 0, sequence: 0 },
    page: 0,
    afterPath: '',
    afterOperation: '',
  },
  {
    ...lesson,
    how: 'snapshot',
    page: 0,
    files: [{ path: '/a', file }],
    outcomes: [{ operation, remembered: { outcome: stored, fingerprint: 'f' } }],
    floor: '',
    staged: [{ upload: 'u', chunks: [{ from: 0, to: 1 }] }],
    isLast: true,
    count: 2,
  },
  { ...lesson, how: 'log', page: 0, files: [], outcomes: [], floor: operation, staged: [], isLast: true, count: 0 },
  { kind: 'learned', ...route, shard: 1, upTo: { epoch: 7, sequence: 2 } },
  { kind: 'space', ...route, full: true },
];
