// The simulated disk does what the port asks of real stores.
import { storeConformance } from '../../../core/conformance/store.test-kit.js';
import type { StoreHarness, StoreWorld } from '../../../core/conformance/store-world.test-kit.js';
import type { Post, StoreInput, StoreOutput, StorePort } from '../../../core/ports.js';
import type { Durability } from '../../../core/view/view.js';
import { Kernel } from '../../kernel.js';
import { randomStream } from '../../random.js';
import { Disk } from './disk.js';

const SPAN = { minUs: 10, maxUs: 400 };
const PAUSE_US = 10_000;
const PATIENCE_EVENTS = 1_000_000;

const harness = (durability: Durability): StoreHarness => ({
  name: `simulated disk, ${durability}`,
  cannot: {
    bytes: 'it has none',
    ...(durability === 'memory' ? { outlive: 'it is gone with its process' } : {}),
  },
  open: () => Promise.resolve(new SimulatedWorld(durability)),
});

class SimulatedWorld implements StoreWorld {
  private readonly kernel = new Kernel();
  private readonly disk: Disk;
  private post: Post<StoreInput> | undefined;

  constructor(durability: Durability) {
    const stream = (name: string) => randomStream(7, name);
    this.disk = new Disk(
      this.kernel,
      { durability, persist: SPAN, read: SPAN, flush: SPAN },
      { persist: stream('p'), read: stream('r'), flush: stream('f'), trouble: stream('t') },
      {
        persisted: (shard, upTo) => this.post?.({ kind: 'persisted', shard, upTo }),
        identityPersisted: () => this.post?.({ kind: 'identity-persisted' }),
        chunkRead: (upload, index, chunk) => this.post?.({ kind: 'chunk-read', upload, index, chunk }),
        storeBroken: (why) => this.post?.({ kind: 'store-broken', why }),
        chunkUnwritten: (upload, index) => this.post?.({ kind: 'chunk-unwritten', upload, index }),
        storeSpace: (full) => this.post?.({ kind: 'store-space', full }),
      },
    );
  }

  begin(post: Post<StoreInput>): Promise<StorePort> {
    this.disk.endLife();
    this.post = post;
    const recovered = this.disk.recover();
    const isOver = (): boolean => this.post !== post;
    return Promise.resolve({
      recovered,
      carryOut: (output: StoreOutput) => {
        if (!isOver()) carryOut(this.disk, output);
      },
      end: () => {
        if (isOver()) return;
        this.post = undefined;
        this.disk.endLife();
      },
    });
  }

  crash(): Promise<void> {
    this.post = undefined;
    this.disk.crash();
    return Promise.resolve();
  }

  until(holds: () => boolean): Promise<void> {
    for (let events = 0; !holds(); events++) {
      if (events === PATIENCE_EVENTS || this.kernel.nextUs === undefined) throw new Error('waited in vain');
      this.kernel.runNext();
    }
    return Promise.resolve();
  }

  pause(): Promise<void> {
    const end = this.kernel.nowUs + PAUSE_US;
    this.kernel.schedule(end, { run: () => undefined });
    while (this.kernel.nextUs !== undefined && this.kernel.nextUs <= end) this.kernel.runNext();
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function carryOut(disk: Disk, output: StoreOutput): void {
  switch (output.kind) {
    case 'store-chunk':
      disk.store(output.shard, output.chunk);
      break;
    case 'persist':
      disk.persist(output.shard, output.entries);
      break;
    case 'write-base':
      disk.writeBase(output.shard, output.base);
      break;
    case 'write-identity':
      disk.writeIdentity(output.identity);
      break;
    case 'forget-shard':
      disk.forgetShard(output.shard);
      break;
    case 'read-chunk':
      disk.read(output.upload, output.index);
      break;
    case 'drop-upload':
      disk.drop(output.upload);
      break;
  }
}

for (const durability of ['memory', 'os', 'fsync'] as const) storeConformance(harness(durability));
