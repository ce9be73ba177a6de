/**
 * Clients work on a few files in a ring of real processes while somebody hurts it. In the end everything that was ever
 * answered must fit one order of events, every server must serve the same files, and the ring must be whole.
 */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Durability } from '../../core/view/view.js';
import { startTrialRing, type TrialRing } from '../bench/trial-ring.js';
import { connect } from '../client/connect.js';
import { Contents } from './contents.js';
import { type Counts, History } from './history.js';
import { MixedClient, readFile, type Shared, type Wait } from './mixed-client.js';

export interface LoadOptions {
  readonly clients: number;
  readonly durability: Durability;
  readonly progress: (text: string) => void;
}

export interface Loaded {
  readonly ring: TrialRing;
  readonly paths: readonly string[];
  /** The longest that any client has waited for an answer since this was asked last. */
  takeLongestWait(): Wait;
}

export interface LoadReport {
  readonly operations: Counts;
  /** Empty: all is well. */
  readonly failures: readonly string[];
  /** What clients saw, for `check-history`. */
  readonly history: string;
}

const PATHS = 12;
const THINK_MS = 10;
/** Work before anything is done to the ring, and between one thing and the next. */
export const WORK_MS = 300;
const CHECKER = fileURLToPath(new URL('../../sim/check-history.js', import.meta.url));

/** @param name what is done to the ring, for the head of the history @param hurt resolves when the ring has been whole again */
export async function runUnderLoad<Told>(
  name: string,
  { clients, durability, progress }: LoadOptions,
  hurt: (loaded: Loaded) => Promise<Told>,
): Promise<LoadReport & { readonly told: Told }> {
  const file = join(tmpdir(), `ppnfs-trial-${process.pid}-${Date.now()}.jsonl`);
  const shared: Shared = {
    history: new History(file, `${name}, ${clients} clients, ${durability}`),
    contents: new Contents(),
    paths: Array.from({ length: PATHS }, (_, i) => `/trial/file-${i}`),
    violations: [],
    thinkMs: THINK_MS,
  };
  const ring = await startTrialRing({ durability, progress });
  let isPassed = false;
  try {
    const working = Array.from({ length: clients }, (_, i) => {
      const servers = ring.addresses.map((_, at) => ring.addresses[(at + i) % ring.addresses.length] as string);
      return new MixedClient(`c${i + 1}`, connect(servers), shared);
    });
    const takeLongestWait = (): Wait =>
      working.map((client) => client.takeLongest()).reduce((a, b) => (b.ms > a.ms ? b : a));
    await pause(WORK_MS);
    const told = await hurt({ ring, paths: shared.paths, takeLongestWait });
    await Promise.all(working.map((client) => client.end()));
    progress('reading every file from every server');
    await readEverywhere(ring, shared);
    await shared.history.close();
    progress('checking the history');
    const failures = [...shared.violations, ...(await historyFailures(file))];
    isPassed = failures.length === 0;
    return { told, operations: shared.history.counts, failures, history: file };
  } finally {
    await ring.close(!isPassed);
  }
}

/** Every server must say the same: the history holds one order of events against all of them, this names who differs. */
async function readEverywhere(ring: TrialRing, shared: Shared): Promise<void> {
  for (const path of shared.paths) {
    const seen: string[] = [];
    for (const id of ring.ids) {
      const client = connect([ring.address(id)]);
      seen.push((await readFile(`final-${id}`, client, path, shared)) ?? 'no file');
      client.close();
    }
    if (new Set(seen).size > 1) shared.violations.push(`${path}: the servers differ: ${seen.join(', ')}`);
  }
}

/** In a process of its own: the checker belongs to the other world. */
export async function historyFailures(file: string): Promise<readonly string[]> {
  const child = spawn(process.execPath, [CHECKER, '--explain', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return code === 0 ? [] : [`check-history (exit code ${code}): ${said.trim()}`];
}

export const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
