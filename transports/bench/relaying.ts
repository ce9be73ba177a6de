/** What bare sockets and links have in common for relay.ts: a leaf. */

/** One way of passing chunks on. */
export interface Relay {
  readonly port: number;
  /** Resolves once what comes from there is passed on. */
  dial(port: number): Promise<void>;
  /** The source puts one more chunk on its way. */
  insert(bytes: Buffer): void;
}

/** What a source does with bytes that have come round; undefined: this process passes them on. */
export type Home = ((bytes: number) => void) | undefined;
