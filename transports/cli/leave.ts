/** `ppnfs leave`: a server hands over what it keeps, and goes, without a failed request. */
import { setTimeout as pause } from 'node:timers/promises';
import { askJson } from '../client/http-json.js';
import type { NodeStatus } from '../launcher/status.js';
import { answerMsOf, httpServersFor, jsonOption, onceOptions } from './client-options.js';
import { type Command, isSet, textOf, textsOf } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT } from './exit-codes.js';
import { printJson } from './look.js';
import { look } from './status.js';
import type { StatusReport } from './status-report.js';

/** gone: without having handed anything over. */
type End = 'left' | 'gone' | 'leaving';

const HANDED_NOTHING_OVER = 'has handed nothing over: the others take over when the coordinator is back';
/** Whoever says nothing for so long is gone: less than that may only be a busy moment, whatever --timeout says. */
const GONE_MS = 3_000;
const LOOK_EVERY_MS = 300;
/** A server without its coordinator goes after 3 s; seen so only once, it may just have ended its session. */
const CUT_LOOKS_MIN = 2;
/** Handing over a full disk takes its time; after this nobody looks on any more. */
const LEAVE_MS_MAX = 3_600_000;

export const leave: Command = {
  usage: 'leave [id]',
  describe: 'let a server hand over its chains and leave the ring',
  build: (parser) =>
    onceOptions(jsonOption(parser))
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
    const servers = httpServersFor(found, context);
    const id = textOf(found, 'id');
    const waiting = { timeoutMs: answerMsOf(found), signal: context.signal };
    if (id === undefined && (textsOf(found, 'server').length === 0 || servers.servers.length !== 1)) {
      throw new WrongUsage('which server? Give its name, or its address with --server');
    }
    const server = id === undefined ? (servers.servers[0] as string) : addressOf(id, await look(servers, waiting));
    if (server === undefined) {
      context.stderr.write('ppnfs leave: no server answers\n');
      return EXIT.noServer;
    }
    const answer = await askJson(server, { method: 'POST', path: '/leave', ...waiting });
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

/** @returns undefined: nobody answers. @throws WrongUsage if others do */
function addressOf(id: string, { members, answering, best }: StatusReport): string | undefined {
  if (best === undefined) return undefined;
  const found = answering.find((each) => each.id === id);
  // Not the address it gives of itself: that may be another server here, or none, behind a forwarded port.
  if (found !== undefined) return found.server;
  const others = members.flatMap(({ member, status }) => (status === undefined ? [member.id] : []));
  const there = `there are: ${answering.map((each) => each.id).join(', ')}`;
  if (others.length === 0) throw new WrongUsage(`no server named ${id} answers; ${there}`);
  const hint = 'the ring does not tell their HTTP addresses: name it with --server';
  throw new WrongUsage(`no server named ${id} answers; ${there}; not heard: ${others.join(', ')}`, hint);
}

/** It has gone when it says nothing more. */
async function waitUntilGone(server: string, name: string, { stderr, signal }: Context): Promise<End> {
  const untilMs = Date.now() + LEAVE_MS_MAX;
  let cutLooks = 0;
  while (Date.now() < untilMs) {
    const answer = await askJson(server, { method: 'GET', path: '/status', timeoutMs: GONE_MS, signal });
    if (answer.kind === 'failed') return cutLooks >= CUT_LOOKS_MIN ? 'gone' : 'left';
    const { state, coordinator } = (answer.json ?? {}) as Partial<NodeStatus>;
    const isCut = state === 'leaving' && coordinator !== undefined && coordinator.phase !== 'connected';
    cutLooks = isCut ? cutLooks + 1 : 0;
    if (cutLooks === 1)
      stderr.write(`ppnfs leave: ${name} cannot reach the coordinator: nobody takes over without it\n`);
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
  return 'leaving';
}
