// One connection at the coordinator after its last word: nothing more is heard of it, and it is not waited for for ever.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Caller, type Host } from './caller.js';
import { HELLO } from './embedded.test-kit.js';
import { FrameReader, frame } from './framing.js';
import { ANSWER_BYTES_MAX, FAREWELL_MS } from './limits.js';

/** The other end takes nothing until it is let. */
class Stuck extends Duplex {
  readonly said: unknown[] = [];
  private readonly reader = new FrameReader(ANSWER_BYTES_MAX);
  private taken: (() => void)[] = [];
  readonly setNoDelay = (): void => undefined;
  readonly setTimeout = (): void => undefined;

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, taken: () => void): void {
    this.reader.push(bytes);
    for (let message = this.reader.next(); message !== undefined; message = this.reader.next()) this.said.push(message);
    this.taken.push(taken);
  }

  letGo(): void {
    for (const taken of this.taken.splice(0)) taken();
  }

  /** As a socket's. */
  destroySoon(): void {
    this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }
}

let socket: Stuck;
let opened: number;
let gone: number;
beforeEach(() => {
  vi.useFakeTimers();
  [socket, opened, gone] = [new Stuck(), 0, 0];
  const host: Host = {
    ...{ service: 's', sessionMs: 1_000, changes: 0, refused: () => undefined },
    open: () => ({ session: `${++opened}`, secret: 'x' }),
    attach: () => false,
    alive: () => undefined,
    over: () => undefined,
    serve: () => ({ result: 'done', version: 0 }),
    watch: () => undefined,
    whenDurable: (run) => run(),
    gone: () => {
      gone++;
    },
  };
  new Caller(host, socket as unknown as Socket);
});
afterEach(() => vi.useRealTimers());

const NONSENSE = frame({ method: 'nonsense' });

it('what comes behind nonsense is not heard, in the same bytes or later', () => {
  socket.emit('data', Buffer.concat([NONSENSE, frame(HELLO), frame({ method: 'open', call: 0 })]));
  socket.emit('data', Buffer.concat([frame(HELLO), frame({ method: 'open', call: 1 }), NONSENSE]));
  expect([opened, gone]).toEqual([0, 1]);
  expect(socket.said).toEqual([{ refused: expect.any(String) }]);
});

it('a client that does not take its last word is cut after a time', () => {
  socket.emit('data', NONSENSE);
  vi.advanceTimersByTime(FAREWELL_MS - 1);
  expect(socket.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(socket.destroyed).toBe(true);
});

it('for one that takes it no timer is left', async () => {
  socket.emit('data', NONSENSE);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.letGo();
  await closed;
  expect(vi.getTimerCount()).toBe(0);
});
