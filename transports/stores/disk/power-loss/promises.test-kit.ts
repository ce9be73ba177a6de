// What a store has promised at a moment: from what was asked of it and what it has answered, it follows what must be
// there when it is opened again, and what may be. One log: what was asked for before something that was answered is as
// safe as that, but for a base, which is written in parts.
import { chunk } from '../../../../core/conformance/store-life.test-kit.js';
import type { LogEntry } from '../../../../core/file.js';
import type { Recovered, RecoveredShard } from '../../../../core/store-port.js';
import { lineFaults, lineOf, ShardPromises } from './shard-promises.test-kit.js';

export type Request =
  | EntryRequest
  | { readonly kind: 'base'; readonly shard: number; readonly at: number; readonly tag: string }
  | { readonly kind: 'forget'; readonly shard: number }
  | { readonly kind: 'chunk'; readonly chunk: ChunkName }
  | { readonly kind: 'drop'; readonly upload: string }
  | { readonly kind: 'identity'; readonly epoch: number };

/** An entry with the chunks that were stored for it. isLast: of those that are answered together. */
interface EntryRequest {
  readonly kind: 'entry';
  readonly shard: number;
  readonly entry: LogEntry;
  readonly chunks: readonly ChunkName[];
  readonly isLast: boolean;
}

export interface ChunkName {
  readonly upload: string;
  readonly index: number;
}

export type Mark =
  | { readonly kind: 'asked'; readonly request: Request }
  | { readonly kind: 'told'; readonly shard: number }
  | { readonly kind: 'identity told' }
  | { readonly kind: 'unwritten'; readonly chunk: ChunkName }
  | { readonly kind: 'began'; readonly found: Found }
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening' }
  /** A process is at it that may not be able to take back what it has written of something: that may be doubted. */
  | { readonly kind: 'failing' }
  /** And not all that was answered was safe from that. */
  | { readonly kind: 'power lost' };

/** none: there must not be any · excuse: what is doubted may lack anything · old: they were there before. */
export type Doubts = 'none' | 'excuse' | 'old';

/** What a life was told of, and the chunks of that which could be read, as they were read. */
export interface Found {
  readonly recovered: Recovered;
  readonly chunks: ReadonlyMap<string, Buffer | undefined>;
}

export const keyOf = ({ upload, index }: ChunkName): string => `${upload}#${index}`;

/** The bytes of a chunk are known by its name. */
export const bytesOf = ({ upload, index }: ChunkName): Buffer => {
  let length = 40 + 61 * index;
  for (const letter of upload) length = (length * 31 + letter.charCodeAt(0)) % 900;
  return chunk(upload, index, 20 + length).payload as Buffer;
};

interface ChunkDeed {
  readonly serial: number;
  readonly isStored: boolean;
}

export class Promises {
  /** Of the last request, and of the last one that is answered with all before it. */
  serial = 0;
  safe = 0;
  readonly shards = new Map<number, ShardPromises>();
  /** By name; the deeds in order. */
  readonly chunks = new Map<string, ChunkDeed[]>();
  private readonly unwritten = new Set<string>();
  private identities: { serial: number; epoch: number }[] = [];
  /** Serials of those that are not answered. */
  private waitingIdentities: number[] = [];
  private readonly everAsked = new Set<string>();
  /** All of it was written, synced and closed, and nothing was asked for since; it may have been opened. */
  isClosed = false;
  private isOpening = false;
  private hasLost = false;
  /** A life was told of something doubtful, and nothing says that it is settled. */
  private isDoubted = false;
  private hasFailed = false;

  static of(marks: readonly Mark[]): Promises {
    const promises = new Promises();
    for (const mark of marks) promises.apply(mark);
    return promises;
  }

  get owed(): number {
    let owed = this.waitingIdentities.length;
    for (const { waiting } of this.shards.values()) owed += waiting.length;
    return owed;
  }

  /** Uploads that are not dropped. */
  get uploads(): readonly string[] {
    const there = [...this.chunks].filter(([, deeds]) => deeds[deeds.length - 1]?.isStored);
    return [...new Set(there.map(([key]) => key.slice(0, key.indexOf('#'))))];
  }

  shard(shard: number): ShardPromises {
    let one = this.shards.get(shard);
    if (one === undefined) {
      one = new ShardPromises();
      this.shards.set(shard, one);
    }
    return one;
  }

  apply(mark: Mark): void {
    switch (mark.kind) {
      case 'asked':
        this.isClosed = false;
        this.asked(mark.request, ++this.serial);
        break;
      case 'told':
        this.safe = Math.max(this.safe, this.shard(mark.shard).told());
        break;
      case 'identity told':
        this.safe = Math.max(this.safe, this.waitingIdentities.shift() as number);
        break;
      case 'unwritten':
        this.unwritten.add(keyOf(mark.chunk));
        break;
      case 'began':
        this.isClosed = false;
        this.began(mark.found);
        break;
      case 'closed':
        this.safe = this.serial;
        this.isClosed = true;
        this.isOpening = false;
        break;
      case 'opening':
        this.isOpening = true;
        break;
      case 'failing':
        this.hasFailed = true;
        break;
      case 'power lost':
        this.hasLost = true;
        break;
    }
  }

  /** What the next look may doubt. */
  get doubts(): Doubts {
    if (this.hasLost) return 'excuse';
    return this.isDoubted || this.hasFailed || (this.isClosed && this.isOpening) ? 'old' : 'none';
  }

  /** @returns what is wrong, in sentences */
  faults({ recovered, chunks }: Found, doubts: Doubts): readonly string[] {
    const faults = this.garbage({ recovered, chunks });
    if (doubts === 'none' && recovered.suspectUpTo > 0) faults.push(`all is suspect up to ${recovered.suspectUpTo}`);
    // A store of nobody's speaks for nothing.
    const isDoubted = recovered.suspectUpTo > 0 || recovered.identity === undefined;
    if (doubts === 'excuse' && isDoubted) return faults;
    for (const shard of new Set([...this.shards.keys(), ...recovered.shards.map((one) => one.shard)])) {
      const found = recovered.shards.find((one) => one.shard === shard) ?? absent(shard);
      const isSound = found.baseSound && found.entries.every(({ sound }) => sound);
      if (doubts === 'none' && (found.suspect || !isSound)) faults.push(`shard ${shard} is doubted`);
      if (doubts === 'excuse' && (found.suspect || !isSound)) return faults;
      const isRefused = (key: string): boolean => this.unwritten.has(key);
      const wrong = lineFaults(this.shard(shard), found, this.safe, isRefused);
      faults.push(...wrong.map((fault) => `shard ${shard} ${fault}`));
      faults.push(...this.lineChunkFaults(found, chunks));
    }
    const epoch = recovered.identity?.epoch;
    const last = this.identities.filter(({ serial }) => serial <= this.safe).pop();
    const isKnown = this.identities.some((one) => one.epoch === epoch && one.serial >= (last?.serial ?? 0));
    if (!(isKnown || (epoch === undefined && last === undefined))) faults.push(`the identity is that of ${epoch}`);
    return [...faults, ...this.chunkFaults(chunks)];
  }

  private asked(request: Request, serial: number): void {
    switch (request.kind) {
      case 'entry':
        this.everAsked.add(JSON.stringify(request.entry));
        this.shard(request.shard).entry(serial, request.entry, request.chunks.map(keyOf), request.isLast);
        break;
      case 'base':
        this.everAsked.add(request.tag);
        this.shard(request.shard).base(serial, request.at, request.tag);
        break;
      case 'forget':
        this.shard(request.shard).forget(serial);
        break;
      case 'chunk': {
        const key = keyOf(request.chunk);
        this.everAsked.add(key);
        this.chunks.set(key, [...(this.chunks.get(key) ?? []), { serial, isStored: true }]);
        break;
      }
      case 'drop':
        for (const [key, deeds] of this.chunks) {
          if (key.startsWith(`${request.upload}#`)) deeds.push({ serial, isStored: false });
        }
        break;
      case 'identity':
        this.identities.push({ serial, epoch: request.epoch });
        this.waitingIdentities.push(serial);
        break;
    }
  }

  /** What a life is told of is what counts from here on, and is safe. */
  private began({ recovered, chunks }: Found): void {
    this.hasLost = false;
    this.isDoubted = recovered.suspectUpTo > 0 || recovered.shards.some(({ suspect }) => suspect);
    this.safe = this.serial;
    this.unwritten.clear();
    this.waitingIdentities = [];
    for (const [shard, promises] of this.shards) {
      const found = recovered.shards.find((one) => one.shard === shard) ?? absent(shard);
      promises.settle(lineOf(found));
    }
    this.chunks.clear();
    for (const [key, bytes] of chunks) if (bytes !== undefined) this.chunks.set(key, [{ serial: 0, isStored: true }]);
    const { identity } = recovered;
    this.identities = identity === undefined ? [] : [{ serial: 0, epoch: identity.epoch }];
  }

  /** Nothing is there that nobody ever asked for. */
  private garbage({ recovered, chunks }: Found): string[] {
    const faults: string[] = [];
    for (const { shard, base, entries } of recovered.shards) {
      if (base !== undefined && !this.everAsked.has(base.floor)) faults.push(`shard ${shard} has a base of nobody's`);
      for (const { entry, sound } of entries) {
        if (sound && !this.everAsked.has(JSON.stringify(entry))) faults.push(`shard ${shard} has an entry of nobody's`);
      }
    }
    for (const [key, bytes] of chunks) {
      const [upload = '', index = ''] = key.split('#');
      const isWhole = bytes?.equals(bytesOf({ upload, index: Number(index) })) ?? true;
      if (!this.everAsked.has(key) || !isWhole) faults.push(`${key} is not what was stored`);
    }
    return faults;
  }

  /** "An entry, and with it every chunk before it." */
  private lineChunkFaults(found: RecoveredShard, chunks: Found['chunks']): readonly string[] {
    const needed = this.shard(found.shard).chunksOf(lineOf(found));
    return needed
      .filter((key) => chunks.get(key) === undefined && !this.isDropped(key))
      .map((key) => `${key} is missing, and an entry behind it is there`);
  }

  private isDropped(key: string): boolean {
    return !(this.chunks.get(key)?.every(({ isStored }) => isStored) ?? false);
  }

  private chunkFaults(chunks: Found['chunks']): readonly string[] {
    const faults: string[] = [];
    for (const [key, deeds] of this.chunks) {
      const last = deeds.filter(({ serial }) => serial <= this.safe).pop();
      const later = deeds.filter(({ serial }) => serial > this.safe);
      const mayBeThere = last?.isStored || later.some(({ isStored }) => isStored);
      const mayLack = !last?.isStored || later.some(({ isStored }) => !isStored) || this.unwritten.has(key);
      if (!mayLack && chunks.get(key) === undefined) faults.push(`${key} is missing`);
      if (!mayBeThere && chunks.has(key)) faults.push(`${key} is there again`);
    }
    return faults;
  }
}

const absent = (shard: number): RecoveredShard => ({
  ...{ shard, base: undefined, baseSound: true, entries: [], suspect: false },
});
