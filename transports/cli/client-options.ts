/** What every command that talks to servers takes, and the client that comes of it. */
import type { Argv } from 'yargs';
import { parseDuration } from '../../core/units.js';
import { WrongValue } from '../../core/wrong-value.js';
import { DEFAULT_PATIENCE } from '../client/attempts.js';
import type { FileClient } from '../client/client.js';
import { connect } from '../client/connect.js';
import { type FoundServers, findServers } from '../client/find-servers.js';
import { type Found, textOf, textsOf } from './command.js';
import { type Context, WrongUsage } from './context.js';

/** Where `ppnfs up` keeps a ring if it is not told. */
export const DEFAULT_FOLDER = './ppnfs-data';

export function clientOptions(parser: Argv): Argv {
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
      describe: 'how long to go on asking for a last word (default: 20s)',
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

export function clientFor(found: Found, context: Context): FileClient {
  const { servers, isOrdered } = serversFor(found, context);
  return connect(servers, { spread: !isOrdered, patience: { ...DEFAULT_PATIENCE, timeLimitMs: timeLimitMs(found) } });
}

export function timeLimitMs(found: Found): number {
  const text = textOf(found, 'timeout');
  if (text === undefined) return DEFAULT_PATIENCE.timeLimitMs;
  try {
    return parseDuration(text) / 1000;
  } catch (error) {
    if (!(error instanceof WrongValue)) throw error;
    const meant = error.suggestion === undefined ? '' : `; did you mean ${error.suggestion}?`;
    throw new WrongUsage(`--timeout: ${error.message}${meant}`);
  }
}
