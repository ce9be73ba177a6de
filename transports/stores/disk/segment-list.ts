/** Changes of a store's list of segments, one after the other, each durable before the next. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type FileSystem, isForSpace } from './file-system.js';
import { type Manifest, makeSegment, segmentName, syncSegment, writeManifest } from './manifest.js';

/** There may be room again when something was given back. */
const RETRY_MS = 250;

export class SegmentList {
  private isOver = false;
  private changes: Promise<void> = Promise.resolve();

  constructor(
    private readonly system: FileSystem,
    private readonly folder: string,
    public manifest: Manifest,
    private readonly noSpace: () => void,
    private readonly broken: (why: string) => void,
  ) {}

  /** When all changes that were asked for are done. */
  quiet(): Promise<void> {
    return this.changes;
  }

  /** Another segment, empty. */
  add(number: number): Promise<void> {
    return this.change(async () => {
      await makeSegment(this.system, this.folder, number);
      await this.write([...this.manifest.segments, { number, bytes: undefined }]);
    });
  }

  /** One that is shorter than its listed length has lost something: its bytes are safe before that is listed. */
  complete(number: number, bytes: number): Promise<void> {
    return this.change(async () => {
      await syncSegment(this.system, this.folder, number);
      await this.write(this.manifest.segments.map((one) => (one.number === number ? { number, bytes } : one)));
    });
  }

  /** First from the list, then from the disk: what is listed must be there. */
  remove(number: number): Promise<void> {
    return this.change(async () => {
      await this.write(this.manifest.segments.filter((one) => one.number !== number));
      await this.system.unlink(join(this.folder, segmentName(number)));
      await this.system.syncFolder(this.folder);
    });
  }

  /** Nothing is tried again. */
  end(): void {
    this.isOver = true;
  }

  private change(make: () => Promise<void>): Promise<void> {
    this.changes = this.changes.then(() => this.attempt(make));
    return this.changes;
  }

  /** Until there is room for it: the log can go on in the segment it is in. */
  private async attempt(make: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await make();
        return;
      } catch (error) {
        if (!isForSpace(error as Error) || this.isOver) {
          this.broken(`the list of segments cannot be written: ${(error as Error).message}`);
          return;
        }
      }
      this.noSpace();
      await wait(RETRY_MS);
    }
  }

  private async write(segments: Manifest['segments']): Promise<void> {
    const next = { ...this.manifest, segments };
    await writeManifest(this.system, this.folder, next);
    this.manifest = next;
  }
}
