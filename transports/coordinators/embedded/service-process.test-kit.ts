// The embedded coordinator as a process of its own, for tests that kill it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HostPort } from '../../leaves/host-port.js';
import { NO_LOG } from '../log.js';
import { startCoordinatorService } from './service.js';

export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly at: HostPort,
  ) {}

  /** @param openFiles so many files it may have open, connections included */
  static async start(folder: string, listen: HostPort, sessionMs: number, openFiles?: number): Promise<ServiceProcess> {
    const limited = ['-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, process.execPath];
    const child = fork(fileURLToPath(import.meta.url), [], {
      env: { ...process.env, [ASKED]: 'yes' },
      ...(openFiles !== undefined && { execPath: '/bin/sh', execArgv: limited }),
    });
    child.send({ folder, listen, sessionMs });
    const [said] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [HostPort | number | null];
    if (said === null || typeof said === 'number') throw new Error(`the coordinator's process ended with ${said}`);
    return new ServiceProcess(child, said);
  }

  /** Without a word of warning. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  /** It stands still. */
  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }
}

const ASKED = 'PPNFS_TEST_COORDINATOR';

/** In the child: this file is what it runs. */
if (process.env[ASKED] === 'yes' && process.send !== undefined) {
  process.once('message', (options: { folder: string; listen: HostPort; sessionMs: number }) => {
    startCoordinatorService({ ...options, log: NO_LOG }).then(
      ({ at }) => process.send?.(at),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => process.exit(0));
}
