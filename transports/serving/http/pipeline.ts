/**
 * Requests that a client sends ahead on one connection: some are under way at once, the others wait for them, and when as
 * many wait nothing more is read of that client. So one connection cannot take the places of all others, and hears no
 * refusal for being quick. Knows nothing of what requests are about.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Line {
  underWay: number;
  readonly waiting: (() => void)[];
}

export class Pipelines {
  private readonly lines = new WeakMap<Socket, Line>();

  constructor(private readonly underWayMax: number) {}

  /** @param begin called once it is its turn, or never if the connection ends before */
  enter(socket: Socket, response: ServerResponse, begin: () => void): void {
    const line = this.lineOf(socket);
    const start = (): void => {
      line.underWay++;
      response.once('close', () => {
        line.underWay--;
        this.goOn(socket, line);
      });
      begin();
    };
    if (line.underWay < this.underWayMax && line.waiting.length === 0) {
      start();
      return;
    }
    line.waiting.push(start);
    this.holdUp(socket, line);
  }

  private lineOf(socket: Socket): Line {
    const known = this.lines.get(socket);
    if (known !== undefined) return known;
    const line: Line = { underWay: 0, waiting: [] };
    this.lines.set(socket, line);
    // Node goes on reading by itself at the end of every request.
    socket.on('resume', () => this.holdUp(socket, line));
    return line;
  }

  /** Not sooner: of a client that is not read nobody sees that it has gone. */
  private holdUp(socket: Socket, { waiting }: Line): void {
    if (waiting.length > this.underWayMax) socket.pause();
  }

  private goOn(socket: Socket, line: Line): void {
    if (socket.destroyed) {
      line.waiting.length = 0;
      return;
    }
    while (line.underWay < this.underWayMax) {
      const start = line.waiting.shift();
      if (start === undefined) return;
      start();
      if (line.waiting.length === this.underWayMax) socket.resume();
    }
  }
}
