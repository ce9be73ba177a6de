/**
 * Every bound of the links, with its unit, in one place. A leaf.
 */
export interface LinkLimits {
  /** How long a dial may take until the peer's preface is there. The core gives up earlier and takes a late link, too. */
  readonly dialMs: number;
  /** Who was accepted and has not said who it is after so long is hung up on. */
  readonly prefaceMs: number;
  /** Connections that have not said yet who they are; one more, and the oldest is hung up on. */
  readonly strangersMax: number;
  /** Bytes sent to a link and not taken by the kernel. More means a peer that does not read: the link breaks. */
  readonly sendBufferBytesMax: number;
  /** A link that was closed has so long to get rid of what was sent. */
  readonly lingerMs: number;
  /** TCP keep-alive. The core's heartbeats are quicker; this finds connections that nobody beats on. */
  readonly keepAliveMs: number;
  /** Buffers up to this size are copied together before they are handed to the kernel. */
  readonly gatherBytes: number;
}

export const LINK_LIMITS: LinkLimits = {
  dialMs: 1_000,
  prefaceMs: 2_000,
  strangersMax: 64,
  sendBufferBytesMax: 64 * 1024 * 1024,
  lingerMs: 2_000,
  keepAliveMs: 15_000,
  gatherBytes: 16 * 1024,
};
