/**
 * How fast the simulator is: protocol events per second on one core with the real handlers, beside a bare heap loop
 * in the same run (machines differ by more than our changes do).
 * The only clock here is the one that measures; the simulated part stays the same run for the same seed.
 */
import { parseArgs } from 'node:util';
import type { Chunk } from '../core/file.js';
import type { MemberId, RequestId } from '../core/ids.js';
import { Kernel, type KernelEvent } from './kernel.js';
import { createWorld, type WorldScenario } from './world.js';
import type { ClientMessage, ClientOutput, RandomStream, World } from './world-api.js';

const HELP = `Usage: npm run -s bench:sim -- [--servers N] [--operations M] [--seed S] [--json]

Measures simulated protocol events per second on one core: a ring with clients that put and get files, the core's real
handlers, beside a bare event heap in the same run.

  --servers N      servers in the ring (default 5)
  --operations M   puts and gets to bring to an end (default 100000 / servers: an operation travels the whole ring)
  --seed S         of the run (default 1)
  --json           one JSON object: eventsPerSecond, bareEventsPerSecond, ratio, events, seconds and what belongs to them
  --help           this text
`;

const CHUNK_BYTES = 65_536;
const CLIENTS_PER_SERVER = 4;
/** On a large ring: more at once would all end after what is measured. */
const CLIENTS_MAX = 100;
const PATHS = 200;
const PUTS_OF_TEN = 3;
const CHUNKS_MAX = 4;
/** About what the kernel holds for one busy server. */
const PENDING_PER_SERVER = 16;
const READ_AHEAD_CHUNKS = 8;
const WARM_UP_US = 2_000_000;
/** Operations by default, divided by the number of servers. */
const OPERATIONS_OF_ONE = 100_000;
const BARE_SECONDS = 1;
const BARE_STEPS = 100_000;
/** Virtual time without the end of any operation: the ring does not work. */
const STUCK_US = 60_000_000;

interface Figures {
  readonly eventsPerSecond: number;
  readonly bareEventsPerSecond: number;
  readonly ratio: number;
  readonly events: number;
  readonly seconds: number;
  readonly servers: number;
  readonly operations: number;
  /** Ended otherwise than done, absent or delivered. */
  readonly failed: number;
  readonly virtualSeconds: number;
  readonly peakRssBytes: number;
  readonly seed: number;
  readonly traceHash: string;
}

function scenarioOf(nodes: number): WorldScenario {
  const chain = Math.min(3, nodes);
  return {
    cluster: {
      ...{
        nodes,
        spares: 0,
        founded: true,
        durability: 'fsync',
        chain,
        minReplicas: Math.min(2, chain),
        shards: Math.max(128, nodes),
      },
      ...{ chunkBytes: CHUNK_BYTES, streamBytes: 4 << 20 },
    },
    network: { delay: { minUs: 100, maxUs: 500 }, bytesPerSecond: undefined },
    disk: {
      persist: { minUs: 50, maxUs: 200 },
      read: { minUs: 50, maxUs: 200 },
      flush: { minUs: 500_000, maxUs: 2_000_000 },
    },
    coordinator: {
      kind: 'embedded',
      sessionUs: 2_000_000,
      delay: { minUs: 500, maxUs: 2_000 },
      notice: { minUs: 500, maxUs: 2_000 },
    },
    limits: {},
  };
}

/** What all clients of the benchmark share. */
class Tally {
  ended = 0;
  failed = 0;

  constructor(readonly world: World) {}
}

/** One client at one server: one operation after the other, without pause. */
class Client {
  private count = 0;
  private request: RequestId = '';
  /** Chunks of the present put that were not sent yet, and all of them. */
  private unsent = 0;
  private total = 0;

  constructor(
    private readonly tally: Tally,
    private readonly server: MemberId,
    private readonly name: string,
    private readonly random: RandomStream,
  ) {}

  begin(): void {
    const { world } = this.tally;
    this.request = `${this.name}.${++this.count}`;
    world.listen(this.server, this.request, (output) => this.hear(output));
    const path = `/f${this.random.int(1, PATHS)}`;
    if (this.random.int(1, 10) <= PUTS_OF_TEN) this.put(path);
    else this.get(path);
  }

  private put(path: string): void {
    this.total = this.random.int(1, CHUNKS_MAX);
    this.unsent = this.total;
    const modifiedMs = this.tally.world.birthMs;
    const write = {
      operation: undefined,
      precondition: undefined,
      contentType: 'application/octet-stream',
      modifiedMs,
    };
    this.say({ kind: 'client-request', request: this.request, operation: { kind: 'put', path, ...write } });
  }

  private get(path: string): void {
    const operation = { kind: 'get', path, from: 0, to: undefined } as const;
    this.say({ kind: 'client-request', request: this.request, operation });
    this.say({ kind: 'client-ready', request: this.request, chunks: READ_AHEAD_CHUNKS });
  }

  private hear(output: ClientOutput | undefined): void {
    if (output === undefined) {
      this.end(false);
    } else if (output.kind === 'client-accept') {
      this.send(output.chunks);
    } else if (output.kind === 'client-data') {
      this.say({ kind: 'client-ready', request: this.request, chunks: 1 });
    } else if (output.kind === 'answer') {
      const { result } = output.answer;
      this.end(result === 'done' || result === 'absent' || result === 'delivered');
    }
  }

  private send(chunks: number): void {
    const { request } = this;
    for (let i = 0; i < chunks && this.unsent > 0; i++) {
      const index = this.total - this.unsent--;
      const chunk: Chunk = { upload: '', index, length: CHUNK_BYTES, checksum: index, payload: undefined };
      this.say({ kind: 'client-chunk', request, chunk });
      if (this.unsent === 0) {
        this.say({ kind: 'client-end', request, length: this.total * CHUNK_BYTES, sha256: this.name });
      }
    }
  }

  private end(well: boolean): void {
    this.tally.ended++;
    if (!well) this.tally.failed++;
    this.begin();
  }

  private say(message: ClientMessage): void {
    this.tally.world.tell(this.server, message);
  }
}

/** One of many timers of a bare kernel: nothing but the heap's own work. */
class BareEvent implements KernelEvent {
  constructor(
    private readonly kernel: Kernel,
    private seed: number,
  ) {}

  run(): void {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    this.kernel.schedule(this.kernel.nowUs + 1 + (this.seed >>> 20), this);
  }
}

/** @returns bare events per second with so many pending. */
function measureBare(pending: number): number {
  const kernel = new Kernel();
  for (let i = 0; i < pending; i++) kernel.schedule(i, new BareEvent(kernel, i));
  for (let i = 0; i < BARE_STEPS; i++) kernel.runNext();
  const startMs = performance.now();
  let events = 0;
  let seconds = 0;
  while (seconds < BARE_SECONDS) {
    for (let i = 0; i < BARE_STEPS; i++) kernel.runNext();
    events += BARE_STEPS;
    seconds = (performance.now() - startMs) / 1000;
  }
  return events / seconds;
}

/** Runs until so many operations have ended. @throws Error when nothing ends any more. */
function runUntil(tally: Tally, operations: number): void {
  const { world } = tally;
  let ended = 0;
  let endedUs = world.nowUs;
  while (tally.ended < operations) {
    if (!world.step()) throw new Error('nothing happens any more');
    if (tally.ended > ended) {
      ended = tally.ended;
      endedUs = world.nowUs;
    } else if (world.nowUs - endedUs > STUCK_US) {
      throw new Error(`no operation ended within ${STUCK_US / 1e6} virtual seconds`);
    }
  }
}

/** A ring that is up, with clients that have begun. @throws Error when an invariant breaks. */
function busyRing(servers: number, seed: number): Tally {
  const world = createWorld({ scenario: scenarioOf(servers), seed });
  const tally = new Tally(world);
  world.observe({
    broke: (server, error) => {
      throw new Error(`${server} broke an invariant`, { cause: error });
    },
  });
  while (world.nowUs < WARM_UP_US && world.step());
  const ids = [...world.servers.keys()];
  const clients = Math.min(CLIENTS_MAX, CLIENTS_PER_SERVER * servers);
  for (let i = 0; i < clients; i++) {
    const id = ids[Math.floor((i * ids.length) / clients)] as string;
    new Client(tally, id, `${id}-${i}`, world.random(`client ${id} ${i}`)).begin();
  }
  return tally;
}

function measure(servers: number, operations: number, seed: number): Figures {
  const bareEventsPerSecond = measureBare(PENDING_PER_SERVER * servers);
  const tally = busyRing(servers, seed);
  const { world } = tally;
  // A tenth more for the compiler to see what is hot.
  runUntil(tally, Math.ceil(operations / 10));
  const eventsBefore = world.events;
  const startMs = performance.now();
  runUntil(tally, tally.ended + operations);
  const seconds = (performance.now() - startMs) / 1000;
  const events = world.events - eventsBefore;
  const eventsPerSecond = events / seconds;
  return {
    ...{ eventsPerSecond, bareEventsPerSecond, ratio: eventsPerSecond / bareEventsPerSecond, events, seconds },
    ...{ servers, operations, failed: tally.failed, virtualSeconds: world.nowUs / 1e6 },
    ...{ peakRssBytes: process.resourceUsage().maxRSS * 1024, seed, traceHash: world.traceHash() },
  };
}

function texts(figures: Figures): readonly string[] {
  const thousands = (n: number): string => `${Math.round(n / 1000)} k/s`;
  return [
    `ring of ${figures.servers}, ${figures.operations} operations (${figures.failed} failed), seed ${figures.seed}`,
    `protocol events    ${thousands(figures.eventsPerSecond)}   (${figures.events} in ${figures.seconds.toFixed(2)} s)`,
    `bare heap events   ${thousands(figures.bareEventsPerSecond)}   ratio ${figures.ratio.toFixed(3)}`,
    `virtual time       ${figures.virtualSeconds.toFixed(1)} s`,
    `peak memory        ${Math.round(figures.peakRssBytes / 1e6)} MB`,
    `trace hash         ${figures.traceHash}`,
  ];
}

class UsageError extends Error {}

function wholeNumber(name: string, text: string | boolean | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new UsageError(`--${name} takes a whole number from 1, not ${text}`);
}

/** @throws UsageError */
function flags(): { readonly [name: string]: string | boolean | undefined } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({ options: { servers: text, operations: text, seed: text, json: flag, help: flag } }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function main(): void {
  const { servers, operations, seed, json, help } = flags();
  if (help === true) {
    process.stdout.write(HELP);
    return;
  }
  const ring = wholeNumber('servers', servers, 5);
  const count = wholeNumber('operations', operations, Math.ceil(OPERATIONS_OF_ONE / ring));
  const figures = measure(ring, count, wholeNumber('seed', seed, 1));
  process.stdout.write(json === true ? `${JSON.stringify(figures)}\n` : `${texts(figures).join('\n')}\n`);
}

try {
  main();
} catch (error) {
  const wrongUse = error instanceof UsageError;
  process.stderr.write(`${error instanceof Error ? (wrongUse ? error.message : error.stack) : String(error)}\n`);
  if (error instanceof Error && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
  process.exitCode = wrongUse ? 2 : 1;
}
