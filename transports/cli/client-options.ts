/** What every command that talks to servers takes, and the client that comes of it. */
import type { Argv } from 'yargs';
import { DEFAULT_PATIENCE } from '../client/attempts.js';
import type { FileClient } from '../client/client.js';
import { connect } from '../client/connect.js';
import { type FoundServers, findServers, serverUrl } from '../client/find-servers.js';
import { durationMsOf, type Found, textOf, textsOf } from './command.js';
import { type Context, WrongUsage } from './context.js';

/** Where `ppnfs up` keeps a ring if it is not told. */
export const DEFAULT_FOLDER = './ppnfs-data';

/** @param timeout what it means for this command */
export function clientOptions(parser: Argv, timeout = 'how long to go on asking for a last word (default: 20s)'): Argv {
  return parser
    .option('server', {
      type: 'string',
      requiresArg: true,
      group: 'Servers:',
      describe: 'a server to ask, several for more (default: PPNFS_SERVER, or the ring that "ppnfs up" started)',
    })
    .option('data', {
      type: 'string',
      requiresArg: true,
      group: 'Servers:',
      describe: `the folder of a ring that "ppnfs up" started (default: ${DEFAULT_FOLDER})`,
    })
    .option('timeout', {
      type: 'string',
      requiresArg: true,
      group: 'Servers:',
      describe: timeout,
    });
}

export const jsonOption = (parser: Argv): Argv =>
  parser.option('json', { type: 'boolean', describe: 'print JSON, for tools' });

type Servers = Extract<FoundServers, { ok: true }>;

/** @throws WrongUsage if none are to be found */
export function serversFor(found: Found, { environment }: Context): Servers {
  const servers = findServers({
    flags: textsOf(found, 'server'),
    environment: environment['PPNFS_SERVER'],
    folder: textOf(found, 'data') ?? environment['PPNFS_DATA'] ?? DEFAULT_FOLDER,
  });
  if (!servers.ok) throw new WrongUsage(servers.why);
  return servers;
}

/** Commands about the ring, not its files. `names`: by address, as far as they are known before anybody is asked. */
export interface HttpServers {
  readonly servers: readonly string[];
  readonly names: ReadonlyMap<string, string>;
}

/** @throws WrongUsage if none of them is an HTTP address */
export function httpServersFor(found: Found, context: Context): HttpServers {
  const { servers, ring } = serversFor(found, context);
  const http = servers.filter((server) => !server.startsWith('tcp:'));
  if (http.length === 0) {
    throw new WrongUsage(
      `${servers.join(', ')}: only HTTP tells of the ring; name a server's HTTP address, such as http://127.0.0.1:8101`,
    );
  }
  return { servers: http, names: new Map(ring?.servers.map(({ id, http: at }) => [serverUrl(at) ?? at, id])) };
}

const ANSWER_MS_DEFAULT = 3_000;
const ANSWER = { least: '1ms', leastMs: 1, most: '1h', mostMs: 3_600_000 };

/** The parser of a command that asks every server once, whatever the others say. */
export const onceOptions = (parser: Argv): Argv =>
  clientOptions(parser, 'how long to wait for the answer of a server (default: 3s)');

export const answerMsOf = (found: Found): number =>
  Math.ceil(durationMsOf(found, 'timeout', ANSWER) ?? ANSWER_MS_DEFAULT);

export function clientFor(found: Found, context: Context): FileClient {
  const { servers, isOrdered } = serversFor(found, context);
  return connect(servers, { spread: !isOrdered, patience: { ...DEFAULT_PATIENCE, timeLimitMs: timeLimitMs(found) } });
}

export function timeLimitMs(found: Found): number {
  return durationMsOf(found, 'timeout') ?? DEFAULT_PATIENCE.timeLimitMs;
}
