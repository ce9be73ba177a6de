/**
 * The trial by `kill -9`: clients work on while the head, the middle and the tail of a file's chain are killed and started
 * again, one after the other. In the end everything that was ever answered must fit one order of events, every server must
 * serve the same files, and the ring must be whole.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Durability } from '../../core/view/view.js';
import { startTrialRing, type TrialRing } from '../bench/trial-ring.js';
import { connect } from '../client/connect.js';
import { Contents } from './contents.js';
import { type Counts, History } from './history.js';
import { MixedClient, readFile, type Shared, type Wait } from './mixed-client.js';

export const ROLES = ['head', 'middle', 'tail'] as const;
export type Role = (typeof ROLES)[number];

export interface KillOptions {
  /** Each role is killed so often. */
  readonly rounds: number;
  readonly clients: number;
  readonly durability: Durability;
  /** Killed servers come back with an empty disk. */
  readonly isWiped: boolean;
  readonly progress: (text: string) => void;
  readonly killed: (kill: Kill) => void;
}

export interface Kill {
  readonly role: Role;
  readonly server: string;
  readonly path: string;
  /** The longest that any client waited for an answer, from the kill until the ring was whole. */
  readonly pauseMs: number;
  /** Which kind of operation that was. */
  readonly pausedOperation: Wait['op'];
  /** From the restart until every chain was full. */
  readonly healMs: number;
}

export interface KillReport {
  readonly kills: readonly Kill[];
  readonly operations: Counts;
  /** Empty: all is well. */
  readonly failures: readonly string[];
  /** What clients saw, for `check-history`. */
  readonly history: string;
}

const PATHS = 12;
const THINK_MS = 10;
/** Work before the first kill, and after each. */
const WORK_MS = 300;
/** A killed server is away for so long at least: the others close up meanwhile. */
const AWAY_MS = 500;
const CHECKER = fileURLToPath(new URL('../../sim/check-history.js', import.meta.url));

export async function runKillTrial(options: KillOptions): Promise<KillReport> {
  const { durability, clients, rounds, progress } = options;
  const file = join(tmpdir(), `ppnfs-kill-${process.pid}-${Date.now()}.jsonl`);
  const shared: Shared = {
    history: new History(file, `kill -9 of each role ${rounds} times, ${clients} clients, ${durability}`),
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
    await pause(WORK_MS);
    const kills = await killAll(ring, working, shared, options);
    await Promise.all(working.map((client) => client.end()));
    progress('reading every file from every server');
    await readEverywhere(ring, shared);
    await shared.history.close();
    progress('checking the history');
    const failures = [...shared.violations, ...(await historyFailures(file))];
    isPassed = failures.length === 0;
    return { kills, operations: shared.history.counts, failures, history: file };
  } finally {
    await ring.close(!isPassed);
  }
}

async function killAll(
  ring: TrialRing,
  clients: readonly MixedClient[],
  { paths }: Shared,
  { rounds, isWiped, killed }: KillOptions,
): Promise<readonly Kill[]> {
  const kills: Kill[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const role of ROLES) {
      const path = paths[randomInt(paths.length)] as string;
      const server = memberOf(role, await ring.chainOf(path));
      for (const client of clients) client.takeLongest();
      ring.kill(server);
      await pause(AWAY_MS);
      const startedMs = performance.now();
      await ring.restart(server, isWiped);
      await ring.whole();
      const healMs = performance.now() - startedMs;
      const longest = clients.map((client) => client.takeLongest()).reduce((a, b) => (b.ms > a.ms ? b : a));
      const kill = { role, server, path, pauseMs: longest.ms, pausedOperation: longest.op, healMs };
      kills.push(kill);
      killed(kill);
      await pause(WORK_MS);
    }
  }
  return kills;
}

function memberOf(role: Role, chain: readonly string[]): string {
  const index = { head: 0, middle: Math.floor(chain.length / 2), tail: chain.length - 1 }[role];
  return chain[index] as string;
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

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
