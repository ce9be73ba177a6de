/**
 * Requests that a client sends ahead on one connection: some are under way at once, the others wait for them, and when as
 * many wait nothing more is read of that client. So one connection cannot take the places of all others, and hears no
 * refusal for being quick. Whoever sends a write and then a read wants to read what it wrote, so only safe requests are
 * under way beside others (RFC 9112 §9.3.2). Knows nothing else of what requests are about.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Waiting {
  readonly isSafe: boolean;
  readonly start: () => void;
}

interface Line {
  underWay: number;
  /** What is under way changes something. */
  isChanging: boolean;
  readonly waiting: Waiting[];
}

export class Pipelines {
  private readonly lines = new WeakMap<Socket, Line>();

  constructor(private readonly underWayMax: number) {}

  /**
   * @param isSafe it changes nothing
   * @param begin called once it is its turn, or never if the connection ends before
   */
  enter(socket: Socket, response: ServerResponse, isSafe: boolean, begin: () => void): void {
    const line = this.lineOf(socket);
    const start = (): void => {
      line.underWay++;
      line.isChanging = !isSafe;
      response.once('close', () => {
        line.underWay--;
        this.goOn(socket, line);
      });
      begin();
    };
    if (line.waiting.length === 0 && this.mayStart(line, isSafe)) {
      start();
      return;
    }
    line.waiting.push({ isSafe, start });
    this.holdUp(socket, line);
  }

  private mayStart({ underWay, isChanging }: Line, isSafe: boolean): boolean {
    return underWay === 0 || (isSafe && !isChanging && underWay < this.underWayMax);
  }

  private lineOf(socket: Socket): Line {
    const known = this.lines.get(socket);
    if (known !== undefined) return known;
    const line: Line = { underWay: 0, isChanging: false, waiting: [] };
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
    for (;;) {
      const [next] = line.waiting;
      if (next === undefined || !this.mayStart(line, next.isSafe)) return;
      line.waiting.shift();
      next.start();
      if (line.waiting.length === this.underWayMax) socket.resume();
    }
  }
}
