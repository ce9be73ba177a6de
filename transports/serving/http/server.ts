/**
 * The HTTP server of one process: node:http, its limits, and a router of a few lines. It outlives the lives of its
 * server, so it asks for the door at every request. A slow or hostile client costs what the limits say, and no other.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { HostPort } from '../../leaves/host-port.js';
import type { Door } from '../door.js';
import type { Logger } from '../log.js';
import type { Served } from '../metrics.js';
import { TOO_MANY_CONNECTIONS } from '../problems.js';
import { readConditionsOf } from './conditions.js';
import { Download, type Wish } from './download.js';
import { list, look, remove } from './entries.js';
import { type Exchange, respondProblem } from './exchange.js';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './limits.js';
import { isLoopback, type Reach, strangerIn } from './own-names.js';
import { type Sources, showPage } from './pages.js';
import { Pipelines } from './pipeline.js';
import { type Target, targetOf } from './target.js';
import { upload } from './upload.js';
import { WrongBytes } from './wrong-bytes.js';

export interface HttpServerOptions extends Sources {
  readonly listen: HostPort;
  /** Undefined: between two lives. */
  door(): Door | undefined;
  readonly log: Logger;
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpServer {
  /** The port that was really taken. */
  readonly at: HostPort;
  /** graceful: running requests have some time to end; new ones are refused at once. */
  close(how: { readonly graceful: boolean }): Promise<void>;
}

/** @throws the operating system's error if the address cannot be listened at. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits: HttpLimits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const service = new Service(options, limits);
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytesMax,
      headersTimeout: limits.headersMs,
      keepAliveTimeout: limits.keepAliveMs,
      // A long upload is no attack; one that stands still is ended by the idle limit.
      requestTimeout: 0,
      // Answered here, in words.
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    },
    (request, response) => service.serve(request, response, false),
  );
  server.on('checkContinue', (request, response) => service.serve(request, response, true));
  server.on('checkExpectation', (request, response) => service.serve(request, response, false));
  server.on('connect', (_request, socket) => service.wrongBytes.refuseTunnel(socket as Socket));
  server.on('clientError', (error, socket) => service.wrongBytes.refuse(error, socket as Socket));
  server.on('connection', (socket: Socket) => service.meet(socket));
  server.timeout = limits.idleMs;
  server.maxConnections = limits.connectionsMax + limits.turnedAwayMax;
  await listen(server, options.listen);
  const { address, port } = server.address() as AddressInfo;
  service.reach = { isLoopback: isLoopback(address), listensAt: options.listen.host };
  return {
    at: { host: options.listen.host, port },
    async close({ graceful }) {
      service.isDraining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      if (!graceful) server.closeAllConnections();
      const timer = setTimeout(() => server.closeAllConnections(), limits.closeMs);
      service.onServed = () => setImmediate(() => server.closeIdleConnections());
      await closed;
      clearTimeout(timer);
    },
  };
}

function listen(server: Server, { host, port }: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** RFC 9110 §9.2.1. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

class Service {
  isDraining = false;
  /** Of what it really listens at. */
  reach: Reach = { isLoopback: true, listensAt: '' };
  readonly wrongBytes: WrongBytes;
  onServed: () => void = () => {};
  private readonly pipelines: Pipelines;
  /** That are served; those beyond the limit do not count. */
  private connections = 0;
  /** Connections beyond the limit: they are told so, and end. */
  private readonly surplus = new WeakSet<Socket>();

  constructor(
    private readonly options: HttpServerOptions,
    private readonly limits: HttpLimits,
  ) {
    this.wrongBytes = new WrongBytes(limits);
    this.pipelines = new Pipelines(limits.pipelinedMax);
  }

  meet(socket: Socket): void {
    const { metrics } = this.options;
    const { connectionsMax, unwantedMs } = this.limits;
    metrics.connections('http', 1);
    socket.once('close', () => metrics.connections('http', -1));
    if (this.connections < connectionsMax) {
      this.connections++;
      socket.once('close', () => this.connections--);
      return;
    }
    this.surplus.add(socket);
    const timer = setTimeout(() => socket.destroy(), unwantedMs);
    socket.once('close', () => clearTimeout(timer));
  }

  serve(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    const { limits } = this;
    const exchange: Exchange = { request, response, limits, awaitsContinue, result: 'ok', inBytes: 0, outBytes: 0 };
    this.wrongBytes.understood(request, response);
    const target = targetOf(request.url ?? '');
    const startedMs = performance.now();
    response.once('close', () => this.count(exchange, target, startedMs));
    if (response.socket === null) closeWith(request.socket, response);
    if (this.isDraining || this.surplus.has(request.socket)) response.setHeader('Connection', 'close');
    const isSafe = SAFE_METHODS.has(request.method ?? '');
    this.pipelines.enter(request.socket, response, isSafe, () => this.route(exchange, target));
  }

  private count(exchange: Exchange, target: Target, startedMs: number): void {
    const { request, response, inBytes, outBytes } = exchange;
    const { metrics } = this.options;
    const isCut = exchange.result === 'ok' && !response.writableFinished;
    const seconds = (performance.now() - startedMs) / 1000;
    const kind = target.kind === 'file' ? kindOf(request.method) : target.kind === 'list' ? 'list' : 'other';
    metrics.served({ protocol: 'http', kind, result: isCut ? 'gone' : exchange.result, seconds });
    if (inBytes > 0) metrics.bytes('in', inBytes);
    if (outBytes > 0) metrics.bytes('out', outBytes);
    this.onServed();
  }

  private route(exchange: Exchange, target: Target): void {
    if (refusesHead(exchange, this.reach)) return;
    if (target.kind === 'page') {
      showPage(exchange, target.page, this.options);
      return;
    }
    if (target.kind === 'bad') {
      respondProblem(exchange, 'bad-path', { detail: target.why });
      return;
    }
    if (this.isDraining) {
      respondProblem(exchange, 'draining');
      return;
    }
    if (this.surplus.has(exchange.request.socket)) {
      respondProblem(exchange, 'busy', { detail: TOO_MANY_CONNECTIONS });
      return;
    }
    const door = this.options.door();
    if (door === undefined || door.chunkBytes === 0) respondProblem(exchange, 'not-a-member');
    else if (target.kind === 'list') serveList(exchange, door, target);
    else serveFile(exchange, door, target);
  }
}

/** What the headers say forbids an answer to anything. @returns whether it was refused */
function refusesHead(exchange: Exchange, reach: Reach): boolean {
  const { method, headers, rawHeaders, httpVersion } = exchange.request;
  const stranger = strangerIn(method, headers, reach);
  if (stranger !== undefined) respondProblem(exchange, stranger);
  else if (headers.host === undefined && httpVersion === '1.1')
    respondProblem(exchange, 'bad-request', { detail: 'HTTP/1.1 asks for a Host header: send one' });
  else if (isHostRepeated(rawHeaders))
    respondProblem(exchange, 'bad-request', { detail: 'a request names one host: send one Host header' });
  else if (headers.expect !== undefined && !/(?:^|\W)100-continue(?:$|\W)/i.test(headers.expect))
    respondProblem(exchange, 'bad-expectation');
  else return false;
  return true;
}

/** Who stands before this server may have gone by the other one (RFC 9112 §3.2). Node keeps only the first. */
function isHostRepeated(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}

/** Responses behind others on their connection. */
const ahead = new WeakMap<Socket, Set<ServerResponse>>();

/** Of several requests that a client sends ahead, Node tells only the first that the client is gone. */
function closeWith(socket: Socket, response: ServerResponse): void {
  let waiting = ahead.get(socket);
  if (waiting === undefined) {
    const all = new Set<ServerResponse>();
    waiting = all;
    ahead.set(socket, all);
    socket.once('close', () => {
      for (const each of all) each.emit('close');
    });
  }
  waiting.add(response);
  response.once('close', () => waiting.delete(response));
}

function kindOf(method: string | undefined): Served['kind'] {
  switch (method) {
    case 'PUT':
    case 'POST':
      return 'put';
    case 'GET':
      return 'get';
    case 'HEAD':
      return 'stat';
    case 'DELETE':
      return 'delete';
    default:
      return 'other';
  }
}

function serveList(exchange: Exchange, door: Door, { prefix, query }: Extract<Target, { kind: 'list' }>): void {
  const { method } = exchange.request;
  if (method === 'GET' || method === 'HEAD') list(exchange, door, prefix, query);
  else if (method === 'PUT' || method === 'POST') respondProblem(exchange, 'bad-path');
  else respondProblem(exchange, 'bad-method', { headers: { Allow: 'GET, HEAD' } });
}

function serveFile(exchange: Exchange, door: Door, target: Extract<Target, { kind: 'file' }>): void {
  switch (exchange.request.method) {
    case 'GET': {
      const wish = wishOf(exchange, target);
      if (wish !== undefined) new Download(exchange, door, wish).begin();
      return;
    }
    case 'HEAD': {
      const wish = wishOf(exchange, target);
      if (wish !== undefined) look(exchange, door, wish);
      return;
    }
    case 'PUT':
    case 'POST':
      upload(exchange, door, target.path);
      return;
    case 'DELETE':
      remove(exchange, door, target.path);
      return;
    default:
      respondProblem(exchange, 'bad-method', { headers: { Allow: 'GET, HEAD, PUT, POST, DELETE' } });
  }
}

/** Answers the request itself if it wishes for nothing sensible. */
function wishOf(exchange: Exchange, { path, query }: Extract<Target, { kind: 'file' }>): Wish | undefined {
  const conditions = readConditionsOf(exchange.request.headers);
  if (conditions === undefined) {
    respondProblem(exchange, 'bad-condition');
    return undefined;
  }
  const consistency = query.get('consistency') ?? 'linearizable';
  if (consistency !== 'linearizable' && consistency !== 'eventual') {
    respondProblem(exchange, 'bad-request', { detail: 'consistency is linearizable or eventual' });
    return undefined;
  }
  return { path, conditions, consistency };
}
