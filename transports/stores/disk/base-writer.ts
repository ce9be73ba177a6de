/** Puts bases into words, a bounded part in one turn of the event loop: a shard of many files must not hold up the rest. */
import type { ShardId } from '../../../core/ids.js';
import type { Base } from '../../../core/store-port.js';
import type { Settle } from '../answers.js';
import type { Draft } from './record.js';
import { basePartTexts } from './texts.js';

interface Job {
  readonly shard: ShardId;
  readonly base: Base;
  readonly lsn: number;
  readonly texts: ReturnType<typeof basePartTexts>;
  readonly settle: Settle;
  part: number;
}

export class BaseWriter {
  private readonly jobs: Job[] = [];

  constructor(
    private readonly itemsMax: number,
    /** @returns the group it belongs to */
    private readonly append: (draft: Draft) => number,
  ) {}

  get isIdle(): boolean {
    return this.jobs.length === 0;
  }

  begin(shard: ShardId, base: Base, lsn: number, settle: Settle): void {
    this.jobs.push({ shard, base, lsn, texts: basePartTexts(base, this.itemsMax), settle, part: 0 });
  }

  /** One turn's work. */
  work(): void {
    for (let items = 0; items < this.itemsMax; ) {
      const job = this.jobs[0];
      if (job === undefined) return;
      const { files, outcomes } = job.base;
      items += 1 + Math.min(this.itemsMax, files.size + outcomes.size);
      this.writePart(job);
    }
  }

  forget(): void {
    this.jobs.length = 0;
  }

  private writePart(job: Job): void {
    const { shard, base, lsn } = job;
    const { text, isLast } = job.texts.next().value as { text: string; isLast: boolean };
    const group = this.append({
      ...{ kind: 'base', part: job.part++, isLast, lsn, shard, first: base.at.epoch, second: base.at.sequence },
      ...{ text, stood: undefined, body: undefined, bodyChecksum: 0, isHollow: false, from: undefined },
    });
    if (!isLast) return;
    this.jobs.shift();
    job.settle(group);
  }
}
