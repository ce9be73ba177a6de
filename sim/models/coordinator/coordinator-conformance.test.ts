// The simulated coordinator keeps the rules of the port, as ZooKeeper and as the embedded service. Only the port's own
// words are used; time is virtual.
import { coordinatorConformance } from '../../../core/conformance/coordinator.test-kit.js';
import type { CoordinatorVisit, CoordinatorWorld } from '../../../core/conformance/coordinator-world.test-kit.js';
import type { CallId, CoordinatorReply, SessionState } from '../../../core/coordinator-port.js';
import type { CoordinatorInput, Post } from '../../../core/ports.js';
import { ringOf } from '../../../core/view/views.test-kit.js';
import { Kernel } from '../../kernel.js';
import { RandomStreams } from '../../random.js';
import type { Undo } from '../../world-api.js';
import { Network } from '../network.js';
import { Observers } from '../observers.js';
import { Coordinator } from './coordinator.js';
import type { Caller } from './session.js';

const SESSION_US = 1_000_000;
const PAUSE_US = 10_000;
/** Of virtual time. */
const PATIENCE_US = 60_000_000;

class Visitor implements Caller {
  running = true;
  hasEnded = false;

  constructor(
    readonly id: string,
    private readonly post: Post<CoordinatorInput>,
  ) {}

  sessionChanged(session: number, state: SessionState, owner: string): void {
    this.post({ kind: 'session', session, state, owner });
  }

  coordinatorReplied(session: number, call: CallId, reply: CoordinatorReply): void {
    this.post({ kind: 'coordinator-reply', session, call, reply });
  }

  watchFired(session: number, key: string): void {
    this.post({ kind: 'watch-fired', session, key });
  }
}

class SimulatedWorld implements CoordinatorWorld {
  private readonly kernel = new Kernel();
  private readonly coordinator: Coordinator;
  private visitors = 0;
  private undo: Undo | undefined;

  constructor(kind: 'zookeeper' | 'embedded') {
    const { kernel } = this;
    const observers = new Observers();
    const streams = new RandomStreams(1);
    const random = (name: string) => streams.named(name);
    const network = new Network(
      ...([kernel, observers, { delay: { minUs: 0, maxUs: 0 }, bytesPerSecond: undefined }, random] as const),
    );
    const spans = { delay: { minUs: 1000, maxUs: 5000 }, notice: { minUs: 1000, maxUs: 9000 } };
    this.coordinator = new Coordinator(
      ringOf('a b c', 'a b'),
      { kind, sessionUs: SESSION_US, ...spans },
      { kernel, observers, path: (from, to) => network.path(from, to), random },
    );
  }

  visit(post: Post<CoordinatorInput>): CoordinatorVisit {
    const visitor = new Visitor(`n${++this.visitors}`, post);
    const client = this.coordinator.client(visitor);
    let undo: Undo | undefined;
    return {
      port: {
        carryOut: (output) => {
          if (!visitor.hasEnded) client.carryOut(output);
        },
        end: () => {
          visitor.hasEnded = true;
          client.crash();
        },
      },
      cut: () => {
        undo = this.coordinator.strikeSession(visitor.id, { kind: 'disconnect' });
      },
      heal: () => undo?.(),
      expire: () => this.coordinator.strikeSession(visitor.id, { kind: 'expire' }),
    };
  }

  async until(holds: () => boolean): Promise<void> {
    const endUs = this.kernel.nowUs + PATIENCE_US;
    while (!holds()) {
      if (this.kernel.nextUs === undefined || this.kernel.nextUs > endUs) throw new Error('it did not come true');
      this.kernel.runNext();
    }
  }

  async pause(): Promise<void> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    this.kernel.schedule(this.kernel.nowUs + PAUSE_US, { run: end });
    await this.until(() => isOver);
  }

  async stopService(): Promise<void> {
    this.undo = this.coordinator.strike({ kind: 'outage' });
  }

  async startService(): Promise<void> {
    this.undo?.();
  }

  async close(): Promise<void> {}
}

for (const kind of ['zookeeper', 'embedded'] as const) {
  coordinatorConformance({ name: `simulated, like ${kind}`, cannot: {}, open: async () => new SimulatedWorld(kind) });
}
