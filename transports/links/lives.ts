/** The life that a ring port serves at present. One at a time; between two of them there is nobody to take a dial. */
import type { LinkInput, LinkPort, Post } from '../../core/ports.js';
import { invariant } from '../../core/refusals.js';
import { type Dialler, Life } from './life.js';
import type { Site } from './site.js';

export class Lives {
  present: Life | undefined;

  constructor(
    private readonly site: Site,
    private readonly dialler: Dialler,
  ) {}

  begin(post: Post<LinkInput>): LinkPort {
    invariant(this.present === undefined, 'a ring port serves one life at a time');
    const life = new Life(this.site, post, this.dialler, () => {
      this.present = undefined;
    });
    this.present = life;
    return life;
  }
}
