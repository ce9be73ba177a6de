/**
 * One HTTP request and the head of its answer, over node:http or node:https: bodies stream both ways, nothing waits for
 * ever. Knows HTTP; nothing of files.
 */
import http from 'node:http';
import https from 'node:https';

/** A connection that does not stand by then counts as refused. */
const CONNECT_MS = 3_000;
/** Nothing in either direction for so long, and the server counts as gone; longer than a server waits for its ring. */
const SILENCE_MS = 12_000;
const IDLE_SOCKETS_MAX = 16;

export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers: http.OutgoingHttpHeaders;
  /** Opened when a connection stands. */
  readonly open?: (() => AsyncIterable<Buffer>) | undefined;
  readonly signal: AbortSignal;
}

/** No answer. `reached`: a connection stood. */
export class ExchangeFailed extends Error {
  override readonly name = 'ExchangeFailed';
  constructor(
    why: string,
    readonly reached: boolean,
  ) {
    super(why);
  }
}

export interface Exchanger {
  /** @throws ExchangeFailed, the signal's reason, or what the body throws */
  ask(exchange: Exchange): Promise<http.IncomingMessage>;
  close(): void;
}

export function createExchanger(): Exchanger {
  const options = { keepAlive: true, maxFreeSockets: IDLE_SOCKETS_MAX, scheduling: 'lifo' } as const;
  const plain = new http.Agent(options);
  const secure = new https.Agent(options);
  return {
    ask: (exchange) => ask(exchange, exchange.url.protocol === 'https:' ? secure : plain),
    close: () => {
      plain.destroy();
      secure.destroy();
    },
  };
}

function ask(exchange: Exchange, agent: http.Agent): Promise<http.IncomingMessage> {
  const { method, url, headers, signal } = exchange;
  const { request: begin } = agent instanceof https.Agent ? https : http;
  return new Promise((resolve, reject) => {
    const sending = begin(url, { method, headers, agent });
    let isReached = false;
    let isAnswered = false;
    const abort = (): void => {
      reject(signal.reason);
      sending.destroy();
    };
    const fail = (error: unknown): void => {
      reject(error);
      sending.destroy();
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    sending.on('close', () => {
      signal.removeEventListener('abort', abort);
      reject(new ExchangeFailed('the connection was closed', isReached));
    });
    sending.on('error', (error: NodeJS.ErrnoException) => reject(new ExchangeFailed(sentence(error), isReached)));
    sending.on('response', (answer) => {
      isAnswered = true;
      // Whoever reads the answer is told by the reading.
      answer.on('error', () => {});
      // What is not wanted any more is not sent; the connection is of no use after that.
      if (!sending.writableEnded) answer.once('end', () => sending.destroy());
      resolve(answer);
    });
    sending.setTimeout(SILENCE_MS, () => sending.destroy(new Error(`nothing was heard for ${SILENCE_MS / 1000} s`)));
    whenConnected(sending, () => {
      isReached = true;
      if (exchange.open === undefined) sending.end();
      else pump(exchange.open, sending, () => isAnswered || sending.destroyed).catch(fail);
    });
  });
}

const sentence = (error: NodeJS.ErrnoException): string =>
  error.code === 'ECONNREFUSED' ? 'connection refused' : (error.code ?? error.message);

function whenConnected(sending: http.ClientRequest, connected: () => void): void {
  sending.once('socket', (socket) => {
    if (!socket.connecting) return connected();
    const timer = setTimeout(() => sending.destroy(new Error('no connection in time')), CONNECT_MS);
    sending.once('close', () => clearTimeout(timer));
    socket.once(socket instanceof Object && 'encrypted' in socket ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      connected();
    });
  });
}

async function pump(
  open: () => AsyncIterable<Buffer>,
  sending: http.ClientRequest,
  isOver: () => boolean,
): Promise<void> {
  for await (const piece of open()) {
    if (isOver()) return;
    if (!sending.write(piece) && !isOver()) await writable(sending);
  }
  if (!isOver()) sending.end();
}

function writable(sending: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      for (const event of ['drain', 'close', 'response']) sending.off(event, go);
      resolve();
    };
    for (const event of ['drain', 'close', 'response']) sending.on(event, go);
  });
}
