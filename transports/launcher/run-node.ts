/**
 * A server as a process: its log, its signals, its launcher if it has one, its exit code.
 * SIGTERM: hand over to the others, then go. SIGINT, or the launcher's word or end: go at once, as a restart would.
 */
import type { Logger } from 'pino';
import { createLog } from '../serving/log.js';
import type { NodeConfig } from './config.js';
import { makeFolder } from './folders.js';
import { letHeapGrow } from './heap.js';
import { isLauncherSays, LAUNCHED, type ServerSays } from './messages.js';
import { type NodeEnd, type RunningNode, startNode } from './node.js';

/** `software` in sysexits.h: a broken invariant, or a store that cannot be read. */
const BROKEN = 70;
/** `tempfail`: it may not take part as it is; an operator has to look. */
const KEPT_OUT = 75;

const EXIT_CODES: Readonly<Record<NodeEnd['how'], number>> = {
  left: 0,
  stopped: 0,
  'kept-out': KEPT_OUT,
  broken: BROKEN,
};

/** @returns the exit code. @throws what startNode throws: then nothing was started. */
export async function runNode(config: NodeConfig, asked: AbortSignal): Promise<number> {
  letHeapGrow();
  if (config.data !== undefined) await makeFolder(config.data);
  const log = createLog({ level: config.logLevel, pretty: config.logPretty, bindings: { server: config.id } });
  const node = await startNode(config, log);
  const forget = listenToOrders(node, log);
  // What was said before anybody listened.
  if (process.env[LAUNCHED] !== undefined && !process.connected) node.stop();
  if (asked.aborted && asked.reason === 'SIGTERM') node.leave();
  else if (asked.aborted) node.stop();
  tellLauncher({ kind: 'listening', ring: node.ring, http: node.http });
  const end = await node.ended;
  forget();
  if (end.how !== 'stopped' && end.how !== 'left') tellLauncher({ kind: 'ends', why: end.why });
  return EXIT_CODES[end.how];
}

/** The second signal means it: the process ends where it stands, as `kill -9` would. */
function listenToOrders(node: RunningNode, log: Logger): () => void {
  let asked = 0;
  const order = (signal: NodeJS.Signals, carryOut: () => void): (() => void) => {
    const onSignal = (): void => {
      if (++asked > 1) process.exit(signal === 'SIGINT' ? 130 : 143);
      log.info({ signal }, 'asked to end');
      carryOut();
    };
    process.on(signal, onSignal);
    return () => process.off(signal, onSignal);
  };
  const forgetTerm = order('SIGTERM', () => node.leave());
  const forgetInt = order('SIGINT', () => node.stop());
  const forgetHup = order('SIGHUP', () => node.stop());
  const onMessage = (message: unknown): void => {
    if (isLauncherSays(message)) node.stop();
  };
  // Whoever started it is gone, however it ended: a server nobody knows of must not stay behind.
  const onDisconnect = (): void => node.stop();
  process.on('message', onMessage);
  process.on('disconnect', onDisconnect);
  return () => {
    for (const forget of [forgetTerm, forgetInt, forgetHup]) forget();
    process.off('message', onMessage);
    process.off('disconnect', onDisconnect);
  };
}

function tellLauncher(message: ServerSays): void {
  if (process.connected) process.send?.(message);
}
