// A real ZooKeeper for tests, whichever way this machine can run one: in a container (testcontainers), else Debian's as a
// process. Where there is neither, tests are left out loudly; with CI=true that is a failure.
import { connect } from 'node:net';
import { it } from 'vitest';
import type { Target } from './proxy.test-kit.js';
import type { Runner } from './runner.test-kit.js';
import { theThread } from './thread.js';
import { type Credentials, closing, overwriting } from './wire.test-kit.js';
import { runInContainer } from './zookeeper-container.test-kit.js';
import { runAsProcess } from './zookeeper-process.test-kit.js';

/** A container that has to start on a busy machine. */
const START_MS_MAX = 60_000;
const ASK_AGAIN_MS = 50;

export class ZooKeeperService {
  constructor(private readonly runner: Runner) {}

  get name(): string {
    return this.runner.name;
  }

  get address(): string {
    const { host, port } = this.runner.address();
    return `${host}:${port}`;
  }

  get target(): Target {
    return () => this.runner.address();
  }

  stop(): Promise<void> {
    return this.runner.kill();
  }

  /** @returns when it answers. */
  async start(): Promise<void> {
    await this.runner.start();
    const endMs = performance.now() + START_MS_MAX;
    while (!(await this.isWell())) {
      if (performance.now() > endMs) throw new Error(`${this.name} does not answer at ${this.address}`);
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }

  pause(): Promise<void> {
    return this.runner.pause();
  }

  resume(): Promise<void> {
    return this.runner.resume();
  }

  /** Though its owner is in contact. */
  async expire(session: Credentials): Promise<void> {
    await this.exchange(closing(session));
  }

  /** Of somebody who knows nothing of the cluster. */
  async overwrite(path: string, data: string): Promise<void> {
    await this.exchange(overwriting(path, data));
  }

  end(): Promise<void> {
    return this.runner.remove();
  }

  private async isWell(): Promise<boolean> {
    const answer = await this.exchange(Buffer.from('ruok')).catch(() => '');
    return answer === 'imok';
  }

  /** @returns all that comes until the service hangs up. */
  private exchange(bytes: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const { host, port } = this.runner.address();
      let answer = '';
      const socket = connect(port, host, () => socket.write(bytes));
      socket.setTimeout(2_000, () => socket.destroy(new Error('no answer')));
      socket.on('data', (more: Buffer) => {
        answer += more.toString('latin1');
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
    });
  }
}

/** @returns one that runs; undefined where there is none: then one test says so, and fails where CI=true. */
export async function beginZooKeeper(): Promise<ZooKeeperService | undefined> {
  const reasons: string[] = [];
  const isInstalled = await theThread().then(
    () => true,
    (error: Error) => !reasons.push(error.message),
  );
  for (const run of isInstalled ? [runInContainer, runAsProcess] : []) {
    const runner = await run();
    if (typeof runner === 'string') {
      reasons.push(runner);
      continue;
    }
    const service = new ZooKeeperService(runner);
    await service.start();
    if (reasons.length > 0) console.warn(`\nTested against ${service.name}: ${reasons.join('; ')}.\n`);
    return service;
  }
  const why = `NOT TESTED against ZooKeeper: ${reasons.join('; ')}`;
  console.warn(`\n${why}.\n`);
  it.skipIf(process.env['CI'] !== 'true')(why, () => {
    throw new Error(why);
  });
  return undefined;
}
