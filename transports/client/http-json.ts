/** One small question to one server over HTTP, answered with JSON or not at all. For what is not about files. */
import { createExchanger, type Exchange, ExchangeFailed } from './http-exchange.js';
import { jsonOf } from './http-words.js';

export interface JsonQuestion {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export type JsonAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly json: Readonly<Record<string, unknown>> | undefined }
  | { readonly kind: 'failed'; readonly why: string };

/** @throws the signal's reason */
export async function askJson(server: string, question: JsonQuestion): Promise<JsonAnswer> {
  const exchanger = createExchanger();
  const signal = AbortSignal.any([question.signal, AbortSignal.timeout(question.timeoutMs)]);
  const exchange: Exchange = {
    method: question.method,
    url: new URL(question.path, server),
    headers: question.method === 'POST' ? { 'content-length': 0 } : {},
    signal,
  };
  try {
    const answer = await exchanger.ask(exchange);
    return { kind: 'answer', status: answer.statusCode ?? 0, json: await jsonOf(answer) };
  } catch (error) {
    question.signal.throwIfAborted();
    if (signal.aborted) return { kind: 'failed', why: `no answer within ${question.timeoutMs / 1000} s` };
    return { kind: 'failed', why: error instanceof ExchangeFailed ? error.message : 'the answer broke off' };
  } finally {
    exchanger.close();
  }
}
