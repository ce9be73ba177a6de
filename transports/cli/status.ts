/** `ppnfs status`: asks every server it can find, and draws the ring. */
import { setTimeout as pause } from 'node:timers/promises';
import { parseDuration } from '../../core/units.js';
import { WrongValue } from '../../core/wrong-value.js';
import { askJson } from '../client/http-json.js';
import type { NodeStatus } from '../launcher/status.js';
import { clientOptions, jsonOption, serversFor } from './client-options.js';
import { type Command, type Found, isSet, textOf } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { coloursFor, frame, printJson } from './look.js';
import { type Heard, reportOf, type StatusReport } from './status-report.js';
import { statusLines } from './status-text.js';

const ANSWER_MS = 3_000;
const DEFAULT_EVERY_MS = 1_000;
const EVERY_MS_MIN = 100;

export const status: Command = {
  usage: 'status',
  describe: 'show the ring: servers, links, chains, and what would help',
  build: (parser) =>
    clientOptions(jsonOption(parser))
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
    const { servers } = serversFor(found, context);
    const everyMs = everyMsOf(found);
    const { isTerminal } = context.stdout;
    if (!isSet(found, 'watch')) return show(await look(servers, context.signal), found, context, false);
    if (isTerminal && !isSet(found, 'json')) context.stdout.write('\u001b[H\u001b[J');
    try {
      for (;;) {
        const report = await look(servers, context.signal);
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

function everyMsOf(found: Found): number {
  const text = textOf(found, 'every');
  if (text === undefined) return DEFAULT_EVERY_MS;
  try {
    return Math.max(EVERY_MS_MIN, parseDuration(text) / 1000);
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    throw new WrongUsage(`--every: ${error.message}`);
  }
}

export async function look(servers: readonly string[], signal: AbortSignal): Promise<StatusReport> {
  const http = servers.filter((server) => !server.startsWith('tcp:'));
  return reportOf(await Promise.all(http.map((server) => ask(server, signal))));
}

async function ask(server: string, signal: AbortSignal): Promise<Heard> {
  const answer = await askJson(server, { method: 'GET', path: '/status', timeoutMs: ANSWER_MS, signal });
  if (answer.kind === 'failed') return { server, why: answer.why };
  if (answer.status === 200 && isStatus(answer.json)) return { server, status: answer.json };
  return { server, why: `it answers (${answer.status}), but not as a server of a ring` };
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
