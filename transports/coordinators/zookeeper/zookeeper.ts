/**
 * ZooKeeper as a coordinator. What is asked goes to the thread of the client (thread.ts), what happens there comes back;
 * nothing is decided on the way. Must never load the client in the process's own event loop.
 */
import type { CoordinatorInput, CoordinatorPort, Post } from '../../../core/ports.js';
import type { Coordinator } from '../coordinator.js';
import type { FromThread } from './messages.js';
import { checkOptions, type Place, type ZooKeeperOptions } from './options.js';
import { type Thread, theThread } from './thread.js';

/**
 * Loads the client; whether ZooKeeper can be reached shows when a session is opened.
 * @throws if the options are wrong, or the client is not installed.
 */
export async function connectZooKeeper(options: ZooKeeperOptions): Promise<Coordinator> {
  const place = checkOptions(options);
  const thread = await theThread();
  thread.use();
  const lives = new Set<Life>();
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.all([...lives].map((life) => life.end()));
    thread.release();
  };
  return {
    name: `zk://${place.servers.join(',')}${place.root}`,
    begin(post) {
      const life = new Life(thread, place, options.log, post);
      lives.add(life);
      void life.over.then(() => lives.delete(life));
      return { carryOut: (output) => life.carryOut(output), end: () => void life.end() };
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

class Life {
  readonly over: Promise<void>;
  private hasEnded = false;
  private readonly number: number;

  constructor(
    private readonly thread: Thread,
    place: Place,
    private readonly log: ZooKeeperOptions['log'],
    private readonly post: Post<CoordinatorInput>,
  ) {
    let tellOver: () => void = () => undefined;
    this.over = new Promise((resolve) => {
      tellOver = resolve;
    });
    this.number = thread.hear((message) => {
      if (message.kind === 'ended') {
        thread.forget(this.number);
        tellOver();
      } else {
        this.hear(message);
      }
    });
    thread.post({ kind: 'begin', life: this.number, place });
  }

  carryOut: CoordinatorPort['carryOut'] = (output) => {
    if (!this.hasEnded) this.thread.post({ kind: 'carry-out', life: this.number, output });
  };

  /** Its session is closed rather than left to expire: whoever begins anew finds its name free. */
  end(): Promise<void> {
    if (!this.hasEnded) this.thread.post({ kind: 'end', life: this.number });
    this.hasEnded = true;
    return this.over;
  }

  private hear(message: Extract<FromThread, { kind: 'input' | 'note' }>): void {
    if (message.kind === 'note') {
      const { level, text, details } = message.note;
      this.log[level](details, text);
    } else if (!this.hasEnded) {
      this.post(message.input);
    }
  }
}
