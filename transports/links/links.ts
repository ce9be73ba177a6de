/**
 * What every kind of link offers to the process that runs a server: a ring port that outlives the lives of its server.
 */
import type { Duplex } from 'node:stream';
import type { MemberId } from '../../core/ids.js';
import type { LinkInput, LinkPort, Post } from '../../core/ports.js';

export interface HostPort {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

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
  /** Takes no more connections and ends those there are. */
  close(): Promise<void>;
}

/** A connection whose first bytes said that a client is behind it; `first`: what was read beyond them. */
export type ClientConnection = (socket: Duplex, first: Uint8Array) => void;
