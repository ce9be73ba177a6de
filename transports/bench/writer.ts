/**
 * A client that writes one small file again and again, and notes when it was told "done": what it sees of a crash is the
 * longest time between two such words. It goes to another server, with the same operation id, where one breaks off.
 */
import { makeOperationId } from '../client/operation-id.js';
import { HttpConnection, type Reply, type Request } from './http-connection.js';
import { quantile } from './load.js';
import { payloadOf } from './payload.js';

export interface BeginWriting {
  readonly kind: 'begin-writing';
  /** The first is asked as long as it answers. */
  readonly servers: readonly string[];
  readonly target: string;
  readonly fileBytes: number;
}

/** From now on pauses count. */
export interface MarkWriting {
  readonly kind: 'mark-writing';
}

export interface EndWriting {
  readonly kind: 'end-writing';
}

export interface Written {
  /** Between two successes, the last before the mark included. */
  readonly longestPauseMs: number;
  /** How long a write takes otherwise: the median of those before the mark. */
  readonly p50Ms: number;
  readonly writes: number;
  /** Answers other than success, and broken connections. */
  readonly setbacks: readonly string[];
}

/** No answer for so long: the server counts as gone. */
const ANSWER_MS_MAX = 10_000;
/** After a refusal; what a client would do that wants to be through soon. */
const AGAIN_MS = 2;
const SETBACKS_KEPT_MAX = 20;

export class Writer {
  private readonly connections = new Map<string, Promise<HttpConnection>>();
  private readonly latencies: number[] = [];
  private readonly setbacks: string[] = [];
  private readonly first: Promise<void>;
  private readonly running: Promise<void>;
  private at = 0;
  private isEnding = false;
  private isMarked = false;
  private lastDoneMs = 0;
  private longestPauseMs = 0;
  private writes = 0;
  private onFirst = (): void => {};

  constructor(private readonly begin: BeginWriting) {
    this.first = new Promise((resolve) => {
      this.onFirst = resolve;
    });
    this.running = this.run();
    // Whoever waits for the first word or the end hears of it.
    this.running.catch(() => undefined);
  }

  /** Resolves when something was written. */
  isWriting(): Promise<void> {
    return Promise.race([this.first, this.running]);
  }

  mark(): void {
    this.isMarked = true;
  }

  async end(): Promise<Written> {
    this.isEnding = true;
    await this.running;
    for (const connection of this.connections.values()) {
      connection.then(
        (each) => each.close(),
        () => undefined,
      );
    }
    this.latencies.sort((a, b) => a - b);
    const { longestPauseMs, writes, setbacks } = this;
    return { longestPauseMs, p50Ms: quantile(this.latencies, 0.5), writes, setbacks };
  }

  private async run(): Promise<void> {
    while (!this.isEnding) {
      const startedMs = performance.now();
      await this.write(makeOperationId());
      const nowMs = performance.now();
      if (this.isMarked) this.longestPauseMs = Math.max(this.longestPauseMs, nowMs - this.lastDoneMs);
      else this.latencies.push(nowMs - startedMs);
      this.lastDoneMs = nowMs;
      this.writes++;
      this.onFirst();
    }
  }

  /** Until it is done: the same operation, so once, however often it is asked. */
  private async write(operation: string): Promise<void> {
    const { servers, target, fileBytes } = this.begin;
    const headers = { 'Idempotency-Key': operation };
    const request: Request = { method: 'PUT', target, body: payloadOf(fileBytes), headers };
    for (;;) {
      const server = servers[this.at % servers.length] as string;
      const reply = await this.ask(server, request);
      if (reply !== undefined && reply.status < 300) return;
      if (reply !== undefined && reply.status < 500) {
        throw new Error(`PUT ${target}: status ${reply.status} ${reply.complaint}`);
      }
      this.at++;
      if (reply !== undefined) await new Promise((wake) => setTimeout(wake, AGAIN_MS));
    }
  }

  /** Undefined: there was no answer, and the connection is gone. */
  private async ask(server: string, request: Request): Promise<Reply | undefined> {
    try {
      const connection = await this.connection(server);
      const reply = await inTime(connection.ask(request));
      if (reply.status >= 300) this.setBack(`${server}: status ${reply.status} ${codeIn(reply.complaint)}`);
      return reply;
    } catch (error) {
      this.setBack(`${server}: ${(error as Error).message}`);
      this.drop(server);
      return undefined;
    }
  }

  private connection(server: string): Promise<HttpConnection> {
    let connection = this.connections.get(server);
    if (connection === undefined) {
      connection = HttpConnection.open(server);
      this.connections.set(server, connection);
    }
    return connection;
  }

  private drop(server: string): void {
    const connection = this.connections.get(server);
    this.connections.delete(server);
    connection?.then(
      (each) => each.close(),
      () => undefined,
    );
  }

  private setBack(what: string): void {
    if (this.setbacks.length < SETBACKS_KEPT_MAX) this.setbacks.push(what);
  }
}

/** Of a problem in JSON. */
const codeIn = (complaint: string): string => /"code": ?"([a-z-]+)"/.exec(complaint)?.[1] ?? '';

async function inTime<Value>(asked: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS_MAX / 1000} s`)), ANSWER_MS_MAX);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
