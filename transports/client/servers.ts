/**
 * Which server to ask next: those that answered lately, in the order they were given; those that failed, last.
 * Knows no protocol and asks nobody.
 */

/** A server that failed is passed over for so long, while there are others. */
const AVOID_MS = 5_000;

export interface Servers {
  readonly count: number;
  /** The one to ask now, other than those tried in this round where there is one. */
  next(tried: ReadonlySet<string>): string;
  failed(server: string): void;
  worked(server: string): void;
}

/** @param first index of the server to begin with */
export function createServers(addresses: readonly string[], first = 0, now: () => number = Date.now): Servers {
  const order = [...new Set([...addresses.slice(first), ...addresses.slice(0, first)])];
  const avoidUntil = new Map<string, number>();
  const rank = (server: string): number => {
    const until = avoidUntil.get(server) ?? 0;
    return until > now() ? until : 0;
  };
  return {
    count: order.length,
    next(tried) {
      const fresh = order.filter((server) => !tried.has(server));
      const [best] = (fresh.length > 0 ? fresh : order).sort((a, b) => rank(a) - rank(b));
      if (best === undefined) throw new Error('a client needs at least one server');
      return best;
    },
    failed: (server) => avoidUntil.set(server, now() + AVOID_MS),
    worked: (server) => avoidUntil.delete(server),
  };
}
