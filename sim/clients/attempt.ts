/**
 * One attempt of an operation: one conversation with one server, up to its last word, the server's death or the client's
 * patience. Speaks only through World.tell and World.listen. Decides nothing about repeating: see client.ts.
 */
import type { MemberId, RequestId } from '../../core/ids.js';
import type { ClientOperation, Consistency } from '../../core/input.js';
import type { Answer } from '../../core/output.js';
import type { ClientMessage, ClientOutput, World } from '../world-api.js';
import type { ContentBook } from './content.js';
import type { Conversation, Received } from './conversation.js';
import type { OperationRecord } from './operation.js';
import { Receiver } from './receiver.js';
import { Sender } from './sender.js';

export type AttemptEnd =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly received: Received | undefined }
  | { readonly kind: 'died' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'abandoned' };

const consistencyOf = ({ consistency }: { readonly consistency?: Consistency }) =>
  consistency === undefined ? {} : { consistency };

export interface AttemptSetting {
  readonly world: World;
  readonly contents: ContentBook;
  readonly chunkBytes: number;
  /** Nothing heard and nothing to send for so long: the attempt is given up. */
  readonly timeoutUs: number;
  /** Paths in one page of a list. */
  readonly listPageMax: number;
  readonly bytesWrong: (record: OperationRecord, problem: string) => void;
}

export class Attempt implements Conversation {
  readonly world: World;
  #over = false;
  #aliveUs: number;
  #sender: Sender | undefined;
  #receiver: Receiver | undefined;
  #started = false;

  constructor(
    private readonly setting: AttemptSetting,
    private readonly server: MemberId,
    readonly request: RequestId,
    private readonly record: OperationRecord,
    private readonly ended: (end: AttemptEnd) => void,
  ) {
    this.world = setting.world;
    this.#aliveUs = this.world.nowUs;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Whether the server was told enough to carry a write out: a put without its end cannot happen. */
  get mayHappen(): boolean {
    return this.#sender === undefined ? this.#started : this.#sender.endSent;
  }

  start(): void {
    if (this.world.servers.get(this.server)?.process === 'down') {
      this.world.at(this.world.nowUs, () => this.#end({ kind: 'died' }));
      return;
    }
    const { action } = this.record.order;
    this.world.listen(this.server, this.request, (output) => this.#heard(output));
    if (action.kind === 'put') this.#sender = new Sender(this, action, this.record, this.setting.chunkBytes);
    if (action.kind === 'get') {
      const rate = action.clientBytesPerSecond;
      const wrong = (problem: string) => this.setting.bytesWrong(this.record, problem);
      this.#receiver = new Receiver(this, this.setting.contents, { rate, wrong });
    }
    this.say({ kind: 'client-request', request: this.request, operation: this.#operation() });
    this.#started = true;
    this.#sender?.start();
    this.#receiver?.start();
    this.#watchTime();
  }

  say(message: ClientMessage): void {
    if (this.#over) return;
    this.#aliveUs = this.world.nowUs;
    this.world.tell(this.server, message);
  }

  /** The client goes away on purpose. */
  abandon(): void {
    this.say({ kind: 'client-gone', request: this.request });
    this.#end({ kind: 'abandoned' });
  }

  #operation(): ClientOperation {
    const { action } = this.record.order;
    const { operation } = this.record;
    switch (action.kind) {
      case 'put': {
        const { path, precondition } = action;
        const modifiedMs = this.world.birthMs + Math.floor(this.record.callUs / 1000);
        return { kind: 'put', path, operation, precondition, contentType: 'application/octet-stream', modifiedMs };
      }
      case 'delete':
        return { kind: 'delete', path: action.path, operation, precondition: action.precondition };
      case 'get':
        return { kind: 'get', path: action.path, from: action.fromByte, to: action.toByte, ...consistencyOf(action) };
      case 'stat':
        return { kind: 'stat', path: action.path, ...consistencyOf(action) };
      case 'list':
        return { kind: 'list', prefix: action.prefix, after: '', limit: this.setting.listPageMax };
    }
  }

  #heard(output: ClientOutput | undefined): void {
    if (this.#over) return;
    this.#aliveUs = this.world.nowUs;
    switch (output?.kind) {
      case undefined:
        this.#end({ kind: 'died' });
        return;
      case 'client-accept':
        this.#sender?.accept(output.chunks);
        return;
      case 'client-file':
        this.#receiver?.file(output);
        return;
      case 'client-data':
        this.#receiver?.data(output);
        return;
      case 'answer':
        this.#receiver?.finish(output.answer.result === 'delivered');
        this.#end({ kind: 'answered', answer: output.answer, received: this.#receiver?.received });
        return;
    }
  }

  /** One timer at a time: it looks again when there was a sign of life meanwhile. */
  #watchTime(): void {
    const deadlineUs = this.#aliveUs + this.setting.timeoutUs;
    this.world.at(deadlineUs, () => {
      if (this.#over) return;
      if (this.#waitsForItself() || this.#aliveUs + this.setting.timeoutUs > this.world.nowUs) {
        if (this.#waitsForItself()) this.#aliveUs = this.world.nowUs;
        return this.#watchTime();
      }
      this.say({ kind: 'client-gone', request: this.request });
      this.#end({ kind: 'timeout' });
    });
  }

  /** A client that is slow by its own choice does not lose patience with the server. */
  #waitsForItself(): boolean {
    return this.#sender?.pacing === true || this.#receiver?.pacing === true;
  }

  #end(end: AttemptEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.world.at(this.world.nowUs, () => this.ended(end));
  }
}
