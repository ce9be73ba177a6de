/** `ppnfs leave`: a server hands over what it keeps, and goes, without a failed request. */
import { setTimeout as pause } from 'node:timers/promises';
import { askJson } from '../client/http-json.js';
import type { NodeStatus } from '../launcher/status.js';
import { clientOptions, jsonOption, serversFor } from './client-options.js';
import { type Command, isSet, textOf, textsOf } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT } from './exit-codes.js';
import { printJson } from './look.js';
import { look } from './status.js';

/** gone: without having handed anything over. */
type End = 'left' | 'gone' | 'leaving';

const HANDED_NOTHING_OVER = 'has handed nothing over: the others take over when the coordinator is back';
const ANSWER_MS = 3_000;
const LOOK_EVERY_MS = 300;
/** Handing over a full disk takes its time; after this nobody looks on any more. */
const LEAVE_MS_MAX = 3_600_000;

export const leave: Command = {
  usage: 'leave [id]',
  describe: 'let a server hand over its chains and leave the ring',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage(
        'Usage: ppnfs leave [options] [id]\n\nLets a server on this machine leave the ring in good order.\nExit code 1: it did not leave, or it is gone and could hand nothing over: the coordinator was away.',
      )
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
    const end = isSet(found, 'no-wait') ? 'leaving' : await waitUntilGone(server, name, context);
    if (isSet(found, 'json')) printJson(context, { server, ordered: true, left: end === 'left', end });
    else if (end !== 'gone') context.stdout.write(end === 'left' ? `${name} has left\n` : `${name} is leaving\n`);
    if (end === 'gone') context.stderr.write(`ppnfs leave: ${name} is gone, but ${HANDED_NOTHING_OVER}\n`);
    return end === 'gone' ? EXIT.failed : EXIT.done;
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

/** It has gone when it says nothing more. */
async function waitUntilGone(server: string, name: string, { stderr, signal }: Context): Promise<End> {
  const untilMs = Date.now() + LEAVE_MS_MAX;
  let isCut = false;
  while (Date.now() < untilMs) {
    const answer = await askJson(server, { method: 'GET', path: '/status', timeoutMs: ANSWER_MS, signal });
    if (answer.kind === 'failed') return isCut ? 'gone' : 'left';
    const { state, coordinator } = (answer.json ?? {}) as Partial<NodeStatus>;
    const wasCut = isCut;
    isCut = state === 'leaving' && coordinator !== undefined && coordinator.phase !== 'connected';
    if (isCut && !wasCut)
      stderr.write(`ppnfs leave: ${name} cannot reach the coordinator: nobody takes over without it\n`);
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
  return 'leaving';
}
