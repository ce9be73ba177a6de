/**
 * One connection to the embedded coordinator, at the client: dials, greets, carries messages both ways. It ends once,
 * with a reason. Knows no session.
 */
import { connect, type Socket } from 'node:net';
import type { HostPort } from '../../leaves/host-port.js';
import { tcpUrl } from '../address.js';
import { FrameReader, frame } from './framing.js';
import { ANSWER_BYTES_MAX, DIAL_MS, FAREWELL_MS } from './limits.js';
import { type Answer, asAnswer, PROTOCOL, VERSION } from './protocol.js';

export type Greeting = Extract<Answer, { hello: unknown }>['hello'];

export interface Listener {
  greeted(greeting: Greeting): void;
  heard(answer: Answer): void;
  /** It could not be made, or is gone; nothing more comes. */
  ended(why: string): void;
}

export class Connection {
  private readonly socket: Socket;
  private readonly reader = new FrameReader(ANSWER_BYTES_MAX);
  private hasGreeted = false;
  private isOver = false;
  private readonly patience: NodeJS.Timeout;

  constructor(
    readonly address: HostPort,
    private readonly listener: Listener,
  ) {
    this.socket = connect({ ...address, noDelay: true });
    this.patience = setTimeout(() => this.end(`no greeting within ${DIAL_MS} ms`), DIAL_MS);
    this.socket.on('connect', () => this.send({ method: 'hello', protocol: PROTOCOL, version: VERSION }));
    this.socket.on('data', (bytes: Buffer) => this.take(bytes));
    this.socket.on('error', (error) => this.end(error.message));
    this.socket.on('close', () => this.end('the connection was closed'));
  }

  send(message: object): void {
    if (!this.isOver) this.socket.write(frame(message));
  }

  /** @param why told to the listener; undefined: nothing is told. */
  end(why?: string): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.patience);
    if (why === undefined && this.hasGreeted) {
      // What was said last is to get out.
      this.socket.setTimeout(FAREWELL_MS, () => this.socket.destroy());
      this.socket.destroySoon();
    } else {
      this.socket.destroy();
    }
    if (why !== undefined) this.listener.ended(why);
  }

  private take(bytes: Buffer): void {
    this.reader.push(bytes);
    while (!this.isOver) {
      const answer = this.nextAnswer();
      if (answer === undefined) return;
      this.hear(answer);
    }
  }

  private nextAnswer(): Answer | undefined {
    try {
      const message = this.reader.next();
      return message === undefined ? undefined : asAnswer(message);
    } catch (error) {
      this.end(error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  private hear(answer: Answer): void {
    if ('refused' in answer) {
      this.end(answer.refused);
    } else if (this.hasGreeted) {
      this.listener.heard(answer);
    } else if (!('hello' in answer)) {
      this.end(`${tcpUrl(this.address)} did not greet`);
    } else {
      this.hasGreeted = true;
      clearTimeout(this.patience);
      this.listener.greeted(answer.hello);
    }
  }
}

/** Who answers there; undefined: no coordinator. */
export function greetingOf(address: HostPort): Promise<Greeting | undefined> {
  return new Promise((resolve) => {
    const connection: Connection = new Connection(address, {
      greeted: (greeting) => {
        connection.end();
        resolve(greeting);
      },
      heard: () => undefined,
      ended: () => resolve(undefined),
    });
  });
}
