/**
 * Connections that were accepted and have not said yet who they are: few, and not for long. Reads their preface,
 * answers it, and hands them on. Knows nothing of what happens to them then.
 */
import type { Socket } from 'node:net';
import { commonVersion, encodePreface, type Preface, PrefaceReader, type Role } from '../frames/preface.js';
import { Violation } from '../frames/violation.js';
import type { Site } from './site.js';

/** Somebody who has said who it is. */
export interface Introduced {
  readonly role: Role;
  readonly version: number;
  /** What was read beyond the preface. */
  readonly rest: Uint8Array;
}

export interface Host {
  /** Whether somebody in this role is let in at present. */
  wants(role: Role): boolean;
  takeIn(socket: Socket, introduced: Introduced): void;
}

export class Doorstep {
  /** The oldest first. */
  private readonly strangers = new Set<Socket>();

  constructor(
    private readonly site: Site,
    private readonly host: Host,
  ) {}

  come(socket: Socket): void {
    const { limits } = this.site;
    const reader = new PrefaceReader();
    const leave = (): void => {
      clearTimeout(timer);
      this.strangers.delete(socket);
      socket.off('data', onData).off('end', sendAway).off('close', leave);
    };
    const sendAway = (): void => {
      leave();
      // What was answered gets there; what is said further is not listened to.
      socket.resume().destroySoon();
    };
    const accuse = (why: string): void => {
      this.site.onViolation(whereOf(socket), why);
      sendAway();
    };
    const onData = (bytes: Buffer): void => {
      const read = reader.feed(bytes);
      if (read instanceof Violation) {
        accuse(read.why);
      } else if (read !== undefined) {
        leave();
        const why = this.letIn(socket, read.preface, bytes.subarray(read.used));
        if (why !== undefined) accuse(why);
      }
    };
    const timer = setTimeout(() => accuse(`no preface within ${limits.prefaceMs} ms`), limits.prefaceMs);
    socket.on('error', () => undefined);
    socket.on('data', onData).on('end', sendAway).on('close', leave);
    this.strangers.add(socket);
    if (this.strangers.size > limits.strangersMax) this.turnAwayOldest();
  }

  /** Everybody is sent away. */
  clear(): void {
    for (const socket of this.strangers) socket.destroy();
  }

  /** Or says what is wrong with the stranger. */
  private letIn(socket: Socket, { versions, role }: Preface, rest: Uint8Array): string | undefined {
    if (!this.host.wants(role)) {
      socket.destroy();
      return undefined;
    }
    // The peer is told what is spoken here even if that comes to nothing: it has to say why, too.
    socket.write(encodePreface({ versions: this.site.versions, role }));
    const version = commonVersion(this.site.versions, versions);
    if (version instanceof Violation) return version.why;
    this.host.takeIn(socket, { role, version, rest });
    return undefined;
  }

  private turnAwayOldest(): void {
    const [oldest] = this.strangers;
    oldest?.destroy();
  }
}

export const whereOf = (socket: Socket): string =>
  `${socket.remoteAddress ?? 'nowhere'} port ${socket.remotePort ?? 0}`;
