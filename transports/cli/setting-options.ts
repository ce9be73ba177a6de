/** The flags of a configuration: one for each key, with its help. Values are checked with the file's and the environment's. */
import type { Argv } from 'yargs';
import type { Fields } from '../launcher/config-fields.js';
import { variableOf } from './settings.js';

const HELP: Readonly<Record<keyof Fields, string>> = {
  id: 'name of this server, the same at every start',
  listen: 'ring port, for its successor and TCP clients (default: 127.0.0.1:7101)',
  http: 'HTTP port, for clients (default: 127.0.0.1:8101)',
  coordinator: 'tcp://HOST:PORT, file:FOLDER, or zk://HOST:PORT,HOST:PORT/PATH (USER:PASSWORD in PPNFS_ZOOKEEPER_AUTH)',
  data: 'folder for everything that is kept',
  advertise:
    'HOST:PORT under which others reach the ring port (default: as it listens); its host stands for an http of 0.0.0.0',
  nodes: 'how many servers (default: 5)',
  host: 'address to listen at (default: 127.0.0.1)',
  'ring-port': 'first of the ring ports, 0: free ones (default: 7101)',
  'http-port': 'first of the HTTP ports, 0: free ones (default: 8101)',
  'coordinator-port': 'of the embedded coordinator, 0: a free one (default: 7100)',
  store: 'disk or memory (default: disk)',
  capacity: 'most that a server keeps, as in 100GiB (default: what there is room for)',
  link: 'how servers talk to each other: tcp or http (default: tcp)',
  durability: 'when a write counts: memory, os or fsync (default: fsync, on a disk)',
  chain: 'servers that keep each file (default: 3)',
  'min-replicas': 'writes are refused while fewer keep it (default: 2, or 1 of 1)',
  shards: 'slices of the path space (default: 128)',
  chunk: 'size of a piece of a file (default: 256KiB)',
  stream: 'bytes in transit at each server (default: 4MiB)',
  'allow-public': 'listen where other machines can connect: there is no password',
  'log-level': 'silent, fatal, error, warn, info, debug or trace (default: info)',
  'log-pretty': 'log lines for people instead of JSON',
};

const FOUNDING = ['durability', 'chain', 'min-replicas', 'shards', 'chunk', 'stream'];
const SWITCHES = ['allow-public', 'log-pretty'];

/** @param own help for keys that mean something particular here */
export function settingOptions(
  parser: Argv,
  keys: readonly (keyof Fields)[],
  own: Partial<Record<keyof Fields, string>> = {},
): Argv {
  for (const key of keys) {
    const isSwitch = SWITCHES.includes(key);
    parser.option(key, {
      ...(isSwitch ? { type: 'boolean' } : { type: 'string', requiresArg: true }),
      group: FOUNDING.includes(key) ? 'Fixed when the ring is founded:' : 'Settings:',
      describe: own[key] ?? HELP[key],
    });
  }
  const [first = 'id'] = keys;
  return parser
    .option('config', {
      type: 'string',
      requiresArg: true,
      group: 'Settings:',
      describe: 'a YAML or JSON file with the same keys, as in "chain: 3"',
    })
    .epilogue(`A flag counts before the file, the file before the environment (${variableOf(first)} and so on).`);
}
