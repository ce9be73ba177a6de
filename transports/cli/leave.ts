/** `ppnfs leave`: a server hands over what it keeps, and goes, without a failed request. */
import { setTimeout as pause } from 'node:timers/promises';
import { askJson } from '../client/http-json.js';
import { clientOptions, jsonOption, serversFor } from './client-options.js';
import { type Command, isSet, textOf, textsOf } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT } from './exit-codes.js';
import { printJson } from './look.js';
import { look } from './status.js';

const ANSWER_MS = 3_000;
const LOOK_EVERY_MS = 300;
/** Handing over a full disk takes its time; after this nobody looks on any more. */
const LEAVE_MS_MAX = 3_600_000;

export const leave: Command = {
  usage: 'leave [id]',
  describe: 'let a server hand over its chains and leave the ring',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage('Usage: ppnfs leave [options] [id]\n\nLets a server on this machine leave the ring in good order.')
      .positional('id', { type: 'string', describe: 'its name; without one, the server of --server' })
      .option('no-wait', { type: 'boolean', describe: 'do not wait until it has left' })
      .example([
        ['ppnfs leave n3', 'a server of the ring that "ppnfs up" started'],
        ['ppnfs leave --server http://127.0.0.1:8103', 'by its address'],
      ]),
  async run(found, context) {
    const { servers } = serversFor(found, context);
    const id = textOf(found, 'id');
    const server = await serverOf(id, servers, textsOf(found, 'server').length > 0, context.signal);
    const question = { method: 'POST', path: '/leave', timeoutMs: ANSWER_MS, signal: context.signal } as const;
    const answer = await askJson(server, question);
    if (answer.kind === 'failed') {
      context.stderr.write(`ppnfs leave: ${server}: ${answer.why}\n`);
      return EXIT.noServer;
    }
    if (answer.status >= 300) {
      const detail = answer.json?.['detail'] ?? `status ${answer.status}`;
      context.stderr.write(`ppnfs leave: ${server}: ${String(detail)}\n`);
      return EXIT.failed;
    }
    const name = id ?? server;
    const hasLeft = !isSet(found, 'no-wait') && (await waitUntilGone(server, context.signal));
    if (isSet(found, 'json')) printJson(context, { server, ordered: true, left: hasLeft });
    else context.stdout.write(hasLeft ? `${name} has left\n` : `${name} is leaving\n`);
    return EXIT.done;
  },
};

async function serverOf(
  id: string | undefined,
  servers: readonly string[],
  isNamed: boolean,
  signal: AbortSignal,
): Promise<string> {
  const [only] = servers;
  if (id === undefined) {
    if (isNamed && servers.length === 1 && only !== undefined) return only;
    throw new WrongUsage('which server? Give its name, or its address with --server');
  }
  const { members, outside } = await look(servers, signal);
  const statuses = [...members.flatMap(({ status }) => status ?? []), ...outside];
  const found = statuses.find((status) => status.id === id);
  if (found === undefined) {
    throw new WrongUsage(`no server named ${id} answers; there are: ${statuses.map((each) => each.id).join(', ')}`);
  }
  return found.http.includes('://') ? found.http : `http://${found.http}`;
}

/** It has gone when it says so, or says nothing more. */
async function waitUntilGone(server: string, signal: Context['signal']): Promise<boolean> {
  const untilMs = Date.now() + LEAVE_MS_MAX;
  while (Date.now() < untilMs) {
    await pause(LOOK_EVERY_MS, undefined, { signal });
    const answer = await askJson(server, { method: 'GET', path: '/status', timeoutMs: ANSWER_MS, signal });
    if (answer.kind === 'failed' || answer.json?.['state'] === 'left') return true;
  }
  return false;
}
