/**
 * Processes that take part in a measurement: clients and bare peers, each with an event loop of its own. A question is
 * answered before the next is asked.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

type Reply = { readonly value: unknown } | { readonly error: string };

export interface Peer {
  readonly pid: number;
  /** @throws what went wrong over there, or that it has ended */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): void;
}

/** @param module of this folder: `client-process.js` */
export function startPeer(module: string): Peer {
  const child: ChildProcess = fork(fileURLToPath(new URL(module, import.meta.url)), {
    execArgv: ['--enable-source-maps'],
    serialization: 'advanced',
  });
  let endedBy: Error | undefined;
  let settle: { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void } | undefined;
  child.on('message', (reply: Reply) => {
    const waiting = settle;
    settle = undefined;
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.value);
  });
  child.once('exit', (code, signal) => {
    endedBy = new Error(`${module} ended (${signal ?? `exit code ${code}`})`);
    settle?.reject(endedBy);
  });
  return {
    pid: child.pid ?? 0,
    ask<Answer>(question: object): Promise<Answer> {
      if (endedBy !== undefined) return Promise.reject(endedBy);
      if (settle !== undefined) return Promise.reject(new Error(`${module} has not answered the question before yet`));
      return new Promise<Answer>((resolve, reject) => {
        settle = { resolve: (value) => resolve(value as Answer), reject };
        child.send(question);
      });
    },
    stop: () => void child.kill('SIGKILL'),
  };
}

/** The other end: answers its parent until that is gone. */
export function answerParent(answer: (question: never) => unknown): void {
  const reply = (message: Reply): void => void process.send?.(message, () => undefined);
  process.on('message', (question) => {
    Promise.resolve()
      .then(() => answer(question as never))
      .then(
        (value) => reply({ value }),
        (error: unknown) => reply({ error: error instanceof Error ? error.message : String(error) }),
      );
  });
  process.once('disconnect', () => process.exit());
}
