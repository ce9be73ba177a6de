/**
 * One server of a ring on this machine, as a process of its own: started, awaited, stopped, and its end noticed.
 * Its log goes to a file. It ends by itself when its launcher is gone, however that ended.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AUTH_VARIABLE } from '../coordinators/open.js';
import { serverOptions } from './heap.js';
import { isServerSays, LAUNCHED, type LauncherSays } from './messages.js';

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));
/** After that a server that was told to stop is killed. */
const STOP_MS_MAX = 10_000;

export interface Started {
  readonly ring: string;
  readonly http: string;
}

export interface ServerProcess {
  readonly id: string;
  readonly pid: number;
  /** Where it listens. @throws an Error that says why it ended before that */
  readonly listening: Promise<Started>;
  /** Why it ended, in words. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export function startServerProcess(id: string, args: readonly string[], logFile: string): ServerProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, 'node', ...args], {
    stdio: ['ignore', log, log, 'ipc'],
    // A group of its own: Ctrl-C is the launcher's to pass on, in good order.
    detached: true,
    env: environmentOfServer(),
  });
  closeSync(log);
  let last = '';
  child.on('message', (message) => {
    if (isServerSays(message) && message.kind === 'ends') last = message.why;
  });
  const ended = endOf(child).then((how) => (last === '' ? how : last));
  return {
    id,
    pid: child.pid ?? 0,
    ended,
    listening: listeningOf(child, ended, id, logFile),
    stop: () => stop(child, ended),
  };
}

/**
 * Without the settings that the ring was started with: those of a server are its flags, and a file or a variable that is
 * meant for the ring would be read by each of them.
 */
function environmentOfServer(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PPNFS_') || name === AUTH_VARIABLE);
  return { ...Object.fromEntries(own), NODE_OPTIONS: serverOptions(process.env.NODE_OPTIONS), [LAUNCHED]: '1' };
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  } catch (error) {
    return `could not be started: ${(error as Error).message}`;
  }
}

async function listeningOf(child: ChildProcess, ended: Promise<string>, id: string, logFile: string): Promise<Started> {
  const listening = new Promise<Started>((resolve) => {
    child.on('message', (message) => {
      if (isServerSays(message) && message.kind === 'listening') resolve(message);
    });
  });
  const first = await Promise.race([listening, ended]);
  if (typeof first !== 'string') return first;
  throw new Error(`${id} did not start: ${first}\n${lastLines(logFile)}`);
}

/** The end of a log, for the person who has to find out why. */
function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join('\n');
  } catch {
    return '';
  }
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const order: LauncherSays = { kind: 'stop' };
  if (child.connected) child.send(order, () => undefined);
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(kill);
}
