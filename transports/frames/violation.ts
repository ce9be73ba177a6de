/**
 * What a peer did wrong: a value, never an exception, since it ends one connection and nothing else.
 * A leaf.
 */
export type ViolationCode =
  /** Not our protocol at all. */
  | 'foreign'
  /** No version in common. */
  | 'version'
  /** A role that nobody here plays. */
  | 'role'
  | 'too-long'
  | 'checksum'
  | 'malformed'
  | 'unknown-type'
  /** The connection ended inside a frame. */
  | 'truncated';

export class Violation {
  constructor(
    readonly code: ViolationCode,
    /** For people. */
    readonly why: string,
  ) {}
}
