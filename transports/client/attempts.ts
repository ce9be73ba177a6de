/**
 * Asks one server after the other until there is a last word, or until time or tries run out.
 * Knows no protocol. What happened without an answer is counted, so that nobody mistakes a later refusal for "nothing".
 */
import { setTimeout as pause } from 'node:timers/promises';
import { CLIENT_CODES, type OutcomeUnknown, type Refused } from './client.js';
import type { Servers } from './servers.js';
import { SourceBroken } from './uploads.js';
import { isDecided, verdictOn } from './verdicts.js';
import type { Try } from './wire.js';

export interface Patience {
  /** How long to go on asking without a last word. */
  readonly timeLimitMs: number;
  /** Requests at most. */
  readonly triesMax: number;
  /** The first pause after all servers were asked in vain; doubled each time. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
  /** Times that all servers are dialled in vain. */
  readonly unreachableRoundsMax: number;
}

export const DEFAULT_PATIENCE: Patience = {
  timeLimitMs: 20_000,
  triesMax: 64,
  pauseMs: 50,
  pauseMsMax: 1_000,
  unreachableRoundsMax: 3,
};

export interface Question<Value> {
  readonly servers: Servers;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly ask: (server: string) => Promise<Try<Value>>;
  /** Whether what was asked may have been done, by a try that got no word. Reads: never. */
  readonly mayHaveHappened: () => boolean;
  /** Whether it can be asked once more. */
  readonly canRepeat: () => boolean;
}

export type Unanswered = Refused | Omit<OutcomeUnknown, 'operation'>;
export type Outcome<Value> = { readonly result: 'answer'; readonly value: Value; readonly server: string } | Unanswered;

interface Standing {
  readonly startedMs: number;
  tries: number;
  rounds: number;
  isUncertain: boolean;
  wasReached: boolean;
  readonly tried: Set<string>;
  last: Refused;
}

export async function askServers<Value>(question: Question<Value>): Promise<Outcome<Value>> {
  const { servers, signal } = question;
  const standing: Standing = {
    startedMs: Date.now(),
    tries: 0,
    rounds: 0,
    isUncertain: false,
    wasReached: false,
    tried: new Set(),
    last: { result: 'refused', code: 'no-server', detail: CLIENT_CODES['no-server'], server: undefined },
  };
  let isAsking = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      const server = servers.next(standing.tried);
      standing.tried.add(server);
      standing.tries++;
      isAsking = true;
      const tried = await question.ask(server);
      isAsking = false;
      if (tried.kind === 'answer') {
        servers.worked(server);
        return { result: 'answer', value: tried.value, server };
      }
      const isFinal = take(standing, tried, server, question);
      if (isFinal || !question.canRepeat() || !(await mayGoOn(standing, question))) return lastWord(standing);
    }
  } catch (error) {
    standing.last = interruption(error, signal);
    if (isAsking && question.mayHaveHappened()) standing.isUncertain = true;
    return lastWord(standing);
  }
}

/** It ends here by our own doing; anything else is a bug, and thrown on. */
function interruption(error: unknown, signal: AbortSignal): Refused {
  if (error instanceof SourceBroken) {
    return { result: 'refused', code: error.code, detail: error.message, server: undefined };
  }
  if (!signal.aborted) throw error;
  return { result: 'refused', code: 'interrupted', detail: CLIENT_CODES['interrupted'], server: undefined };
}

/** Remembers what a try came to; true if that is the last word. */
function take<Value>(standing: Standing, tried: Try<Value>, server: string, question: Question<Value>): boolean {
  if (tried.kind === 'failed') {
    question.servers.failed(server);
    if (tried.reached) standing.wasReached = true;
    if (tried.reached && question.mayHaveHappened()) standing.isUncertain = true;
    // Where somebody was reached, a server that is down is not the thing to tell.
    if (tried.reached || !standing.wasReached) {
      const code = tried.reached ? 'no-answer' : 'no-server';
      standing.last = { result: 'refused', code, detail: `${CLIENT_CODES[code]} (${server}: ${tried.why})`, server };
    }
    return false;
  }
  standing.wasReached = true;
  if (tried.kind === 'answer') return true;
  standing.last = { result: 'refused', code: tried.code, detail: tried.detail, server };
  if (tried.kind === 'unknown') {
    standing.isUncertain = true;
    return tried.code === 'operation-too-old';
  }
  const verdict = verdictOn(tried.code);
  if (verdict === 'elsewhere') question.servers.failed(server);
  if (isDecided(tried.code)) standing.isUncertain = false;
  return verdict === 'final';
}

async function mayGoOn<Value>(standing: Standing, { servers, patience, signal }: Question<Value>): Promise<boolean> {
  if (standing.tries >= patience.triesMax || elapsedMs(standing) >= patience.timeLimitMs) return false;
  if (standing.tried.size < servers.count) return true;
  standing.rounds++;
  standing.tried.clear();
  if (!standing.wasReached && standing.rounds >= patience.unreachableRoundsMax) return false;
  const full = Math.min(patience.pauseMsMax, patience.pauseMs * 2 ** (standing.rounds - 1));
  // Clients that were turned away together do not come back together.
  const pauseMs = full * (0.5 + Math.random() / 2);
  if (elapsedMs(standing) + pauseMs >= patience.timeLimitMs) return false;
  await pause(pauseMs, undefined, { signal });
  return true;
}

const elapsedMs = (standing: Standing): number => Date.now() - standing.startedMs;

function lastWord({ last, isUncertain }: Standing): Unanswered {
  if (!isUncertain) return last;
  const { code, detail, server } = last;
  return { result: 'unknown', code, detail, server };
}
