/**
 * One kept connection that speaks just enough HTTP/1.1 to measure a server: a request at a time, answers with a
 * Content-Length, bytes counted and thrown away. A full HTTP client would cost as much as the servers it measures.
 */
import { connect, type Socket } from 'node:net';

/** Read into again and again: what arrives is only counted. */
const READ_BYTES = 1 << 20;
/** An answer's head that is longer is no answer. */
const HEAD_CHARACTERS_MAX = 65_536;
/** Of an answer that is no success, so much is kept for the person who has to find out why. */
const COMPLAINT_CHARACTERS_MAX = 2_000;
const HEAD_END = '\r\n\r\n';

export interface Request {
  readonly method: 'PUT' | 'GET' | 'DELETE';
  /** The request's target: `/files/a`. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Shown every piece of the answer's body, in a buffer that is used again. */
  readonly onBody?: (piece: Buffer) => void;
}

export interface Reply {
  readonly status: number;
  readonly bodyBytes: number;
  /** The beginning of the body where the status is no success. */
  readonly complaint: string;
}

interface Pending {
  readonly request: Request;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export class HttpConnection {
  private pending: Pending | undefined;
  private head = '';
  private status = 0;
  private bodyBytes = 0;
  /** Of the present answer's body; -1: its head is not complete. */
  private missingBytes = -1;
  private complaint = '';
  private closedBy: Error | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
  ) {}

  /** @param server `http://host:port` */
  static open(server: string): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(server);
    return new Promise((resolve, reject) => {
      const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
      const socket = connect({
        host: hostname,
        port: Number(port || 80),
        noDelay: true,
        onread: {
          buffer,
          callback: (count) => {
            connection.read(buffer, count);
            return true;
          },
        },
      });
      const connection = new HttpConnection(socket, host);
      socket.once('connect', () => resolve(connection));
      socket.once('error', (error) => {
        connection.fail(error);
        reject(error);
      });
      socket.once('close', () => connection.fail(new Error(`${server} closed the connection`)));
    });
  }

  /** @throws if the connection breaks before the answer's end */
  ask(request: Request): Promise<Reply> {
    if (this.closedBy !== undefined) return Promise.reject(this.closedBy);
    const { method, target, headers = {}, body } = request;
    let text = `${method} ${target} HTTP/1.1\r\nHost: ${this.host}\r\n`;
    for (const [name, value] of Object.entries(headers)) text += `${name}: ${value}\r\n`;
    if (body !== undefined) text += `Content-Length: ${body.length}\r\n`;
    return new Promise((resolve, reject) => {
      this.pending = { request, resolve, reject };
      this.socket.cork();
      this.socket.write(`${text}\r\n`, 'latin1');
      if (body !== undefined) this.socket.write(body);
      this.socket.uncork();
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private read(buffer: Buffer, count: number): void {
    let from = 0;
    while (from < count) {
      if (this.missingBytes < 0) from = this.readHead(buffer, from, count);
      const until = Math.min(count, from + Math.max(0, this.missingBytes));
      if (until > from) this.take(buffer.subarray(from, until));
      from = until;
      if (this.missingBytes === 0) this.settle();
    }
  }

  /** @returns where the body begins, or `count` */
  private readHead(buffer: Buffer, from: number, count: number): number {
    const before = this.head.length;
    this.head += buffer.toString('latin1', from, count);
    const end = this.head.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length));
    if (end < 0) {
      if (this.head.length > HEAD_CHARACTERS_MAX) this.socket.destroy(new Error('the head of the answer has no end'));
      return count;
    }
    const next = from + end + HEAD_END.length - before;
    const status = Number(this.head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.head.slice(0, end))?.[1];
    this.head = '';
    // 1xx: the answer itself is still to come.
    if (status < 200) return next;
    this.status = status;
    if (length === undefined && status !== 204 && status !== 304) {
      this.socket.destroy(new Error(`an answer without a Content-Length (status ${status}) cannot be measured`));
      return count;
    }
    this.missingBytes = Number(length ?? 0);
    return next;
  }

  private take(piece: Buffer): void {
    this.missingBytes -= piece.length;
    this.bodyBytes += piece.length;
    this.pending?.request.onBody?.(piece);
    if (this.status >= 300 && this.complaint.length < COMPLAINT_CHARACTERS_MAX) this.complaint += piece.toString();
  }

  private settle(): void {
    const { pending, status, bodyBytes, complaint } = this;
    this.pending = undefined;
    this.missingBytes = -1;
    this.bodyBytes = 0;
    this.complaint = '';
    pending?.resolve({ status, bodyBytes, complaint });
  }

  private fail(error: Error): void {
    this.closedBy ??= error;
    this.pending?.reject(error);
    this.pending = undefined;
  }
}
