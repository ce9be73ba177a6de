/**
 * A coordinator by its URL: `tcp://HOST:PORT` the embedded one, `zk://HOST:PORT,…/PATH` ZooKeeper, `file:…` the file in
 * which the embedded one left its address. ZooKeeper's package is optional, and loaded only when it is asked for.
 */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HostPort, hostPortText, parseHostPort } from '../leaves/host-port.js';
import { ADDRESS_FILE, readAddressFile } from './address.js';
import type { Coordinator } from './coordinator.js';
import { connectEmbedded } from './embedded/client.js';
import { SESSION_MS } from './embedded/limits.js';
import { type Log, NO_LOG } from './log.js';

export interface ZooKeeperAuth {
  readonly user: string;
  readonly password: string;
}

/** Holds `USER:PASSWORD`. */
export const AUTH_VARIABLE = 'PPNFS_ZOOKEEPER_AUTH';

export interface OpenOptions {
  readonly log?: Log;
  /** How long a session outlives its last heartbeat, where the client decides that (ZooKeeper). */
  readonly sessionMs?: number;
  /**
   * With it, what is kept at ZooKeeper may be read by everybody and changed only by whoever knows these. Default: what
   * the environment says, for a flag or a URL would show it to everybody on the machine.
   */
  readonly auth?: ZooKeeperAuth;
}

export type CoordinatorUrl =
  | { readonly kind: 'embedded'; readonly addresses: readonly HostPort[] }
  /** `path`: the folder of its keys. */
  | { readonly kind: 'zookeeper'; readonly addresses: readonly HostPort[]; readonly path: string };

/** Where the keys are when the URL names no folder. */
const ZOOKEEPER_ROOT = '/ppnfs';

const EXAMPLES =
  `tcp://127.0.0.1:7100 (embedded coordinator), zk://10.0.0.1:2181,10.0.0.2:2181/ppnfs (ZooKeeper), ` +
  `or file:DIR/${ADDRESS_FILE}`;

/** @throws with a sentence for the operator. Reads the file that a `file:` URL names. */
export function parseCoordinatorUrl(url: string): CoordinatorUrl {
  const file = fileOf(url);
  if (file !== undefined) return parseNetworkUrl(readAddressFile(file), ` (from ${file})`);
  return parseNetworkUrl(url, '');
}

/** @throws with a sentence for the operator. */
export async function openCoordinator(url: string, options: OpenOptions = {}): Promise<Coordinator> {
  const parsed = parseCoordinatorUrl(url);
  if (parsed.kind === 'zookeeper') return openZooKeeper(parsed, options);
  const { addresses } = parsed;
  return connectEmbedded(fileOf(url) === undefined ? addresses : latestOf(url, addresses), options.log ?? NO_LOG);
}

/** It may be started again at another port, and leaves its address in the same file. */
function latestOf(url: string, first: readonly HostPort[]): () => readonly HostPort[] {
  let latest = first;
  return () => {
    try {
      const parsed = parseCoordinatorUrl(url);
      if (parsed.kind === 'embedded') latest = parsed.addresses;
    } catch {
      // What it said last holds: it says nothing while there is none.
    }
    return latest;
  };
}

function fileOf(url: string): string | undefined {
  const isFile = url.startsWith('file:') || /(^|[/\\])coordinator\.txt$/.test(url);
  if (!isFile) return undefined;
  const path = url.startsWith('file://') ? fileURLToPath(url) : url.replace(/^file:/, '');
  return existsSync(path) && statSync(path).isDirectory() ? join(path, ADDRESS_FILE) : path;
}

function parseNetworkUrl(url: string, from: string): CoordinatorUrl {
  const bad = (why: string): Error => new Error(`"${url}"${from} is no coordinator: ${why}. Examples: ${EXAMPLES}`);
  const [, scheme, hosts = '', path = ''] = /^([a-z]+):\/\/([^/]*)(\/.*)?$/.exec(url) ?? [];
  if (scheme !== 'tcp' && scheme !== 'zk') throw bad('it begins neither with tcp:// nor with zk://');
  const addresses = hosts.split(',').map((text) => {
    const address = parseHostPort(text);
    if (address === undefined) throw bad(`"${text}" is not HOST:PORT`);
    return address;
  });
  if (scheme === 'zk') {
    const isPath = path === '' || path === '/' || /^(\/[^/\s]+)+$/.test(path);
    if (!isPath) throw bad(`"${path}" is no path of a znode`);
    return { kind: 'zookeeper', addresses, path: path === '' || path === '/' ? ZOOKEEPER_ROOT : path };
  }
  if (path !== '' && path !== '/') throw bad(`nothing follows the port, but "${path}" does`);
  return { kind: 'embedded', addresses };
}

/** Without its package it says what to type. */
async function openZooKeeper(
  { addresses, path }: Extract<CoordinatorUrl, { kind: 'zookeeper' }>,
  { log = NO_LOG, sessionMs = SESSION_MS, auth = authOf(process.env[AUTH_VARIABLE]) }: OpenOptions,
): Promise<Coordinator> {
  const { connectZooKeeper } = await import('./zookeeper/zookeeper.js');
  const servers = addresses.map(hostPortText).join(',');
  return connectZooKeeper({ servers, root: path, sessionMs, log, ...(auth === undefined ? {} : { auth }) });
}

/** @throws with a sentence for the operator, which does not repeat the secret. */
export function authOf(text: string | undefined): ZooKeeperAuth | undefined {
  if (text === undefined || text === '') return undefined;
  const [, user, password] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  if (user === undefined || password === undefined) throw new Error(`${AUTH_VARIABLE} must be USER:PASSWORD`);
  return { user, password };
}
