/**
 * The accepting end's first words: reads the preface of whoever has come, answers it, and hands them on. Knows nothing
 * of what happens to them then.
 */
import type { Readable } from 'node:stream';
import { commonVersion, encodePreface, type Preface, PrefaceReader, type Role } from '../frames/preface.js';
import { Violation } from '../frames/violation.js';
import type { Site } from './site.js';

/** Somebody who has not said yet who it is. */
export interface Visitor {
  readonly input: Readable;
  readonly where: string;
  answer(bytes: Buffer): void;
  /** What was answered gets there; what is said further is not listened to. */
  sendAway(because?: Violation): void;
}

/** Somebody who has. */
export interface Introduced {
  readonly role: Role;
  readonly version: number;
  /** What was read beyond the preface. */
  readonly rest: Uint8Array;
}

export interface Host {
  /** Whether somebody in this role is let in at present; a violation: never. */
  wants(role: Role): boolean | Violation;
  takeIn(introduced: Introduced): void;
}

/** One of three comes of it: the host takes the visitor in, or the visitor is sent away, or it leaves by itself. */
export function introduce(site: Site, visitor: Visitor, host: Host): void {
  const reader = new PrefaceReader();
  const { input } = visitor;
  const sendAway = (because?: Violation): void => {
    if (because !== undefined) site.onViolation(visitor.where, because.why);
    input.off('data', onData).off('end', onEnd);
    visitor.sendAway(because);
  };
  const onEnd = (): void => sendAway();
  const onData = (bytes: Buffer): void => {
    const read = reader.feed(bytes);
    if (read === undefined) return;
    const introduced = read instanceof Violation ? read : meet(read.preface, bytes.subarray(read.used));
    if (introduced === undefined || introduced instanceof Violation) {
      sendAway(introduced);
    } else {
      input.off('data', onData).off('end', onEnd);
      host.takeIn(introduced);
    }
  };
  const meet = ({ versions, role }: Preface, rest: Uint8Array): Introduced | Violation | undefined => {
    const wanted = host.wants(role);
    if (wanted !== true) return wanted === false ? undefined : wanted;
    // The peer is told what is spoken here even if that comes to nothing: it has to say why, too.
    visitor.answer(encodePreface({ versions: site.versions, role }));
    const version = commonVersion(site.versions, versions);
    return version instanceof Violation ? version : { role, version, rest };
  };
  input.on('data', onData).on('end', onEnd);
}
