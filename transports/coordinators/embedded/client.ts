/**
 * The embedded coordinator as a process that uses it sees it: sessions over TCP, each with a connection of its own.
 * Translates and decides nothing.
 */
import type { CoordinatorInput, CoordinatorOutput, CoordinatorPort, Post } from '../../../core/ports.js';
import type { HostPort } from '../../leaves/host-port.js';
import { tcpUrl } from '../address.js';
import type { Coordinator } from '../coordinator.js';
import { type Log, NO_LOG } from '../log.js';
import { Session } from './session.js';

/** Several are tried in turn: the first is tried first. */
export type Addresses = readonly HostPort[];

/** @param at where it is; asked again at every dial, if that may change */
export function connectEmbedded(at: HostPort | Addresses | (() => Addresses), log: Log = NO_LOG): Coordinator {
  const several = 'host' in at ? [at] : at;
  const addresses = typeof several === 'function' ? several : () => several;
  if (addresses().length === 0) throw new Error('a coordinator has at least one address');
  const lives = new Set<Life>();
  return {
    get name() {
      return tcpUrl(addresses()[0] as HostPort);
    },
    begin: (post) => {
      const life = new Life(addresses, post, log, (ended) => lives.delete(ended));
      lives.add(life);
      return life;
    },
    close: async () => {
      for (const life of [...lives]) life.end();
    },
  };
}

class Life implements CoordinatorPort {
  private session: { readonly number: number; readonly with: Session } | undefined;
  private isOver = false;

  constructor(
    private readonly addresses: () => Addresses,
    private readonly post: Post<CoordinatorInput>,
    private readonly log: Log,
    private readonly ended: (life: Life) => void,
  ) {}

  carryOut(output: CoordinatorOutput): void {
    if (this.isOver) return;
    if (output.kind === 'open-session') {
      this.session?.with.close();
      const { session: number } = output;
      this.session = { number, with: new Session(number, this.addresses, this.post, this.log) };
    } else if (this.session?.number !== output.session) {
      return;
    } else if (output.kind === 'call-coordinator') {
      this.session.with.call(output.call, output.request);
    } else {
      this.session.with.close();
      this.session = undefined;
    }
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.session?.with.forget();
    this.session = undefined;
    this.ended(this);
  }
}
