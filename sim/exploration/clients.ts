/** The clients of an explored world: each follows its list, one operation after the other, and remembers what it was told. */
import type { MemberId, OperationId, RequestId } from '../../core/ids.js';
import { versionText } from '../../core/ids.js';
import type { Consistency, Happening } from '../../core/input.js';
import type { Output } from '../../core/output.js';
import type { FileOperation } from '../checkers/linearizable/history.js';

interface Act {
  readonly at: MemberId;
  readonly does: 'put' | 'delete' | 'get' | 'stat';
  /** Of a stat. Default: linearizable. */
  readonly consistency?: Consistency;
}

/** Of one client: what it does at which server. All of them use one path. */
export type Script = readonly Act[];

export type ToClient = Extract<Output, { readonly kind: 'client-accept' | 'client-file' | 'client-data' | 'answer' }>;

interface Said {
  readonly clients: Clients;
  readonly server: MemberId;
  readonly happenings: readonly Happening[];
}

/** A call, and what came of it. */
interface Record {
  readonly client: number;
  readonly index: number;
  /** Numbers of events, in one order for all clients; end null: not answered. */
  readonly call: number;
  readonly end: number | null;
  readonly result: FileOperation['result'];
  /** `refused`: surely not done; `unknown`: it may be, or may be yet. */
  readonly fate: 'waits' | 'told' | 'refused' | 'unknown';
}

const PATH = '/a';
const BYTES = 10;

export class Clients {
  private constructor(
    private readonly scripts: readonly Script[],
    private readonly records: readonly Record[],
    private readonly events: number,
    /** What the heads of answers said, for those that are not complete. */
    private readonly heads: ReadonlyMap<RequestId, FileOperation['result']>,
  ) {}

  static of(scripts: readonly Script[]): Clients {
    return new Clients(scripts, [], 0, new Map());
  }

  get parts(): unknown {
    return [this.records, [...this.heads]];
  }

  /** Answers so far. */
  get answers(): number {
    return this.records.filter(({ end }) => end !== null).length;
  }

  get isAnybodyWaiting(): boolean {
    return this.records.some(({ end }) => end === null);
  }

  /** Clients that have something to ask, and whom. */
  next(): readonly { readonly client: number; readonly server: MemberId }[] {
    return this.scripts.flatMap((script, client) => {
      const own = this.records.filter((record) => record.client === client);
      const act = script[own.length];
      const isWaiting = own.some(({ end }) => end === null);
      return act === undefined || isWaiting ? [] : [{ client, server: act.at }];
    });
  }

  called(client: number): Said {
    const index = this.records.filter((record) => record.client === client).length;
    const { at, does, consistency = 'linearizable' } = this.act(client, index);
    const record = { client, index, call: this.events, end: null, result: null, fate: 'waits' } as const;
    const clients = new Clients(this.scripts, [...this.records, record], this.events + 1, this.heads);
    const request = contentOf(client, index);
    const write = { path: PATH, operation: operationOf(client, index), precondition: undefined } as const;
    const begin = (operation: Extract<Happening, { kind: 'client-request' }>['operation']): Happening => ({
      ...{ kind: 'client-request', request, operation },
    });
    switch (does) {
      case 'put':
        return said(clients, at, begin({ kind: 'put', ...write, contentType: 'text/plain', modifiedMs: 0 }));
      case 'delete':
        return said(clients, at, begin({ kind: 'delete', ...write }));
      case 'stat':
        return said(clients, at, begin({ kind: 'stat', path: PATH, consistency }));
      case 'get': {
        const ready = { kind: 'client-ready', request, chunks: 1_000 } as const;
        return said(clients, at, begin({ kind: 'get', path: PATH, from: 0, to: undefined }), ready);
      }
    }
  }

  told(output: ToClient): Said {
    const { request } = output;
    const [client = 0, index = 0] = request.split('.').map(Number);
    const { at } = this.act(client, index);
    switch (output.kind) {
      case 'client-accept': {
        const chunk = { upload: '', index: 0, length: BYTES, checksum: 0, payload: request };
        const end = { kind: 'client-end', request, length: BYTES, sha256: request } as const;
        return said(this, at, { kind: 'client-chunk', request, chunk }, end);
      }
      case 'client-file': {
        const result = {
          outcome: 'found',
          content: output.manifest.sha256,
          version: versionText(output.version),
        } as const;
        const heads = new Map(this.heads).set(request, result);
        return said(new Clients(this.scripts, this.records, this.events, heads), at);
      }
      case 'client-data':
        if (output.chunk.payload !== contentIn(this.heads.get(request))) throw new Error(`${request} got other bytes`);
        return said(this, at);
      case 'answer':
        return said(this.answered(client, index, request, output.answer), at);
    }
  }

  /** What everybody asked and was told, as the checker of the simulator wants it. */
  get history(): readonly FileOperation[] {
    return this.records.flatMap(({ client, index, call, end, result, fate }) => {
      const kind = this.act(client, index).does;
      const isWrite = kind === 'put' || kind === 'delete';
      if (fate === 'refused' || (fate === 'unknown' && !isWrite)) return [];
      const content = kind === 'put' && { content: contentOf(client, index) };
      const isOpen = fate === 'unknown';
      return [{ client, path: PATH, kind, call, end: isOpen ? null : end, result, ...content } as FileOperation];
    });
  }

  private answered(
    client: number,
    index: number,
    request: RequestId,
    answer: Extract<Output, { kind: 'answer' }>['answer'],
  ): Clients {
    const result = this.resultOf(request, answer);
    const fate = result !== null ? 'told' : answer.result === 'unknown' ? 'unknown' : 'refused';
    const end = this.events;
    const records = this.records.map((record) =>
      record.client === client && record.index === index ? ({ ...record, end, result, fate } as const) : record,
    );
    const heads = new Map(this.heads);
    heads.delete(request);
    return new Clients(this.scripts, records, this.events + 1, heads);
  }

  private resultOf(request: RequestId, answer: Extract<Output, { kind: 'answer' }>['answer']): FileOperation['result'] {
    switch (answer.result) {
      case 'done': {
        const { outcome } = answer;
        if (outcome.result === 'stored') return { outcome: 'done', version: versionText(outcome.version) };
        if (outcome.result === 'precondition-failed') return { outcome: 'precondition-failed' };
        return { outcome: 'done', found: outcome.found };
      }
      case 'found': {
        const { manifest, version } = answer.file;
        return { outcome: 'found', content: manifest.sha256, version: versionText(version) };
      }
      case 'absent':
        return { outcome: 'absent' };
      case 'delivered':
        return this.heads.get(request) ?? null;
      default:
        return null;
    }
  }

  private act(client: number, index: number): Script[number] {
    return this.scripts[client]?.[index] as Script[number];
  }
}

const said = (clients: Clients, server: MemberId, ...happenings: readonly Happening[]): Said => ({
  ...{ clients, server, happenings },
});

const contentOf = (client: number, index: number): string => `${client}.${index}`;

const contentIn = (head: FileOperation['result'] | undefined): string | undefined =>
  head?.outcome === 'found' ? head.content : undefined;

function operationOf(client: number, index: number): OperationId {
  const count = (client * 16 + index + 1).toString(16).padStart(12, '0');
  return `00000000-000f-7000-8000-${count}`;
}
