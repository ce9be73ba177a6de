/**
 * The calls of one handle as promises. They leave in the order of calling, whoever waits for what; a call that cannot
 * even be begun ends like one that was lost. Knows codes, and no key, value or rule.
 */
import { type AccessEntry, CONNECTED, Code, type Handle, type Stat } from './addon.js';

export interface Outcome {
  readonly code: number;
  /** The code in words. */
  readonly text: string;
}

export interface Got extends Outcome {
  readonly stat: Stat | undefined;
  readonly bytes: Buffer;
}

type Done = (code: number, text: string) => void;

const NOTHING = Buffer.alloc(0);

export class Client {
  /**
   * @param lost the connection is gone. A call that finds it broken closes it without a word (nonblocking_send in
   * zookeeper.c): no event comes, and calls under way are not answered before something times out.
   */
  constructor(
    private readonly handle: Handle,
    private readonly lost: () => void,
  ) {}

  get(path: string): Promise<Got> {
    return new Promise((resolve) => {
      const failed = (code: number, text: string) => resolve({ code, text, stat: undefined, bytes: NOTHING });
      this.start(failed, () =>
        this.handle.a_get(path, false, (code, text, stat, bytes) =>
          resolve({ code, text, stat: stat ?? undefined, bytes: bytes ?? NOTHING }),
        ),
      );
    });
  }

  /** @param armed whether there is a znode or not, its next change, or its creation, is told from now on. */
  watch(path: string, armed: () => void): void {
    const done = (code: number): void => {
      if (code === Code.ok || code === Code.noNode) armed();
    };
    this.start(done, () => this.handle.a_exists(path, true, done));
  }

  children(path: string): Promise<Outcome & { readonly names: readonly string[] }> {
    return new Promise((resolve) => {
      this.start(
        (code, text) => resolve({ code, text, names: [] }),
        () =>
          this.handle.a_get_children(path, false, (code, text, names) => resolve({ code, text, names: names ?? [] })),
      );
    });
  }

  create(path: string, bytes: Buffer, flag: number): Promise<Outcome> {
    return this.outcome((done) => this.handle.a_create(path, bytes, flag, done));
  }

  set(path: string, bytes: Buffer, expected: number): Promise<Outcome & { readonly version: number }> {
    return new Promise((resolve) => {
      this.start(
        (code, text) => resolve({ code, text, version: 0 }),
        () =>
          this.handle.a_set(path, bytes, expected, (code, text, stat) =>
            resolve({ code, text, version: stat?.version ?? 0 }),
          ),
      );
    });
  }

  delete(path: string, expected: number): Promise<Outcome> {
    return this.outcome((done) => this.handle.a_delete_(path, expected, done));
  }

  /** Only if nobody has done so before. */
  protect(path: string, access: readonly AccessEntry[]): Promise<Outcome> {
    return this.outcome((done) => this.handle.a_set_acl(path, 0, access, done));
  }

  sync(path: string): Promise<Outcome> {
    return this.outcome((done) => this.handle.a_sync(path, done));
  }

  private outcome(call: (done: Done) => number): Promise<Outcome> {
    return new Promise((resolve) => {
      const done: Done = (code, text) => resolve({ code, text });
      this.start(done, () => call(done));
    });
  }

  /** Some failures come as the returned code, and their callback never. */
  private start(failed: Done, call: () => number): void {
    const code = call();
    if (code !== Code.ok) failed(code, 'the call was not begun');
    if (this.handle.state !== CONNECTED) this.lost();
  }
}
