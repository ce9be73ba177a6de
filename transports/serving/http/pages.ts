/** What a server says of itself: help, health, readiness, figures, status, and what its problems mean. */
import type { Metrics } from '../metrics.js';
import { PROBLEMS, type ProblemCode, problemText } from '../problems.js';
import { type Exchange, respond, respondProblem } from './exchange.js';
import { isLoopback } from './own-names.js';

export interface Sources {
  /** Whether clients are served, and if not, why. */
  ready(): { readonly ok: boolean; readonly why: string };
  status(): unknown;
  /** Asked for by an operator on this machine: hand over, and go. */
  leave(): void;
  readonly metrics: Metrics;
}

const HELP = `ping-pong-nfs: one server of a ring in which files travel. Every server serves every file.

  PUT    /files/<path>          store, or replace (If-Match: "<version>"; If-None-Match: *)
  POST   /files/<path>          store a file that is not there yet
  GET    /files/<path>          the file, or a Range of it (?consistency=eventual: a version that was current lately)
  HEAD   /files/<path>          its version (ETag), length, type, time and sha256
  DELETE /files/<path>
  GET    /files/?prefix=/a/&after=/a/b&limit=100    files by path, as JSON; /files/a/ is short for its prefix
  GET    /healthz               200 while the process lives
  GET    /readyz                200 while it serves clients
  GET    /metrics               figures for Prometheus
  GET    /status                the ring as this server sees it, as JSON
  POST   /leave                 hand over to the others and go (from this machine only)

  curl -T report.pdf http://HOST:PORT/files/report.pdf
  curl http://HOST:PORT/files/report.pdf -o report.pdf

An Idempotency-Key (a UUIDv7) makes it safe to repeat a write. X-Modified-Ms keeps a file's time, Content-Type its type;
X-Content-Sha256, or Content-Digest with sha-256, has the body checked; other digests alone are refused.
`;

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };
const PROBLEM = '/problems/';

export function showPage(exchange: Exchange, page: string, sources: Sources): void {
  const { method } = exchange.request;
  if (page === '/leave') {
    leave(exchange, sources);
    return;
  }
  if (method !== 'GET' && method !== 'HEAD') {
    respondProblem(exchange, 'bad-method', { headers: { Allow: 'GET, HEAD' } });
    return;
  }
  switch (page) {
    case '/':
      respond(exchange, 200, HELP, TEXT);
      return;
    case '/healthz':
      respond(exchange, 200, 'alive\n', TEXT);
      return;
    case '/readyz': {
      const { ok, why } = sources.ready();
      respond(exchange, ok ? 200 : 503, ok ? 'ready\n' : `${why}\n`, TEXT);
      return;
    }
    case '/status':
      respond(exchange, 200, `${JSON.stringify(sources.status(), undefined, 2)}\n`, {
        'Content-Type': 'application/json',
      });
      return;
    case '/metrics':
      showMetrics(exchange, sources.metrics);
      return;
    default:
      showProblem(exchange, page);
  }
}

/** There is no authentication: whoever may start a process here may stop this one. */
function leave(exchange: Exchange, sources: Sources): void {
  const { method, socket } = exchange.request;
  if (method !== 'POST') respondProblem(exchange, 'bad-method', { headers: { Allow: 'POST' } });
  else if (!isLoopback(socket.remoteAddress)) respondProblem(exchange, 'not-from-here');
  else {
    respond(exchange, 202, 'leaving\n', TEXT);
    sources.leave();
  }
}

function showMetrics(exchange: Exchange, metrics: Metrics): void {
  metrics.text().then(
    (text) => respond(exchange, 200, text, { 'Content-Type': metrics.contentType }),
    (error: unknown) => respond(exchange, 500, `${String(error)}\n`, TEXT),
  );
}

function showProblem(exchange: Exchange, page: string): void {
  const code = page.startsWith(PROBLEM) ? page.slice(PROBLEM.length) : '';
  if (Object.hasOwn(PROBLEMS, code)) respond(exchange, 200, `${problemText(code as ProblemCode)}\n`, TEXT);
  else respondProblem(exchange, 'no-such-page');
}
