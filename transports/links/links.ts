/**
 * What every kind of link offers to the process that runs a server: a ring port that outlives the lives of its server.
 */
import type { Duplex } from 'node:stream';
import type { MemberId } from '../../core/ids.js';
import type { LinkInput, LinkPort, Post } from '../../core/ports.js';
import type { Versions } from '../frames/preface.js';
import type { HostPort } from '../leaves/host-port.js';
import type { LinkLimits } from './limits.js';

/** Bytes that crossed between servers, since the process began. */
export interface Traffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface RingPort {
  /** Where others dial: the port that was really taken. */
  readonly at: HostPort;
  readonly traffic: Traffic;
  /** A life begins: what is accepted from now on is its. Only one life at a time; dials are refused between two lives. */
  begin(self: MemberId, post: Post<LinkInput>): LinkPort;
  /** Takes no more connections and ends those there are, those of clients too. */
  close(): Promise<void>;
}

/**
 * A connection whose first bytes said that a client is behind it. The server's own preface was sent already.
 * `first`: what was read beyond the preface; `version`: of the frame format, spoken from here on. The connection has
 * a listener for errors already.
 */
export type ClientConnection = (socket: Duplex, first: Uint8Array, version: number) => void;

export interface RingPortOptions {
  readonly at: HostPort;
  /** Undefined: connections of clients are refused. */
  readonly onClient?: ClientConnection | undefined;
  /** For the log: what a peer did wrong, or why an address cannot be one. Its connection is closed already. */
  readonly onViolation: (where: string, why: string) => void;
  /** Of the frame format. Default: what this build speaks. */
  readonly versions?: Versions;
  readonly limits?: LinkLimits;
}

/** @throws the system's error if the address cannot be taken */
export type OpenRingPort = (options: RingPortOptions) => Promise<RingPort>;
