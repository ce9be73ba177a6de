/**
 * What goes out on one connection: all that is sent in one turn of the event loop leaves in one system call, small
 * buffers copied together, large ones as they are. Knows buffers, not frames.
 */

/** As every Writable of Node is; an HTTP body too. */
export interface Outgoing {
  readonly writableLength: number;
  write(bytes: Buffer, taken?: (error?: Error | null) => void): boolean;
  cork(): void;
  uncork(): void;
  end(): void;
}

export interface OutboxSettings {
  readonly gatherBytes: number;
  /** So many bytes were handed on. */
  readonly onSent: (bytes: number) => void;
  /** The kernel has taken so many of the marked buffers. */
  readonly onTaken: (marked: number) => void;
}

export class Outbox {
  private buffers: Buffer[] = [];
  /** For each buffer whether it is marked. */
  private marks: boolean[] = [];
  private waitingBytes = 0;
  private isScheduled = false;
  private readonly flushLater = (): void => this.flush();

  constructor(
    private readonly out: Outgoing,
    private readonly settings: OutboxSettings,
  ) {}

  /** Bytes that the kernel has not taken yet. */
  get bytes(): number {
    return this.waitingBytes + this.out.writableLength;
  }

  add(buffer: Buffer, isMarked: boolean): void {
    this.buffers.push(buffer);
    this.marks.push(isMarked);
    this.waitingBytes += buffer.length;
    if (this.isScheduled) return;
    this.isScheduled = true;
    process.nextTick(this.flushLater);
  }

  /** What was added is sent, then the stream ends. */
  finish(): void {
    this.flush();
    this.out.end();
  }

  /** What was added and not handed on is forgotten. */
  drop(): void {
    this.buffers = [];
    this.marks = [];
    this.waitingBytes = 0;
  }

  private flush(): void {
    this.isScheduled = false;
    const { buffers, marks, out, settings, waitingBytes } = this;
    if (buffers.length === 0) return;
    this.drop();
    settings.onSent(waitingBytes);
    joinNeighbours(buffers, marks);
    const isOneWrite = this.endOfGroup(buffers, 0) === buffers.length;
    if (!isOneWrite) out.cork();
    for (let at = 0; at < buffers.length; ) {
      const end = this.endOfGroup(buffers, at);
      const bytes = end === at + 1 ? (buffers[at] as Buffer) : Buffer.concat(buffers.slice(at, end));
      const marked = this.countMarks(marks, at, end);
      if (marked === 0) out.write(bytes);
      else out.write(bytes, (error) => error == null && settings.onTaken(marked));
      at = end;
    }
    if (!isOneWrite) out.uncork();
  }

  /** Buffers from `at` on that together are no longer than gatherBytes; at least one. */
  private endOfGroup(buffers: readonly Buffer[], at: number): number {
    let bytes = 0;
    let end = at;
    while (end < buffers.length && bytes + (buffers[end] as Buffer).length <= this.settings.gatherBytes) {
      bytes += (buffers[end] as Buffer).length;
      end++;
    }
    return Math.max(end, at + 1);
  }

  private countMarks(marks: readonly boolean[], from: number, to: number): number {
    let marked = 0;
    for (let at = from; at < to; at++) if (marks[at] === true) marked++;
    return marked;
  }
}

/** A frame that goes on as it came lies in one piece: its head in front of its payload. One write is cheaper than two. */
function joinNeighbours(buffers: Buffer[], marks: boolean[]): void {
  let last = 0;
  for (let at = 1; at < buffers.length; at++) {
    const [before, buffer] = [buffers[last] as Buffer, buffers[at] as Buffer];
    if (
      before.buffer === buffer.buffer &&
      before.byteOffset + before.length === buffer.byteOffset &&
      marks[last] !== true
    ) {
      buffers[last] = Buffer.from(before.buffer, before.byteOffset, before.length + buffer.length);
      marks[last] = marks[at] === true;
    } else {
      last++;
      buffers[last] = buffer;
      marks[last] = marks[at] === true;
    }
  }
  buffers.length = last + 1;
}
