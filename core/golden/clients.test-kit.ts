/** The clients of a golden script: each sends its body as fast as its server accepts it, and takes what it is given. */
import type { Precondition } from '../file.js';
import type { ClientOperation } from '../input.js';
import type { Output } from '../output.js';
import { version } from './names.test-kit.js';
import type { Server, Stage } from './server.test-kit.js';
import { answerText } from './words.test-kit.js';

interface Sender {
  readonly server: Server;
  readonly request: string;
  /** The whole body in chunks; undefined: the script says when it ends. */
  readonly chunks: number | undefined;
  /** Of each chunk. */
  readonly bytes: number;
  sent: number;
  /** Chunks the server takes at present. */
  accepted: number;
  hasEnded: boolean;
}

export interface Put {
  readonly server: Server;
  readonly path: string;
  readonly name: string;
  readonly precondition: Precondition;
  readonly chunks: number | undefined;
  /** Of each chunk; undefined: full ones. */
  readonly bytes?: number;
}

/** Chunks that a client takes without being asked. */
const EVERYTHING = 1_000_000;

export class Clients {
  private readonly senders = new Map<string, Sender>();
  private readonly asked = new Set<string>();

  constructor(private readonly world: Stage) {}

  /** A name that is used again is another client: r, then r', then r''. */
  private requestCalled(name: string): string {
    let request = name;
    while (this.asked.has(request)) request += "'";
    this.asked.add(request);
    return request;
  }

  ask(server: Server, name: string, operation: ClientOperation): string {
    const request = this.requestCalled(name);
    this.world.feed(server, { kind: 'client-request', request, operation });
    return request;
  }

  put({ server, path, name, precondition, chunks, bytes }: Put): void {
    const request = this.requestCalled(name);
    const operation = this.world.names.operationCalled(name, this.world.now);
    this.senders.set(name, {
      server,
      request,
      chunks,
      bytes: bytes ?? server.state.view.settings.chunkBytes,
      sent: 0,
      accepted: 0,
      hasEnded: false,
    });
    const wish = { kind: 'put', path, operation, precondition, contentType: 'text/plain', modifiedMs: 0 } as const;
    this.world.feed(server, { kind: 'client-request', request, operation: wish });
  }

  /** More of a body whose end the script decides. @returns false if nobody sends under this name. */
  send(name: string, count: number): boolean {
    const sender = this.senders.get(name);
    for (let i = 0; sender !== undefined && i < count; i++) this.sendOne(sender);
    return sender !== undefined;
  }

  end(name: string): boolean {
    const sender = this.senders.get(name);
    if (sender !== undefined) this.sendEnd(sender);
    return sender !== undefined;
  }

  take(server: Server, request: string, chunks = EVERYTHING): void {
    this.world.feed(server, { kind: 'client-ready', request, chunks });
  }

  leave(server: Server, request: string): void {
    this.world.feed(server, { kind: 'client-gone', request });
  }

  private sendOne(sender: Sender): void {
    const { server, request, bytes: length } = sender;
    const index = sender.sent++;
    const chunk = { upload: '', index, length, checksum: index, payload: undefined };
    this.world.feed(server, { kind: 'client-chunk', request, chunk });
  }

  private sendEnd({ server, request, sent, bytes }: Sender): void {
    const length = sent * bytes;
    this.world.feed(server, { kind: 'client-end', request, length, sha256: `sha of ${sent}` });
  }

  /** What a server says to its clients. */
  hear(server: Server, output: Output): void {
    const { world } = this;
    switch (output.kind) {
      case 'client-accept':
        this.onAccept(output.request, output.chunks);
        return;
      case 'client-file': {
        const { fromByte, toByte } = output;
        world.say(
          `${server.id} tells ${output.request}: version ${version(output.version)}, bytes ${fromByte}..${toByte}`,
        );
        return;
      }
      case 'client-data': {
        const { chunk, from, to } = output;
        const part = to - from === chunk.length ? '' : `, bytes ${from}..${to} of it`;
        world.say(`${server.id} gives ${output.request} ${world.names.upload(chunk.upload)}#${chunk.index}${part}`);
        return;
      }
      case 'answer': {
        const { answer } = output;
        world.marks.add(`answer ${answer.result}${'code' in answer ? ` ${answer.code}` : ''}`);
        world.say(`${server.id} answers ${output.request}: ${answerText(answer)}`);
        return;
      }
      default:
    }
  }

  private onAccept(request: string, chunks: number): void {
    const sender = [...this.senders.values()].find((one) => one.request === request);
    if (sender === undefined) return;
    sender.accepted += chunks;
    const rest = sender.chunks === undefined ? 0 : sender.chunks - sender.sent;
    if (rest > sender.accepted || (sender.sent > 0 && rest > 0)) {
      this.world.say(`${sender.server.id} accepts ${chunks} chunks of ${request}`);
    }
    if (sender.chunks === undefined) return;
    for (; sender.sent < sender.chunks && sender.accepted > 0; sender.accepted--) this.sendOne(sender);
    if (sender.sent < sender.chunks || sender.hasEnded) return;
    sender.hasEnded = true;
    this.sendEnd(sender);
  }
}
