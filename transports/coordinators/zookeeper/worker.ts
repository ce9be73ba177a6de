/**
 * The thread in which the ZooKeeper client runs, away from the process's own event loop: heartbeats are sent from the loop
 * that loaded the addon, and a loop that is busy for the time of a session would expire it. Keeps the sessions of all lives.
 */
import { takeCoverage } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import type { CoordinatorOutput } from '../../../core/ports.js';
import { type Addon, importAddon } from './addon.js';
import type { FromThread, LifeNumber, ThreadData, ToThread } from './messages.js';
import type { Place } from './options.js';
import { Session } from './session.js';

const { allClosed } = workerData as ThreadData;
const post = (message: FromThread): void => parentPort?.postMessage(message);

/** One life of a server: one session after the other. */
class Life {
  private readonly sessions = new Map<number, Session>();
  private hasEnded = false;

  constructor(
    private readonly addon: Addon,
    private readonly life: LifeNumber,
    private readonly place: Place,
  ) {}

  carryOut(output: CoordinatorOutput): void {
    if (output.kind === 'open-session') this.open(output.session);
    else if (output.kind === 'close-session') this.sessions.get(output.session)?.close();
    else this.sessions.get(output.session)?.call(output.call, output.request);
  }

  end(): void {
    this.hasEnded = true;
    for (const session of this.sessions.values()) session.close();
    this.tellIfOver();
  }

  closeNow(): void {
    for (const session of this.sessions.values()) session.closeNow();
  }

  private open(number: number): void {
    for (const before of this.sessions.values()) before.close();
    const { life } = this;
    const session = new Session(this.addon, this.place, number, {
      say: (input) => post({ kind: 'input', life, input }),
      note: (level, text, details) => post({ kind: 'note', life, note: { level, text, details } }),
      gone: () => {
        this.sessions.delete(number);
        this.tellIfOver();
      },
    });
    this.sessions.set(number, session);
  }

  private tellIfOver(): void {
    if (!this.hasEnded || this.sessions.size > 0) return;
    lives.delete(this.life);
    // Counted, if anybody counts: this thread ends with its process, too late for that.
    if (lives.size === 0) takeCoverage();
    post({ kind: 'ended', life: this.life });
  }
}

const lives = new Map<LifeNumber, Life>();

function take(addon: Addon, message: ToThread): void {
  if (message.kind === 'begin') lives.set(message.life, new Life(addon, message.life, message.place));
  else if (message.kind === 'carry-out') lives.get(message.life)?.carryOut(message.output);
  else if (message.kind === 'end') lives.get(message.life)?.end();
  else closeAll();
}

/** The process waits for this, and cannot take messages any more. */
function closeAll(): void {
  for (const life of lives.values()) life.closeNow();
  const tell = (): void => {
    Atomics.store(allClosed, 0, 1);
    Atomics.notify(allClosed, 0);
  };
  setImmediate(() => setImmediate(tell));
}

try {
  const addon = await importAddon();
  parentPort?.on('message', (message: ToThread) => take(addon, message));
  post({ kind: 'ready', why: undefined });
} catch (error) {
  post({ kind: 'ready', why: (error as Error).message });
}
