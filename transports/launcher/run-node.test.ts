// A server as a process: what its launcher is to it, and what was said before anybody listened.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { LAUNCHED } from './messages.js';

const RUN = new URL('./run-node.js', import.meta.url).href;
const CONFIG = new URL('./config.js', import.meta.url).href;
/** In memory, and with a coordinator that nobody runs: it listens, and waits. */
const RAW = { id: 'n1', coordinator: 'tcp://127.0.0.1:1', listen: '127.0.0.1:0', http: '127.0.0.1:0', store: 'memory' };

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

interface Way {
  /** JavaScript: what was asked of the process before. */
  readonly asked?: string;
  readonly isLaunched?: boolean;
  readonly hasChannel?: boolean;
}

function server({ asked = 'new AbortController().signal', isLaunched = false, hasChannel = false }: Way): ChildProcess {
  const script = `
    import { runNode } from '${RUN}';
    import { checkNodeConfig } from '${CONFIG}';
    const { config } = checkNodeConfig(${JSON.stringify(RAW)});
    process.exitCode = await runNode(config, ${asked});
    if (process.connected) process.disconnect();`;
  const { [LAUNCHED]: _, ...env } = process.env;
  child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', ...(hasChannel ? (['ipc'] as const) : [])],
    env: isLaunched ? { ...env, [LAUNCHED]: '1' } : env,
  });
  return child;
}

/** Its log as messages, until it has ended. */
async function ended(process_: ChildProcess): Promise<{ code: number | null; log: readonly string[] }> {
  let text = '';
  process_.stdout?.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  // Not its close: a process whose channel was closed here never has one.
  const [[code]] = await Promise.all([once(process_, 'exit'), once(process_.stdout as Readable, 'end')]);
  const log = text.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { msg: string }).msg]));
  return { code, log };
}

describe('a server that has a launcher', () => {
  it('says where it listens, and ends when it is told to', async () => {
    const launched = server({ isLaunched: true, hasChannel: true });
    const end = ended(launched);
    const [message] = await once(launched, 'message');
    expect(message).toMatchObject({ kind: 'listening', http: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    launched.send({ kind: 'stop' });
    expect((await end).code).toBe(0);
  });

  it('ends when its launcher is gone', async () => {
    const launched = server({ isLaunched: true, hasChannel: true });
    const end = ended(launched);
    await once(launched, 'message');
    launched.disconnect();
    expect((await end).code).toBe(0);
  });

  it('ends when its launcher was gone before it listened', async () => {
    const { code, log } = await ended(server({ isLaunched: true }));
    expect([code, log.at(-1)]).toEqual([0, 'the server ends']);
  });
});

describe('a server without one', () => {
  it('goes on, until it is asked to end', async () => {
    const alone = server({});
    const end = ended(alone);
    await new Promise<void>((resolve) => {
      alone.stdout?.on('data', (bytes: Buffer) => bytes.includes('no connection to the coordinator') && resolve());
    });
    expect(alone.exitCode).toBeNull();
    alone.kill('SIGINT');
    expect((await end).code).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'])('ends when %s came before it listened', async (signal) => {
    const { code, log } = await ended(server({ asked: `AbortSignal.abort('${signal}')` }));
    expect([code, log.at(-1)]).toEqual([0, 'the server ends']);
  });
});
