/** Connections that were accepted and have not said yet who they are: few, and not for long. */
import type { Socket } from 'node:net';
import type { Site } from './site.js';

export class Strangers {
  /** The oldest first. */
  private readonly timers = new Map<Socket, NodeJS.Timeout>();

  constructor(private readonly site: Site) {}

  /** It has to be introduced soon, and is hung up on otherwise. */
  add(socket: Socket): void {
    const { prefaceMs, strangersMax } = this.site.limits;
    const isLate = (): void => {
      this.site.onViolation(whereOf(socket), `no preface within ${prefaceMs} ms`);
      socket.destroy();
    };
    this.timers.set(socket, setTimeout(isLate, prefaceMs));
    socket.once('close', () => this.remove(socket));
    socket.on('error', () => undefined);
    // Who is quick is let in however many wait in silence.
    if (this.timers.size > strangersMax) this.timers.keys().next().value?.destroy();
  }

  /** It is a stranger no more. */
  remove(socket: Socket): void {
    clearTimeout(this.timers.get(socket));
    this.timers.delete(socket);
  }

  /** Everybody is sent away. */
  clear(): void {
    for (const socket of this.timers.keys()) socket.destroy();
  }
}

export const whereOf = (socket: Socket): string =>
  `${socket.remoteAddress ?? 'nowhere'} port ${socket.remotePort ?? 0}`;
