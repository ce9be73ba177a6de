// What a way to run a real ZooKeeper has to be able to do, and how all of them configure it.
import type { Target } from './proxy.test-kit.js';

export interface Runner {
  readonly name: string;
  /** Where it listens; another port after a restart, perhaps. */
  readonly address: Target;
  start(): Promise<void>;
  /** As in a crash: what was confirmed is on its disk. */
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Nothing of it is left. */
  remove(): Promise<void>;
}

/** Short sessions, so that no test waits for long, and no synced writes: a process that is killed loses nothing by it. */
export const configOf = (dataFolder: string, port: number): string =>
  [
    ...['tickTime=100', 'minSessionTimeout=200', 'maxSessionTimeout=60000', 'maxClientCnxns=0', 'forceSync=no'],
    ...['admin.enableServer=false', '4lw.commands.whitelist=ruok', `dataDir=${dataFolder}`, `clientPort=${port}`, ''],
  ].join('\n');

/** A small server that starts fast. */
export const JVM_FLAGS = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
