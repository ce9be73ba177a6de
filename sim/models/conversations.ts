/**
 * What clients and one server say to each other: who hears a conversation's words, and a client's words on their way.
 * Knows no protocol. Must never lose a conversation without telling: each ends with an answer, or with nobody's word.
 */
import type { RequestId } from '../../core/ids.js';
import type { KernelEvent } from '../kernel.js';
import type { ClientMessage, ClientOutput } from '../world-api.js';

/** Undefined: the server is gone, and nothing more will be said. */
export type ClientListener = (output: ClientOutput | undefined) => void;

export class Conversations {
  private readonly listeners = new Map<RequestId, ClientListener>();

  listen(request: RequestId, listener: ClientListener): void {
    this.listeners.set(request, listener);
  }

  word(request: RequestId, output: ClientOutput | undefined): void {
    const listener = this.listeners.get(request);
    if (listener === undefined) return;
    if (output === undefined || output.kind === 'answer') this.listeners.delete(request);
    listener(output);
  }

  endAll(): void {
    const listeners = [...this.listeners.values()];
    this.listeners.clear();
    for (const listener of listeners) listener(undefined);
  }
}

/** A server as its clients see it. */
export interface Hearer {
  readonly life: number;
  clientSaid(message: ClientMessage, life: number): void;
}

/** A client's message on its way: no delay, but never inside another event. */
export class ClientWords implements KernelEvent {
  private readonly life: number;

  constructor(
    private readonly server: Hearer,
    private readonly message: ClientMessage,
  ) {
    this.life = server.life;
  }

  run(): void {
    this.server.clientSaid(this.message, this.life);
  }
}
