/** `ppnfs status`: asks every server it can find, and draws the ring. */
import { setTimeout as pause } from 'node:timers/promises';
import { askJson, type JsonQuestion } from '../client/http-json.js';
import type { NodeStatus } from '../launcher/status.js';
import { answerMsOf, type HttpServers, httpServersFor, jsonOption, onceOptions } from './client-options.js';
import { type Command, durationMsOf, type Found, isSet } from './command.js';
import type { Context } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { coloursFor, frame, printJson } from './look.js';
import { type Heard, reportOf, type StatusReport } from './status-report.js';
import { statusLines } from './status-text.js';

const DEFAULT_EVERY_MS = 1_000;
const EVERY = { least: '100ms', leastMs: 100, most: '24h', mostMs: 86_400_000 };

export const status: Command = {
  usage: 'status',
  describe: 'show the ring: servers, links, chains, and what would help',
  build: (parser) =>
    onceOptions(jsonOption(parser))
      .usage(
        'Usage: ppnfs status [options]\n\nShows the ring. Exit code 1: a shard is unavailable, or there is no ring yet.',
      )
      .option('watch', { alias: 'w', type: 'boolean', describe: 'again and again, until Ctrl-C' })
      .option('every', { type: 'string', requiresArg: true, describe: 'how often, with --watch (default: 1s)' })
      .example([
        ['ppnfs status', 'of the ring that "ppnfs up" started'],
        ['ppnfs status --watch --every 500ms', 'see it heal'],
        ['ppnfs status --json | jq .members', 'for tools'],
      ]),
  async run(found, context) {
    const servers = httpServersFor(found, context);
    const question = { timeoutMs: answerMsOf(found), signal: context.signal };
    const everyMs = durationMsOf(found, 'every', EVERY) ?? DEFAULT_EVERY_MS;
    const { isTerminal } = context.stdout;
    if (!isSet(found, 'watch')) return show(await look(servers, question), found, context, false);
    if (isTerminal && !isSet(found, 'json')) context.stdout.write('\u001b[H\u001b[J');
    try {
      for (;;) {
        const report = await look(servers, question);
        show(report, found, context, isTerminal);
        await pause(everyMs, undefined, { signal: context.signal });
      }
    } catch (error) {
      // Ctrl-C is how a watch ends.
      if (!context.signal.aborted) throw error;
      if (isTerminal) context.stdout.write('\n');
      return EXIT.done;
    }
  },
};

type Waiting = Pick<JsonQuestion, 'timeoutMs' | 'signal'>;

export async function look({ servers, names }: HttpServers, waiting: Waiting): Promise<StatusReport> {
  return reportOf(await Promise.all(servers.map((server) => ask(server, names.get(server), waiting))));
}

async function ask(server: string, id: string | undefined, waiting: Waiting): Promise<Heard> {
  const answer = await askJson(server, { method: 'GET', path: '/status', ...waiting });
  if (answer.kind === 'failed') return { server, id, why: answer.why };
  if (answer.status === 200 && isStatus(answer.json)) return { server, status: answer.json };
  return { server, id, why: `it answers (${answer.status}), but not as a server of a ring` };
}

/** Enough to draw it; a server of another release may say more. */
function isStatus(json: unknown): json is NodeStatus {
  const status = json as Partial<NodeStatus> | undefined;
  const isNumber = (value: unknown): boolean => typeof value === 'number';
  return (
    typeof status?.id === 'string' &&
    isNumber(status.epoch) &&
    Array.isArray(status.ring) &&
    Array.isArray(status.chains?.troubles) &&
    isNumber(status.traffic?.sentBytes) &&
    isNumber(status.store?.diskBytes) &&
    typeof status.coordinator?.address === 'string'
  );
}

function show(report: StatusReport, found: Found, context: Context, isPicture: boolean): ExitCode {
  const { stdout } = context;
  const lines = (): readonly string[] => statusLines(report, coloursFor(stdout, context, found));
  if (isSet(found, 'json')) printJson(context, report);
  else stdout.write(isPicture ? frame(lines(), stdout) : `${lines().join('\n')}\n`);
  if (report.best === undefined) return EXIT.noServer;
  return report.best.chains.unavailable > 0 || report.best.epoch === 0 ? EXIT.failed : EXIT.done;
}
