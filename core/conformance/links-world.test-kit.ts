// The world that the suite of the links' port (links.test-kit.ts) asks for: two servers, a dials b.
import type { LinkInput, LinkPort, Post } from '../ports.js';
import type { Member } from '../view/view.js';

export interface LinksHarness {
  readonly name: string;
  /** For one test. */
  open(): Promise<LinksWorld>;
}

/** What outlives the lives of one server. */
export interface Place {
  readonly member: Member;
  /** The life before is over. */
  begin(post: Post<LinkInput>): LinkPort;
}

export interface LinksWorld {
  readonly a: Place;
  readonly b: Place;
  /** Nobody listens there. */
  readonly nobody: Member;
  /** A chunk's bytes in this world, different for every number. */
  payload(length: number, number: number): unknown;
  isSamePayload(one: unknown, other: unknown): boolean;
  /** All connections between a and b break now, in the middle of whatever is under way. */
  cut(): void;
  /** Lets time pass until this holds. @throws if it takes long: tests are to fail, not to hang. */
  until(holds: () => boolean): Promise<void>;
  /** Lets time pass in which whatever is under way arrives. */
  settle(): Promise<void>;
  close(): Promise<void>;
}
