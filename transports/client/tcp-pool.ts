/** Connections that are kept for the next operation, a few for each server and not for long. */
import { TcpConnection } from './tcp-connection.js';

const IDLE_MAX = 16;
/** Shorter than a server keeps one: what is taken from here still stands. */
const IDLE_MS = 10_000;

interface Idle {
  readonly connection: TcpConnection;
  readonly timer: NodeJS.Timeout;
}

export class TcpPool {
  private readonly idle = new Map<string, Idle[]>();

  /** @throws ConnectionFailed, or the signal's reason */
  async take(server: string, signal: AbortSignal): Promise<TcpConnection> {
    const kept = this.idle.get(server) ?? [];
    for (let found = kept.pop(); found !== undefined; found = kept.pop()) {
      clearTimeout(found.timer);
      if (found.connection.isOpen) return found.connection;
    }
    return TcpConnection.open(server, signal);
  }

  /** Its operation has come to its end on both sides. */
  giveBack(server: string, connection: TcpConnection): void {
    const kept = this.idle.get(server) ?? [];
    this.idle.set(server, kept);
    if (!connection.isOpen) return;
    if (kept.length >= IDLE_MAX) {
      connection.close();
      return;
    }
    const timer = setTimeout(() => connection.close(), IDLE_MS);
    timer.unref();
    kept.push({ connection, timer });
  }

  close(): void {
    for (const { connection, timer } of [...this.idle.values()].flat()) {
      clearTimeout(timer);
      connection.close();
    }
    this.idle.clear();
  }
}
