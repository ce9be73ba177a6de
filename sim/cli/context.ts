/**
 * What the command line needs of the process around it: streams, clock, signals, loader, workers. Tests bring their own.
 */
import type { Loader } from './load-all.js';

export interface TextStream {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly columns: number | undefined;
}

export interface Context {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly loader: Loader;
  /** The module that a worker runs. */
  readonly workerFile: URL;
  readonly cores: number;
  /** Milliseconds, for measuring only. */
  readonly now: () => number;
  /** Calls back when a person wants to stop; returns how to end that. */
  readonly onInterrupt: (stop: () => void) => () => void;
}
