/**
 * One process of relay.ts: passes on what it is sent; the source sends, and counts what comes home.
 * No core: what is measured is the links alone.
 */
import { crc32 } from 'node:zlib';
import type { ChunkFrame } from '../../core/frame.js';
import type { LinkInput } from '../../core/ports.js';
import { openHttpRingPort } from '../links/http/ring-port.js';
import type { OpenRingPort } from '../links/links.js';
import { openTcpRingPort } from '../links/tcp/ring-port.js';
import { openBareRelay } from './bare-relay.js';
import type { Home, Relay } from './relaying.js';

export type RelayKind = 'bare' | 'tcp' | 'http';

export type RelayTask =
  | ({ readonly task: 'listen'; readonly kind: RelayKind; readonly isSource: boolean } & Load)
  | { readonly task: 'dial'; readonly port: number }
  | { readonly task: 'run' }
  | { readonly task: 'report' };

export interface Load {
  readonly chunkBytes: number;
  readonly chunks: number;
  readonly window: number;
}

export interface RelayReport {
  readonly port: number;
  readonly elapsedMs: number;
  /** Since the process began. */
  readonly cpuMs: number;
}

const HOST = '127.0.0.1';

async function openLinksRelay(open: OpenRingPort, home: Home): Promise<Relay> {
  let dialled: () => void = () => undefined;
  let [inbound, outbound] = [0, 0];
  const port = await open({ at: { host: HOST, port: 0 }, onViolation: (where, why) => console.error(where, why) });
  const links = port.begin('relay', (input: LinkInput) => {
    if (input.kind === 'frame' && input.frame.kind === 'chunk' && input.link === inbound) {
      if (home === undefined) links.carryOut({ kind: 'send', link: outbound, frame: input.frame });
      else home(input.frame.chunk.length);
    } else if (input.kind === 'link-up' && input.peer === undefined) {
      outbound = input.link;
    } else if (input.kind === 'link-up') {
      inbound = input.link;
      dialled();
    }
  });
  return {
    port: port.at.port,
    dial: (to) =>
      new Promise((resolve) => {
        dialled = resolve;
        links.carryOut({ kind: 'dial', member: { id: 'before', incarnation: 1, address: `${HOST}:${to}` } });
      }),
    insert: (bytes) => links.carryOut({ kind: 'send', link: outbound, frame: chunkFrame(bytes) }),
  };
}

let inserted = 0;
function chunkFrame(payload: Buffer): ChunkFrame {
  const chunk = { upload: 'n1.1.1', index: inserted++, length: payload.length, checksum: 0, payload };
  const route = { epoch: 1, origin: 'n1', lastStop: 'n1' };
  return { kind: 'chunk', ...route, purpose: 'upload', shard: 0, chunk, boarding: 0, served: 0 };
}

/** Sends all chunks, a window of them at once; elapsed until the last is home. */
class Source {
  private homeBytes = 0;
  private sent = 0;
  private done: (elapsedMs: number) => void = () => undefined;
  private startedMs = 0;
  private relay: Relay | undefined;
  private readonly bytes: Buffer;

  constructor(private readonly load: Load) {
    this.bytes = Buffer.alloc(load.chunkBytes, crc32('payload') & 0xff);
  }

  readonly home = (bytes: number): void => {
    this.homeBytes += bytes;
    this.fill();
    const { chunkBytes, chunks } = this.load;
    if (this.homeBytes === chunkBytes * chunks) this.done(performance.now() - this.startedMs);
  };

  run(relay: Relay): Promise<number> {
    this.relay = relay;
    this.sent = 0;
    this.homeBytes = 0;
    this.startedMs = performance.now();
    this.fill();
    return new Promise((resolve) => {
      this.done = resolve;
    });
  }

  private fill(): void {
    const { chunkBytes, chunks, window } = this.load;
    const home = Math.floor(this.homeBytes / chunkBytes);
    for (; this.sent < chunks && this.sent - home < window; this.sent++) this.relay?.insert(this.bytes);
  }
}

const open = (kind: RelayKind, home: Home): Promise<Relay> => {
  if (kind === 'bare') return openBareRelay(HOST, home);
  return openLinksRelay(kind === 'tcp' ? openTcpRingPort : openHttpRingPort, home);
};

let relay: Relay | undefined;
let source: Source | undefined;

async function carryOut(task: RelayTask): Promise<RelayReport> {
  if (task.task === 'listen') {
    source = task.isSource ? new Source(task) : undefined;
    relay = await open(task.kind, source?.home);
  } else if (task.task === 'dial') {
    await relay?.dial(task.port);
  }
  const elapsedMs = task.task === 'run' && relay !== undefined ? ((await source?.run(relay)) ?? 0) : 0;
  const { user, system } = process.cpuUsage();
  return { port: relay?.port ?? 0, elapsedMs, cpuMs: (user + system) / 1000 };
}

process.on('message', (task: RelayTask) => {
  carryOut(task).then(
    (report) => process.send?.(report),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
