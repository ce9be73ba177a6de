// A disk that fails, or is full for a while, as the seed says: calls that do not what they should, and say so.
import type { Random } from './random.test-kit.js';

/** sync, write: a few such calls in a row fail · full: for a while there is little room · any: now and then whatever is asked for. */
type Ailment = 'sync' | 'write' | 'full' | 'any';
type Call = 'write' | 'sync' | 'name' | 'truncate';

export class Faults {
  private readonly ailment: Ailment;
  /** Calls that go well before, and that fail then. */
  private soundFor: number;
  private illFor: number;
  /** Writes of so many bytes go well on a full disk. */
  private readonly roomBytes: number;

  constructor(private readonly random: Random) {
    this.ailment = random.of(['sync', 'sync', 'write', 'full', 'full', 'any']);
    this.soundFor = random.below(30);
    this.illFor = 1 + random.below(this.ailment === 'full' ? 12 : 3);
    this.roomBytes = random.of([250, 600, 1_200]);
  }

  /** What it has written of something cannot be taken back: that may be doubted. */
  get leavesMore(): boolean {
    return this.ailment === 'any';
  }

  /** Undefined: it goes well. */
  of(call: Call, bytes = 0): Error | undefined {
    if (!this.concerns(call) || (this.ailment === 'full' && bytes <= this.roomBytes)) return undefined;
    if (this.soundFor > 0) {
      this.soundFor--;
      return undefined;
    }
    if (this.illFor === 0 || (this.ailment === 'any' && this.random.in100(80))) return undefined;
    this.illFor--;
    return failure(this.ailment === 'full' ? 'ENOSPC' : 'EIO');
  }

  /** Of so many bytes a write that fails leaves these. */
  left(bytes: number): number {
    return this.random.in100(50) ? 0 : this.random.below(bytes + 1);
  }

  /** And one that does not fail takes these at once. */
  taken(bytes: number): number {
    return bytes > 1 && this.random.in100(5) ? 1 + this.random.below(bytes - 1) : bytes;
  }

  /** What failed may have been done. */
  isDone(): boolean {
    return this.random.in100(50);
  }

  private concerns(call: Call): boolean {
    if (this.ailment === 'any') return true;
    return call === (this.ailment === 'full' ? 'write' : this.ailment);
  }
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: the disk fails`), { code });
