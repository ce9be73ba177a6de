// One life of a server that does nothing but note what its links tell it, and send what a test wants.
import type { Frame } from '../frame.js';
import type { LinkId } from '../ids.js';
import type { LinkInput, LinkPort } from '../ports.js';
import type { Member } from '../view/view.js';
import type { Place } from './links-world.test-kit.js';

export class LinksEnd {
  readonly heard: LinkInput[] = [];
  /** What breaks the rules that hold always. */
  readonly violations: string[] = [];
  readonly port: LinkPort;
  readonly member: Member;
  private readonly up = new Set<LinkId>();
  private readonly gone = new Set<LinkId>();
  private isOver = false;
  /** Called for every input, before the next comes. */
  reaction: (input: LinkInput) => void = () => undefined;

  constructor(place: Place) {
    this.member = place.member;
    this.port = place.begin((input) => this.hear(input));
  }

  /** Up and not down, the oldest first. */
  get links(): readonly LinkId[] {
    return [...this.up];
  }

  get link(): LinkId {
    return this.links.at(-1) ?? 0;
  }

  count(kind: LinkInput['kind']): number {
    return this.heard.filter((input) => input.kind === kind).length;
  }

  frames(link?: LinkId): readonly Frame[] {
    return this.heard.flatMap((input) =>
      input.kind === 'frame' && (link === undefined || input.link === link) ? [input.frame] : [],
    );
  }

  /** Data frames that have left, by what it was told. */
  drained(link?: LinkId): number {
    let frames = 0;
    for (const input of this.heard) {
      if (input.kind === 'link-drained' && (link === undefined || input.link === link)) frames += input.frames;
    }
    return frames;
  }

  dial(member: Member): void {
    this.port.carryOut({ kind: 'dial', member });
  }

  send(frame: Frame, link = this.link): void {
    this.port.carryOut({ kind: 'send', link, frame });
  }

  close(link = this.link): void {
    this.up.delete(link);
    this.gone.add(link);
    this.port.carryOut({ kind: 'close', link });
  }

  end(): void {
    this.isOver = true;
    this.port.end();
  }

  private hear(input: LinkInput): void {
    if (this.isOver) this.violations.push(`${input.kind} after the end of its life`);
    this.heard.push(input);
    if (input.kind === 'link-up') {
      if (this.up.has(input.link) || this.gone.has(input.link)) this.violations.push('a link that was up before');
      this.up.add(input.link);
    } else if (input.kind !== 'dial-failed') {
      if (!this.up.has(input.link)) this.violations.push(`${input.kind} of a link that is not up`);
      if (input.kind === 'link-down') {
        this.up.delete(input.link);
        this.gone.add(input.link);
      }
    }
    this.reaction(input);
  }
}
