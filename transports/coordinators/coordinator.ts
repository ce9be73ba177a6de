/** What every kind of coordinator offers to a process: sessions, each life's its own. */
import type { CoordinatorInput, CoordinatorPort, Post } from '../../core/ports.js';

export interface Coordinator {
  /** For messages to people, such as `tcp://127.0.0.1:7100`. */
  readonly name: string;
  begin(post: Post<CoordinatorInput>): CoordinatorPort;
  close(): Promise<void>;
}
