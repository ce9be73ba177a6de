/**
 * The links of one life of a server: carries out its outputs, whatever the links lie on. Must post nothing once the life
 * is over.
 */
import type { LinkId, MemberId } from '../../core/ids.js';
import type { LinkInput, LinkOutput, LinkPort, Post } from '../../core/ports.js';
import type { Member } from '../../core/view/view.js';
import { type HostPort, parseHostPort } from '../leaves/host-port.js';
import type { Link, Owner } from './link.js';
import type { Site } from './site.js';

/** A dial under way. */
export interface Attempt {
  /** It is not wanted any more: nothing comes of it. */
  abandon(): void;
}

/** How a dial ends, unless it is abandoned. */
export interface Outcome {
  readonly opened: () => void;
  readonly failed: () => void;
}

/** Begins a dial. One outcome comes of it, not before this has returned. */
export type Dialler = (owner: Owner, peer: MemberId, at: HostPort, outcome: Outcome) => Attempt;

export class Life implements LinkPort, Owner {
  private readonly links = new Map<LinkId, Link>();
  private readonly attempts = new Set<Attempt>();
  private isOver = false;

  constructor(
    private readonly site: Site,
    private readonly post: Post<LinkInput>,
    private readonly dialler: Dialler,
    private readonly onEnd: () => void,
  ) {}

  carryOut(output: LinkOutput): void {
    if (this.isOver) return;
    switch (output.kind) {
      case 'send':
        // A link that has gone down in the meantime takes nothing: the core will hear of it.
        this.links.get(output.link)?.send(output.frame);
        break;
      case 'close':
        this.links.get(output.link)?.close();
        break;
      case 'dial':
        this.dial(output.member);
        break;
    }
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const attempt of this.attempts) attempt.abandon();
    for (const link of [...this.links.values()]) link.close();
    this.onEnd();
  }

  tell(input: LinkInput): void {
    if (!this.isOver) this.post(input);
  }

  attach(link: Link): void {
    this.links.set(link.id, link);
  }

  detach(link: Link): void {
    this.links.delete(link.id);
  }

  private dial({ id, address }: Member): void {
    const at = parseHostPort(address);
    const failed = (): void => this.tell({ kind: 'dial-failed', peer: id });
    if (at === undefined) {
      this.site.onViolation(id, `its address cannot be dialled: ${JSON.stringify(address)}`);
      process.nextTick(failed);
      return;
    }
    const attempt = this.dialler(this, id, at, {
      opened: () => this.attempts.delete(attempt),
      failed: () => {
        this.attempts.delete(attempt);
        failed();
      },
    });
    this.attempts.add(attempt);
  }
}
