/**
 * The format of a scenario file: every key, its form, and what editors tell about it.
 * Knows keys and leaves; neither defaults nor what depends on other keys (see load.ts).
 */
import { z } from 'zod';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import type { Told } from './field.js';
import {
  byteRateField,
  durationField,
  lastingField,
  operationRateField,
  seedsField,
  shareField,
  sizeField,
  sizeRangeField,
  spanField,
  timesField,
  wholeField,
} from './quantity-fields.js';
import { stepSchema } from './step-schema.js';
import {
  consistencyField,
  flagField,
  pathsField,
  sentenceField,
  serversField,
  withinField,
  wordField,
} from './word-fields.js';
import { FACT_NAMES, LIMIT_NAMES, MIX_NAMES } from './words.js';

const told = (title: string, description: string, ...examples: readonly unknown[]): Told => ({
  title,
  description,
  examples,
});

const CHUNK_MAX = 2 ** 26;
const STREAM_MAX = 2 ** 40;

const cluster = z
  .strictObject({
    nodes: wholeField(
      told('Servers', 'How many servers the ring has; they are named n1, n2, … clockwise.', 5),
      1,
      1_000,
    ),
    chain: wholeField(
      told('Chain length', 'Servers that keep each file. Default 3, or all of a smaller ring.', 3),
      1,
      100,
    ).optional(),
    spares: wholeField(
      told('Spares', 'Servers that are there and not started, named on from the last: for join. Default 0.', 2),
      0,
      100,
    ).optional(),
    founded: flagField(
      told(
        'Founded',
        'Whether the ring is there from the start (default). If not, the register is empty: whichever of the servers comes first founds the cluster, and the others join.',
        false,
      ),
    ).optional(),
    durability: wordField(
      told('Durability', 'How durable a write is when it counts. Default fsync.', 'memory', 'os', 'fsync'),
      ['memory', 'os', 'fsync'],
      'a durability',
    ).optional(),
    chunk: sizeField(told('Chunk size', 'A chunk has 1B to 64MiB. Default 256KiB.', '64KiB'), 1, CHUNK_MAX).optional(),
    stream: sizeField(
      told('Transit buffer', 'Of one server, three chunks or more, 1TiB at most. Default 16 chunks.', '4MiB'),
      1,
      STREAM_MAX,
    ).optional(),
    shards: wholeField(
      told('Shards', 'Slices of the path space. Default 16, or one for each server above 64.', 32),
      1,
      65_536,
    ).optional(),
    'min-replicas': wholeField(
      told('Least replicas', 'Writes are refused while a chain is shorter. Default 2, or 1 where the chain is 1.', 2),
      1,
      100,
    ).optional(),
  })
  .meta(told('Cluster', 'The ring and what its founders agree on.', { nodes: 5, chain: 3 }));

const network = z
  .strictObject({
    delay: spanField(
      told('Delay', 'One way, drawn for each frame; order is kept. Default 200us..2ms.', '1ms..5ms'),
    ).optional(),
    rate: byteRateField(told('Rate', 'Of each link. Default: as fast as can be.', '100MB/s')).optional(),
  })
  .meta(told('Network', 'The links between servers.', { delay: '1ms..5ms', rate: '100MB/s' }));

const disk = z
  .strictObject({
    persist: spanField(
      told('Persist', 'How long a write takes to be durable. Default 100us..1ms.', '100us..1ms'),
    ).optional(),
    read: spanField(told('Read', 'How long a chunk takes to be read. Default 50us..500us.', '50us..500us')).optional(),
    flush: spanField(
      told('Flush', 'Under durability os, after how long the machine syncs by itself. Default 500ms..2s.', '500ms..2s'),
    ).optional(),
  })
  .meta(told('Disk', 'The disks of the servers.', { persist: '100us..1ms' }));

const coordinator = z
  .strictObject({
    kind: wordField(
      told('Kind', 'What it behaves like. Default zookeeper.', 'zookeeper', 'embedded'),
      ['zookeeper', 'embedded'],
      'a coordinator',
    ).optional(),
    session: lastingField(
      told('Session', 'A session lives so long when nothing is heard of it. Default 2s.', '2s'),
    ).optional(),
    delay: spanField(told('Delay', 'How long a call takes. Default 1ms..5ms.', '1ms..5ms')).optional(),
    notice: spanField(
      told('Notice', 'How long a watch takes to tell of a change. Default 1ms..20ms.', '1ms..20ms'),
    ).optional(),
  })
  .meta(told('Coordinator', 'The register of the view.', { delay: '1ms..5ms' }));

const clients = z
  .strictObject({
    timeout: lastingField(told('Timeout', 'A client waits so long for an answer. Default 5s.', '5s')).optional(),
    retries: wholeField(
      told('Retries', 'So often a client repeats a write, with the same operation id. Default 3.', 3),
      0,
      1_000,
    ).optional(),
  })
  .meta(told('Clients', 'How patient all clients are.', { timeout: '5s', retries: 3 }));

function limitField(name: keyof Limits) {
  const unit = name.endsWith('Ms') ? 'Milliseconds' : name.endsWith('Max') ? 'At most so many' : 'A count';
  const fallback = DEFAULT_LIMITS[name];
  const about = { ...told(name, `${unit}. Default ${fallback}.`, fallback), default: fallback };
  return wholeField(about, 0, 1_000_000_000).optional();
}

const limits = z
  .strictObject(
    Object.fromEntries(LIMIT_NAMES.map((name) => [name, limitField(name)])) as Record<
      keyof Limits,
      ReturnType<typeof limitField>
    >,
  )
  .meta(
    told('Limits', 'Bounds of every server, by the names in core/limits.ts and in their units.', { heartbeatMs: 100 }),
  );

const weight = (name: string) =>
  wholeField(told(name, `Weight of ${name} among the operations.`, 1), 0, 1_000_000).optional();
const mix = z
  .strictObject(
    Object.fromEntries(MIX_NAMES.map((name) => [name, weight(name)])) as Record<
      (typeof MIX_NAMES)[number],
      ReturnType<typeof weight>
    >,
  )
  .meta(told('Mix', 'What the clients do, with weights.', { put: 3, get: 6, delete: 1 }));

const workload = z
  .strictObject({
    clients: wholeField(
      told('Clients', 'Each does one operation after the other. Default 1.', 4),
      1,
      100_000,
    ).optional(),
    mix,
    paths: pathsField(
      told('Paths', 'Where: uniform(20), zipf(20), or a list. Default uniform(10).', 'zipf(20)', ['/a', '/b']),
    ).optional(),
    size: sizeRangeField(told('Size', 'Of each put. Default 1KiB..1MiB.', '1KiB..2MiB')).optional(),
    rate: operationRateField(
      told('Rate', 'Operations per second, all clients together. Default: one after the other without pause.', '50/s'),
    ).optional(),
    from: durationField(told('Start', 'Virtual time of the start. Default 0s.', '0s')).optional(),
    for: lastingField(told('Duration', 'How long it goes on.', '20s')),
    consistency: consistencyField('Of all gets and stats').optional(),
    via: serversField(told('Servers asked', 'One is drawn for each operation. Default: all.', ['n1', 'n2'])).optional(),
  })
  .meta({ id: 'Workload', ...told('Workload', 'Clients that do operations at random.') });

const expectations = z
  .strictObject({
    converged: withinField(
      told(
        'Converged',
        'So long after the last fault and operation all is finished and all replicas are equal. Default within 10s.',
        'within 10s',
      ),
    ).optional(),
    eventually: z
      .array(stepSchema)
      .meta(
        told('Eventually', 'Client steps, without a time, run at the end when all is calm.', [
          { get: '/a.txt', equals: 'first' },
        ]),
      )
      .optional(),
    sometimes: z
      .array(wordField(told('Fact', 'The name of a fact.', 'want-joined'), FACT_NAMES, 'a fact that servers tell'))
      .meta(told('Sometimes', 'Facts that must occur at least once.', ['want-joined']))
      .optional(),
    never: z
      .array(wordField(told('Fact', 'The name of a fact.', 'link-broken'), FACT_NAMES, 'a fact that servers tell'))
      .meta(told('Never', 'Facts that must not occur, from the first moment to the last.', ['link-broken']))
      .optional(),
    'even-heads': flagField(
      told(
        'Even heads',
        'In the end no server heads more than one shard above what another heads. Default false.',
        true,
      ),
    ).optional(),
    'ok-rate': shareField(
      told('Done', 'Least share of operations that are done, not refused and not unknown.', '>= 80%'),
    ).optional(),
    'link-bytes': timesField(
      told('Bytes on a link', 'No link carries more than so many times the bytes of the largest file read.', '<= 1.5x'),
    ).optional(),
    'ring-bytes': timesField(
      told(
        'Bytes in the ring',
        'All links together carry no more than so many times the bytes of the largest file read.',
        '<= 2.5x',
      ),
    ).optional(),
    'may-lose': flagField(
      told(
        'May lose',
        'Where a whole chain is lost, acknowledged writes that were not synced may be gone: they are counted. Default false.',
        true,
      ),
    ).optional(),
    'steps-strike': flagField(told('Steps strike', 'Every fault must have struck. Default true.', false)).optional(),
  })
  .meta(told('Expectations', 'What must hold, besides what must always hold.', { converged: 'within 10s' }));

export const fileSchema = z
  .strictObject({
    scenario: sentenceField(told('Scenario', 'One sentence: the claim.', 'a put survives the crash of its head')),
    cluster,
    seed: seedsField(told('Seeds', 'One number, or a range to run all of. Default 1.', '1..50', 7)).optional(),
    'seeds-max': wholeField(
      told('Most seeds', 'So many seeds at most, whatever --seeds says: for expensive scenarios.', 3),
      1,
      4_294_967_295,
    ).optional(),
    network: network.optional(),
    disk: disk.optional(),
    coordinator: coordinator.optional(),
    clients: clients.optional(),
    limits: limits.optional(),
    workload: z.array(workload).meta(told('Workload', 'Clients that do operations at random.')).optional(),
    steps: z.array(stepSchema).meta(told('Steps', 'What clients do and what breaks, and when.')).optional(),
    expect: expectations.optional(),
  })
  .meta(told('Scenario of ping-pong-nfs', 'A claim about the ring and the run that tests it.'));

export type ScenarioInFile = z.output<typeof fileSchema>;
export type ClusterInFile = z.output<typeof cluster>;
export type WorkloadInFile = z.output<typeof workload>;
export type ExpectationsInFile = z.output<typeof expectations>;
/** The format as editors and the suggestions for unknown keys see it. */
export const jsonSchema = (): object => z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-7' });
