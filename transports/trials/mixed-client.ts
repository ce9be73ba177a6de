/**
 * One client of a mixed load: it puts, with conditions and without, deletes, gets and stats, one thing after the other, and
 * looks at every byte it is given. It uses the client that people use, retries and all.
 */
import { createHash, randomInt } from 'node:crypto';
import type { Condition, DeleteResult, FileClient, PutResult } from '../client/client.js';
import { bytesSource } from '../client/source.js';
import type { Contents } from './contents.js';
import { type Ending, type History, type Operation, REFUSED, UNKNOWN } from './history.js';

/** What all clients of a trial share. */
export interface Shared {
  readonly history: History;
  readonly contents: Contents;
  readonly paths: readonly string[];
  /** What must never happen, in words. */
  readonly violations: string[];
  /** Between two operations of a client, on average. */
  readonly thinkMs: number;
}

type Kind = Operation['op'];
const MIX: readonly Kind[] = ['put', 'put', 'put', 'put', 'get', 'get', 'get', 'stat', 'stat', 'delete'];
/** One write in so many has a condition. */
const CONDITIONAL = 2;

/** How long a client had to wait for the answer to one operation. */
export interface Wait {
  readonly ms: number;
  readonly op: Kind;
}

export class MixedClient {
  private readonly versions = new Map<string, string>();
  private isEnding = false;
  private count = 0;
  private startedMs = 0;
  private present: Kind = 'get';
  private longest: Wait = { ms: 0, op: 'get' };
  private readonly running: Promise<void>;

  constructor(
    private readonly name: string,
    private readonly client: FileClient,
    private readonly shared: Shared,
  ) {
    this.running = this.run();
  }

  /** The longest that it has waited for an answer since it was asked last. The present wait counts. */
  takeLongest(): Wait {
    if (this.startedMs > 0) this.note();
    const { longest } = this;
    this.longest = { ms: 0, op: 'get' };
    return longest;
  }

  async end(): Promise<void> {
    this.isEnding = true;
    await this.running;
    this.client.close();
  }

  private async run(): Promise<void> {
    const { paths, thinkMs } = this.shared;
    while (!this.isEnding) {
      const path = paths[randomInt(paths.length)] as string;
      this.startedMs = performance.now();
      this.present = MIX[randomInt(MIX.length)] as Kind;
      await this.once(this.present, path);
      this.note();
      this.startedMs = 0;
      await new Promise((wake) => setTimeout(wake, randomInt(2 * thinkMs)));
    }
  }

  private note(): void {
    const ms = performance.now() - this.startedMs;
    if (ms > this.longest.ms) this.longest = { ms, op: this.present };
  }

  private once(kind: Kind, path: string): Promise<void> {
    switch (kind) {
      case 'put':
        return this.put(path);
      case 'delete':
        return this.delete(path);
      case 'get':
        return readFile(this.name, this.client, path, this.shared).then((version) => this.saw(path, version));
      case 'stat':
        return this.stat(path);
    }
  }

  private async put(path: string): Promise<void> {
    const content = this.shared.contents.make(`${this.name}-${++this.count}`);
    const [condition, words] = this.condition(path);
    const end = this.shared.history.call(this.name, { op: 'put', path, content: content.name, ...words });
    const result = await this.client.put(path, bytesSource(content.bytes), { condition });
    if (result.result === 'unknown' && result.code === 'not-the-same-bytes') this.violation(path, result.detail);
    if (result.result === 'done') this.saw(path, result.version);
    end(endingOf(result, (done) => ({ outcome: 'done', version: done.version })));
  }

  private async delete(path: string): Promise<void> {
    const [condition, words] = this.condition(path);
    // To delete what is not there is no condition that a server would take.
    if (condition.kind === 'absent') return;
    const end = this.shared.history.call(this.name, { op: 'delete', path, ...words });
    const result = await this.client.delete(path, { condition });
    end(endingOf(result, (done) => ({ outcome: 'done', found: done.found })));
  }

  private async stat(path: string): Promise<void> {
    const end = this.shared.history.call(this.name, { op: 'stat', path });
    const result = await this.client.stat(path);
    if (result.result === 'refused') return end(UNKNOWN);
    if (result.result === 'absent') return end({ outcome: 'absent' });
    const { version, sha256 } = result.file;
    this.saw(path, version);
    const content = this.shared.contents.nameOf(sha256);
    if (content === undefined) this.violation(path, `stat tells of a file that nobody put (version ${version})`);
    end({ outcome: 'found', content: content ?? `sha256 ${sha256}`, version });
  }

  private condition(path: string): [Condition, { readonly ifVersion?: string }] {
    const version = this.versions.get(path);
    if (randomInt(CONDITIONAL) > 0) return [{ kind: 'anything' }, {}];
    if (version !== undefined && randomInt(4) > 0) return [{ kind: 'version', version }, { ifVersion: version }];
    return randomInt(2) > 0 ? [{ kind: 'absent' }, { ifVersion: 'none' }] : [{ kind: 'present' }, { ifVersion: 'any' }];
  }

  private saw(path: string, version: string | undefined): void {
    if (version !== undefined) this.versions.set(path, version);
  }

  private violation(path: string, what: string): void {
    this.shared.violations.push(`${this.name}, ${path}: ${what}`);
  }
}

function endingOf<Done extends { readonly result: 'done' }>(
  result: Done | Exclude<PutResult | DeleteResult, { readonly result: 'done' }>,
  done: (result: Done) => Ending,
): Ending {
  if (result.result === 'unknown') return UNKNOWN;
  if (result.result === 'refused') {
    return result.code === 'precondition-failed' ? { outcome: 'precondition-failed' } : REFUSED;
  }
  return done(result as Done);
}

/**
 * A get to the last byte, in the history.
 * @returns the version that was read; undefined: there was no file, or no answer
 */
export async function readFile(
  name: string,
  client: FileClient,
  path: string,
  { history, contents, violations }: Shared,
): Promise<string | undefined> {
  const end = history.call(name, { op: 'get', path });
  const opened = await client.get(path);
  if (opened.result === 'refused') {
    end(UNKNOWN);
    return undefined;
  }
  if (opened.result === 'absent') {
    end({ outcome: 'absent' });
    return undefined;
  }
  const { version } = opened.file;
  const hash = createHash('sha256');
  try {
    for await (const piece of opened.body) hash.update(piece);
  } catch {
    // It said so, and gave no wrong byte that would count.
    end(UNKNOWN);
    return undefined;
  }
  const sha256 = hash.digest('hex');
  const content = contents.nameOf(sha256);
  if (content === undefined) violations.push(`${name}, ${path}: read something that nobody put (version ${version})`);
  end({ outcome: 'found', content: content ?? `sha256 ${sha256}`, version });
  return version;
}
