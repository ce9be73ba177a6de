/**
 * Figures for Prometheus, in a registry of their own: what the core tells is counted, what others know is asked for when
 * somebody looks. Names and units are part of the interface: they change with a major version only.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Fact } from '../../core/output.js';

/** What is asked for at each scrape; undefined: not known at present. */
export interface Measured {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly storeLiveBytes: number;
  readonly storeDiskBytes: number;
  /** Data frames in transit here, and how many there may be. */
  readonly transitFrames: number;
  readonly transitFramesMax: number;
  /** Data frames of this server's own that wait for the stream. */
  readonly waitingFrames: number;
  readonly operations: number;
}

/** One request of a client, when it is over. */
export interface Served {
  readonly protocol: 'http' | 'tcp';
  readonly kind: 'put' | 'get' | 'stat' | 'delete' | 'list' | 'other';
  /** `ok`, or why not: a closed set of codes. */
  readonly result: string;
  readonly seconds: number;
}

export interface Metrics {
  readonly registry: Registry;
  readonly contentType: string;
  text(): Promise<string>;
  fact(fact: Fact): void;
  served(served: Served): void;
  connections(protocol: Served['protocol'], change: 1 | -1): void;
  bytes(direction: 'in' | 'out', count: number): void;
  /** Where the rest comes from; a life's source ends with it. */
  measure(source: () => Partial<Measured>): void;
}

/** How late the event loop is, is looked at so often. Each look wakes an idle server. */
const LOOP_LOOK_MS = 100;
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

const MEASURED: Readonly<Record<keyof Measured, readonly [name: string, help: string]>> = {
  sentBytes: ['ppnfs_ring_sent_bytes_total', 'Bytes sent to other servers'],
  receivedBytes: ['ppnfs_ring_received_bytes_total', 'Bytes received from other servers'],
  storeLiveBytes: ['ppnfs_store_live_bytes', 'Bytes of chunks and log that are kept'],
  storeDiskBytes: ['ppnfs_store_disk_bytes', 'Bytes that these take on the disk'],
  transitFrames: ['ppnfs_stream_transit_frames', 'Data frames in transit through this server'],
  transitFramesMax: ['ppnfs_stream_transit_frames_max', 'Data frames in transit for which there is room'],
  waitingFrames: ['ppnfs_stream_waiting_frames', 'Data frames of this server that wait for the stream'],
  operations: ['ppnfs_operations_running', 'Operations of clients under way at this server'],
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LOOK_MS });
  // Facts and operations come by the ten thousand in a second: they are put into the registry's form when somebody looks.
  const facts = new Tally<Fact['fact']>((fact) => ({ fact }));
  new Counter({
    ...{ registers, name: 'ppnfs_facts_total', help: 'What happened, by the name of the fact', labelNames: ['fact'] },
    collect: facts.collector(),
  });
  const epoch = new Gauge({ registers, name: 'ppnfs_epoch', help: 'Epoch of the view this server lives in' });
  const members = new Gauge({ registers, name: 'ppnfs_members', help: 'Servers in the ring' });
  const operations = new Tally<string>((key) => {
    const [protocol = '', kind = '', result = ''] = key.split(' ');
    return { protocol, kind, result };
  });
  new Counter({
    ...{ registers, name: 'ppnfs_operations_total', help: 'Operations of clients, by what became of them' },
    ...{ labelNames: ['protocol', 'kind', 'result'], collect: operations.collector() },
  });
  const duration = new Histogram({
    ...{ registers, name: 'ppnfs_operation_seconds', help: 'From a request to the end of its response' },
    ...{ labelNames: ['protocol', 'kind'], buckets: SECONDS },
  });
  const connections = new Gauge({
    ...{ registers, name: 'ppnfs_client_connections', help: 'Connections of clients', labelNames: ['protocol'] },
  });
  const bytes = new Tally<'in' | 'out'>((direction) => ({ direction }));
  new Counter({
    ...{ registers, name: 'ppnfs_client_bytes_total', help: 'Bytes of files from (in) and to (out) clients' },
    ...{ labelNames: ['direction'], collect: bytes.collector() },
  });
  const measure = addMeasured(registry);
  bytes.add('in', 0);
  bytes.add('out', 0);
  return {
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    fact(fact) {
      facts.add(fact.fact, 1);
      if (fact.fact !== 'view-installed') return;
      epoch.set(fact.epoch);
      members.set(fact.members);
    },
    served({ protocol, kind, result, seconds }) {
      operations.add(`${protocol} ${kind} ${result}`, 1);
      duration.observe({ protocol, kind }, seconds);
    },
    connections: (protocol, change) => connections.inc({ protocol }, change),
    bytes: (direction, count) => bytes.add(direction, count),
    measure,
  };
}

/** Counts by key. Keys are few: names of facts, kinds and codes. */
class Tally<Key> {
  private readonly counts = new Map<Key, number>();

  constructor(private readonly labels: (key: Key) => Record<string, string>) {}

  add(key: Key, count: number): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }

  collector(): (this: Counter<string>) => void {
    const { counts, labels } = this;
    return function collect(): void {
      this.reset();
      for (const [key, count] of counts) this.inc(labels(key), count);
    };
  }
}

/** A source says the whole truth at once, so it is asked once for a scrape. */
function addMeasured(registry: Registry): Metrics['measure'] {
  let source: () => Partial<Measured> = () => ({});
  const setters = new Map<keyof Measured, (value: number) => void>();
  const keys = Object.keys(MEASURED) as (keyof Measured)[];
  for (const key of keys) {
    const [name, help] = MEASURED[key];
    const config = { registers: [registry], name, help, ...(key === keys[0] ? { collect } : {}) };
    if (name.endsWith('_total')) setters.set(key, setCounter(new Counter(config)));
    else setters.set(key, setGauge(new Gauge(config)));
  }
  function collect(): void {
    const measured = source();
    for (const [key, set] of setters) set(measured[key] ?? Number.NaN);
  }
  return (next) => {
    source = next;
  };
}

const setGauge = (gauge: Gauge) => (value: number) => gauge.set(value);
/** Counted elsewhere, since the process began. */
const setCounter = (counter: Counter) => (value: number) => {
  counter.reset();
  if (value > 0) counter.inc(value);
};
