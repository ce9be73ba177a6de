/** What a command has of the process it runs in: everything it reads, writes and knows, so that nothing is global. */
import type { Readable, Writable } from 'node:stream';

export interface TextStream {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** At present: a window may change. Undefined where nobody has said. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

export interface Context {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  /** For the bytes of files. */
  readonly byteInput: Readable;
  readonly byteOutput: Writable;
  /** Aborted by the first Ctrl-C; the second one ends the process. */
  readonly signal: AbortSignal;
}

/** The command line is wrong: exit code 2. The hint says where to look. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
  constructor(
    message: string,
    readonly hint = '',
  ) {
    super(message);
  }
}
