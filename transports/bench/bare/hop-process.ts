/**
 * A bare process of a chain: reads whole chunks from whoever it dialled, passes them on, and may write them to a file.
 * The least a Node process can do with bytes that go through it: the yardstick for a server of the ring.
 */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { answerParent } from '../processes.js';
import { CHUNK_BYTES, GREETING } from './chunk.js';

export type HopAsked =
  | { readonly kind: 'listen' }
  /** Read from there. `file`: and write everything into it. */
  | { readonly kind: 'dial'; readonly port: number; readonly file: string | undefined; readonly isSynced: boolean }
  /** So many bytes come next. */
  | { readonly kind: 'expect'; readonly bytes: number };

/** Chunks under way through this process. */
const CHUNKS_MAX = 16;
const DONE = 'd';

class Hop {
  private successor: Socket | undefined;
  private source: Socket | undefined;
  private file: string | undefined;
  private isSynced = false;
  private descriptor = -1;
  private missingBytes = 0;
  private isWritten = false;
  private isPassedOn = false;
  private readonly free: Buffer[] = Array.from({ length: CHUNKS_MAX }, () => Buffer.allocUnsafeSlow(CHUNK_BYTES));
  private chunk = this.free.pop() as Buffer;
  private filledBytes = 0;
  private isPaused = false;

  listen(): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.successor = socket;
      // From now on what comes is passed on; whoever dialled must not say before that he stands.
      socket.write(GREETING);
      socket.on('data', () => {
        this.isPassedOn = true;
        this.acknowledge();
      });
      socket.on('error', () => process.exit());
    });
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
  }

  dial(port: number, file: string | undefined, isSynced: boolean): Promise<void> {
    this.file = file;
    this.isSynced = isSynced;
    return new Promise((resolve, reject) => {
      let isGreeted = false;
      this.source = connect({
        ...{ port, host: '127.0.0.1', noDelay: true },
        onread: {
          buffer: () => this.chunk.subarray(this.filledBytes),
          callback: (count) => {
            if (isGreeted) return this.read(count);
            isGreeted = true;
            resolve();
            return true;
          },
        },
      });
      this.source.once('error', reject);
    });
  }

  expect(bytes: number): void {
    this.missingBytes = bytes;
    this.isWritten = false;
    this.isPassedOn = this.successor === undefined;
    if (this.file === undefined) return;
    rmSync(this.file, { force: true });
    this.descriptor = openSync(this.file, 'w');
  }

  private read(count: number): boolean {
    this.filledBytes += count;
    this.missingBytes -= count;
    if (this.filledBytes === CHUNK_BYTES || this.missingBytes === 0) this.complete();
    return !this.isPaused;
  }

  private complete(): void {
    const { chunk } = this;
    const bytes = chunk.subarray(0, this.filledBytes);
    if (this.successor === undefined) this.free.push(chunk);
    else this.successor.write(bytes, () => this.release(chunk));
    if (this.descriptor >= 0) writeSync(this.descriptor, bytes);
    this.filledBytes = 0;
    const next = this.free.pop();
    if (next === undefined) this.isPaused = true;
    else this.chunk = next;
    if (this.missingBytes > 0) return;
    if (this.descriptor >= 0) {
      if (this.isSynced) fdatasyncSync(this.descriptor);
      closeSync(this.descriptor);
      this.descriptor = -1;
    }
    this.isWritten = true;
    this.acknowledge();
  }

  private release(chunk: Buffer): void {
    if (!this.isPaused) {
      this.free.push(chunk);
      return;
    }
    this.isPaused = false;
    this.chunk = chunk;
    this.source?.resume();
  }

  private acknowledge(): void {
    if (this.isWritten && this.isPassedOn) this.source?.write(DONE);
  }
}

const hop = new Hop();

answerParent((asked: HopAsked) => {
  switch (asked.kind) {
    case 'listen':
      return hop.listen();
    case 'dial':
      return hop.dial(asked.port, asked.file, asked.isSynced);
    case 'expect':
      return hop.expect(asked.bytes);
  }
});
