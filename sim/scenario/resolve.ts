/**
 * The whole of a scenario: defaults, and what depends on several keys at once.
 * Knows the format and the Scenario; no YAML. Goes on after a problem, so that several are found in one go.
 */
import { limitProblems } from '../../core/limit-rules.js';
import { DEFAULT_LIMITS, type Limits } from '../../core/limits.js';
import { sizeText } from '../../core/units.js';
import { operationsOf } from './operations.js';
import type { Problems } from './problems.js';
import type { Cluster, Expectations, Scenario, Workload } from './scenario.js';
import type { ClusterInFile, ExpectationsInFile, ScenarioInFile, WorkloadInFile } from './schema.js';
import { checkServer } from './servers.js';
import type { Path, Source } from './source.js';
import type { StepContext } from './step-context.js';
import { resolveEventually, resolveStep } from './steps.js';

interface Context {
  readonly file: string;
  readonly source: Source;
  readonly problems: Problems;
}

const DEFAULT_CHAIN = 3;
const DEFAULT_CHUNK_BYTES = 262_144;
const DEFAULT_STREAM_CHUNKS = 16;
const DEFAULT_SHARDS = 16;
const NODES_OF_DEFAULT_SHARDS = 64;
const STREAM_CHUNKS_MIN = 3;

const DEFAULT_NETWORK_DELAY = { minUs: 200, maxUs: 2_000 };
const DEFAULT_PERSIST = { minUs: 100, maxUs: 1_000 };
const DEFAULT_FLUSH = { minUs: 500_000, maxUs: 2_000_000 };
const DEFAULT_SESSION_US = 2_000_000;
const DEFAULT_READ = { minUs: 50, maxUs: 500 };
const DEFAULT_COORDINATOR_DELAY = { minUs: 1_000, maxUs: 5_000 };
const DEFAULT_NOTICE = { minUs: 1_000, maxUs: 20_000 };
const DEFAULT_TIMEOUT_US = 5_000_000;
const DEFAULT_RETRIES = 3;
const DEFAULT_SIZE = { minBytes: 1_024, maxBytes: 1_048_576 };
const DEFAULT_CONVERGED_US = 10_000_000;

export function resolveScenario(raw: ScenarioInFile, context: Context): Scenario {
  const { problems } = context;
  const cluster = resolveCluster(raw.cluster, problems);
  const operations = operationsOf(raw, problems);
  const { nodes, spares, chain } = cluster;
  const takesSnapshots = (raw.steps ?? []).some(({ snapshot }) => snapshot !== undefined);
  const steps: StepContext = { ...context, nodes, spares, chain, operations, takesSnapshots };
  if ((raw.steps ?? []).length + (raw.workload ?? []).length === 0) {
    problems.addMissing([], 'nothing happens in this scenario: give it steps or a workload');
  }
  return {
    name: raw.scenario,
    file: context.file,
    seedsMax: raw['seeds-max'],
    seed: raw.seed ?? { from: 1, to: 1 },
    cluster,
    network: { delay: raw.network?.delay ?? DEFAULT_NETWORK_DELAY, bytesPerSecond: raw.network?.rate },
    disk: {
      persist: raw.disk?.persist ?? DEFAULT_PERSIST,
      read: raw.disk?.read ?? DEFAULT_READ,
      flush: raw.disk?.flush ?? DEFAULT_FLUSH,
    },
    coordinator: {
      kind: raw.coordinator?.kind ?? 'zookeeper',
      sessionUs: raw.coordinator?.session ?? DEFAULT_SESSION_US,
      delay: raw.coordinator?.delay ?? DEFAULT_COORDINATOR_DELAY,
      notice: raw.coordinator?.notice ?? DEFAULT_NOTICE,
    },
    clients: {
      timeoutUs: raw.clients?.timeout ?? DEFAULT_TIMEOUT_US,
      retries: raw.clients?.retries ?? DEFAULT_RETRIES,
    },
    limits: resolveLimits((raw.limits ?? {}) as Partial<Limits>, problems),
    workload: (raw.workload ?? []).map((one, i) => resolveWorkload(one, ['workload', i], steps)),
    steps: (raw.steps ?? []).flatMap((step, i) => resolveStep(step, ['steps', i], steps) ?? []),
    expect: resolveExpectations(raw.expect ?? {}, steps),
  };
}

/** Of two that do not go together the one that the file gives is pointed at. */
function resolveLimits(raw: Partial<Limits>, problems: Problems): Partial<Limits> {
  for (const { limit, others, why } of limitProblems({ ...DEFAULT_LIMITS, ...raw })) {
    const given = [limit, ...others].find((name) => name in raw) ?? limit;
    problems.add(['limits', given], why);
  }
  return raw;
}

function resolveCluster(raw: ClusterInFile, problems: Problems): Cluster {
  const { nodes } = raw;
  const chain = raw.chain ?? Math.min(DEFAULT_CHAIN, nodes);
  const chunkBytes = raw.chunk ?? DEFAULT_CHUNK_BYTES;
  const streamBytes = raw.stream ?? DEFAULT_STREAM_CHUNKS * chunkBytes;
  const minReplicas = raw['min-replicas'] ?? Math.min(2, chain);
  if (streamBytes < STREAM_CHUNKS_MIN * chunkBytes) {
    const least = sizeText(STREAM_CHUNKS_MIN * chunkBytes);
    const message = `a stream of ${sizeText(streamBytes)} holds fewer than three chunks of ${sizeText(chunkBytes)}, and the ring could come to a standstill`;
    problems.add(['cluster', 'stream'], message, least);
  }
  if (minReplicas > chain) {
    problems.add(
      ['cluster', 'min-replicas'],
      `a chain of ${chain} can never have ${minReplicas} replicas: every write would be refused`,
      String(chain),
    );
  }
  const shards = raw.shards ?? (nodes > NODES_OF_DEFAULT_SHARDS ? nodes : DEFAULT_SHARDS);
  const { spares = 0, founded = true, durability = 'fsync' } = raw;
  return { nodes, spares, founded, durability, chain, minReplicas, shards, chunkBytes, streamBytes };
}

function resolveWorkload(raw: WorkloadInFile, path: Path, context: StepContext): Workload {
  const { problems, source } = context;
  const mix: Record<string, number> = {};
  for (const [name, weight] of Object.entries(raw.mix)) if (weight !== undefined && weight > 0) mix[name] = weight;
  if (Object.keys(mix).length === 0) {
    problems.add([...path, 'mix'], 'nothing has a weight in this mix: name an operation, as in { put: 1, get: 3 }');
  }
  for (const [i, id] of (raw.via ?? []).entries()) checkServer(id, [...path, 'via', i], context);
  const { line, column } = source.valueAt(path);
  return {
    place: { line, column },
    clients: raw.clients ?? 1,
    mix,
    paths: raw.paths ?? { kind: 'uniform', count: 10 },
    size: raw.size ?? DEFAULT_SIZE,
    operationsPerSecond: raw.rate,
    startUs: raw.from ?? 0,
    forUs: raw.for,
    via: raw.via,
    consistency: raw.consistency ?? 'linearizable',
  };
}

function resolveExpectations(raw: ExpectationsInFile, context: StepContext): Expectations {
  return {
    convergedWithinUs: raw.converged ?? DEFAULT_CONVERGED_US,
    eventually: (raw.eventually ?? []).flatMap(
      (step, i) => resolveEventually(step, ['expect', 'eventually', i], context) ?? [],
    ),
    sometimes: raw.sometimes ?? [],
    never: raw.never ?? [],
    evenHeads: raw['even-heads'] ?? false,
    okRateMin: raw['ok-rate'],
    linkBytesMaxTimes: raw['link-bytes'],
    ringBytesMaxTimes: raw['ring-bytes'],
    allStepsStrike: raw['steps-strike'] ?? true,
    mayLose: raw['may-lose'] ?? false,
  };
}
