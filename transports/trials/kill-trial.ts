/**
 * The trial by `kill -9`: the head, the middle and the tail of a file's chain are killed under load and started again, one
 * after the other.
 */
import { randomInt } from 'node:crypto';
import { type Loaded, type LoadOptions, type LoadReport, pause, runUnderLoad, WORK_MS } from './load-trial.js';
import type { Wait } from './mixed-client.js';

export const ROLES = ['head', 'middle', 'tail'] as const;
export type Role = (typeof ROLES)[number];

export interface KillOptions extends LoadOptions {
  /** Each role is killed so often. */
  readonly rounds: number;
  /** Killed servers come back with an empty disk. */
  readonly isWiped: boolean;
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

export interface KillReport extends LoadReport {
  readonly kills: readonly Kill[];
}

/** A killed server is away for so long at least: the others close up meanwhile. */
const AWAY_MS = 500;

export async function runKillTrial(options: KillOptions): Promise<KillReport> {
  const name = `kill -9 of each role ${options.rounds} times`;
  const { told, ...report } = await runUnderLoad(name, options, (loaded) => killAll(loaded, options));
  return { kills: told, ...report };
}

async function killAll(
  { ring, paths, takeLongestWait }: Loaded,
  { rounds, isWiped, killed }: KillOptions,
): Promise<readonly Kill[]> {
  const kills: Kill[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const role of ROLES) {
      const path = paths[randomInt(paths.length)] as string;
      const server = memberOf(role, await ring.chainOf(path));
      takeLongestWait();
      ring.kill(server);
      await pause(AWAY_MS);
      const startedMs = performance.now();
      await ring.restart(server, isWiped);
      await ring.whole();
      const healMs = performance.now() - startedMs;
      const { ms: pauseMs, op: pausedOperation } = takeLongestWait();
      const kill = { role, server, path, pauseMs, pausedOperation, healMs };
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
