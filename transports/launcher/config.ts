/**
 * What a process of the real world is told before it starts: a server, a coordinator, or a whole ring on this machine.
 * Knows words and their bounds. Reads no file, no environment and no command line (see cli/): it is given raw values
 * by key and says everything that is wrong with them at once, or returns a configuration that can be used as it is.
 */
import { nearest } from '../../core/suggest.js';
import { quote } from '../../core/wrong-value.js';
import type { HostPort } from '../leaves/host-port.js';
import {
  type ConfigProblem,
  type Fields,
  fields,
  type LinkKind,
  type LogLevel,
  type StoreKind,
} from './config-fields.js';
import { COORDINATOR_KEYS, NODE_KEYS, RING_KEYS } from './config-keys.js';
import { type FoundingWish, foundingProblems, foundingWish } from './founding.js';

/** What every server of a ring is told alike. */
interface ServerConfig {
  readonly store: StoreKind;
  /** Bytes of files a server keeps at most; undefined: what the disk has room for. */
  readonly capacityBytes: number | undefined;
  /** How servers talk to each other. */
  readonly link: LinkKind;
  /** Only what was said plainly: the ring's own settings count, and must not contradict it. */
  readonly founding: FoundingWish;
  readonly logLevel: LogLevel;
  readonly logPretty: boolean;
}

export interface NodeConfig extends ServerConfig {
  readonly id: string;
  /** Where its successor dials it, and clients of the TCP protocol. Port 0: any free one. */
  readonly listen: HostPort;
  readonly http: HostPort;
  /** `tcp://host:port`, or `zk://host:port,host:port/folder`. */
  readonly coordinator: string;
  /** Folder of this server's own; undefined only where the store is `memory`. */
  readonly data: string | undefined;
  /** The ring address that others dial, where it is another than `listen`. */
  readonly advertise: HostPort | undefined;
}

/** `ppnfs up`: a ring on this machine. */
export interface RingConfig extends ServerConfig {
  readonly servers: number;
  /** One folder for everything; ring.json, coordinator.txt and a folder for each server lie in it. */
  readonly data: string;
  readonly host: string;
  /** First of the servers' ports, one after the other; 0: any free ones. */
  readonly ringPort: number;
  readonly httpPort: number;
  /** Port of the embedded coordinator; 0: any free one. Without meaning if `coordinator` is given. */
  readonly coordinatorPort: number;
  /** Undefined: an embedded one is started, too. */
  readonly coordinator: string | undefined;
}

export interface CoordinatorConfig {
  readonly listen: HostPort;
  readonly data: string;
  readonly logLevel: LogLevel;
  readonly logPretty: boolean;
}

/** Values by key, as they came: text from flags and environment, anything from a file. Undefined: not given. */
export type RawConfig = Readonly<Record<string, unknown>>;

export type Checked<Config> =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

type FieldName = keyof Fields;
/** What was sound; a key with a problem is not there. */
type Sound = { readonly [Name in FieldName]?: Fields[Name] };

export const DEFAULT_DATA_FOLDER = './ppnfs-data';
export const DEFAULT_RING: Omit<RingConfig, 'founding'> = {
  servers: 5,
  data: DEFAULT_DATA_FOLDER,
  host: '127.0.0.1',
  ringPort: 7101,
  httpPort: 8101,
  coordinatorPort: 7100,
  coordinator: undefined,
  store: 'disk',
  capacityBytes: undefined,
  link: 'tcp',
  logLevel: 'info',
  logPretty: false,
};
const DEFAULT_NODE_LISTEN: HostPort = { host: '127.0.0.1', port: 7101 };
const DEFAULT_NODE_HTTP: HostPort = { host: '127.0.0.1', port: 8101 };
const DEFAULT_COORDINATOR_LISTEN: HostPort = { host: '127.0.0.1', port: 7100 };

export function checkNodeConfig(raw: RawConfig): Checked<NodeConfig> {
  const { sound, problems } = checkFields(raw, NODE_KEYS);
  const say = complaints(problems, raw);
  const listen = sound.listen ?? DEFAULT_NODE_LISTEN;
  const http = sound.http ?? DEFAULT_NODE_HTTP;
  const store = sound.store ?? DEFAULT_RING.store;
  if (isAbsent(raw, 'id')) say('id', 'is missing: every server has a name of its own, such as n1');
  if (isAbsent(raw, 'coordinator')) say('coordinator', 'is missing: say where, as in tcp://127.0.0.1:7100');
  if (isAbsent(raw, 'data') && store === 'disk') {
    say('data', 'is missing: a store on the disk needs a folder of its own (or use the store "memory")');
  }
  checkPublic(sound, say, { listen, http });
  if (isUnspecified(listen.host) && sound.advertise === undefined && isAbsent(raw, 'advertise')) {
    say('advertise', `is missing: others cannot dial ${listen.host}, so say under which address they find this server`);
  }
  if (sound.advertise !== undefined && (isUnspecified(sound.advertise.host) || sound.advertise.port === 0)) {
    say('advertise', 'must be an address that others can dial');
  }
  if (listen.port !== 0 && listen.port === http.port && listen.host === http.host) {
    say('http', 'must be another port than that of listen');
  }
  problems.push(...foundingProblems(sound, store));
  if (problems.length > 0) return { ok: false, problems };
  const config: NodeConfig = {
    ...serverConfig(sound),
    id: sound.id as string,
    listen,
    http,
    coordinator: sound.coordinator as string,
    data: store === 'memory' ? undefined : sound.data,
    advertise: sound.advertise,
  };
  return { ok: true, config };
}

export function checkRingConfig(raw: RawConfig): Checked<RingConfig> {
  const { sound, problems } = checkFields(raw, RING_KEYS);
  const say = complaints(problems, raw);
  const host = sound.host ?? DEFAULT_RING.host;
  checkPublic(sound, say, { host: { host, port: 0 } });
  if (isUnspecified(host)) say('host', 'must be an address that the servers can dial each other at');
  const servers = sound.nodes ?? DEFAULT_RING.servers;
  const ports = {
    ringPort: sound['ring-port'] ?? DEFAULT_RING.ringPort,
    httpPort: sound['http-port'] ?? DEFAULT_RING.httpPort,
    coordinatorPort: sound['coordinator-port'] ?? DEFAULT_RING.coordinatorPort,
  };
  checkPorts(ports, servers, sound.coordinator !== undefined, say);
  problems.push(...foundingProblems(sound, sound.store ?? DEFAULT_RING.store));
  if (problems.length > 0) return { ok: false, problems };
  const config: RingConfig = {
    ...serverConfig(sound),
    ...ports,
    servers,
    data: sound.data ?? DEFAULT_RING.data,
    host,
    coordinator: sound.coordinator,
  };
  return { ok: true, config };
}

export function checkCoordinatorConfig(raw: RawConfig): Checked<CoordinatorConfig> {
  const { sound, problems } = checkFields(raw, COORDINATOR_KEYS);
  const say = complaints(problems, raw);
  const listen = sound.listen ?? DEFAULT_COORDINATOR_LISTEN;
  if (isAbsent(raw, 'data')) say('data', 'is missing: the register is kept in a folder, so that it survives a restart');
  checkPublic(sound, say, { listen });
  if (problems.length > 0) return { ok: false, problems };
  const { logLevel, logPretty } = serverConfig(sound);
  return { ok: true, config: { listen, data: sound.data as string, logLevel, logPretty } };
}

function checkFields(raw: RawConfig, keys: readonly FieldName[]): { sound: Sound; problems: ConfigProblem[] } {
  const sound: Partial<Record<FieldName, unknown>> = {};
  const problems: ConfigProblem[] = [];
  for (const [key, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const name = keys.find((known) => known === key);
    if (name === undefined) {
      const suggestion = nearest(key, keys);
      problems.push({ key, message: `unknown key ${quote(key)}`, suggestion, isKey: true });
      continue;
    }
    const read = fields[name].safeParse(value);
    if (read.success) sound[name] = read.data;
    else for (const issue of read.error.issues.slice(0, 1)) problems.push(problemOf(name, value, issue));
  }
  return { sound: sound as Sound, problems };
}

interface Issue {
  readonly code: string;
  readonly message: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** Our own checks speak for themselves; zod's words are only for what is not even text. */
function problemOf(key: string, value: unknown, issue: Issue): ConfigProblem {
  const message = issue.code === 'custom' ? issue.message : `${quote(value)} is not a value for it`;
  const suggestion = issue.params?.['suggestion'];
  return { key, message, suggestion: typeof suggestion === 'string' ? suggestion : undefined, isKey: false };
}

type Say = (key: FieldName, message: string) => void;

/** One word about one key is enough: what follows from a wrong value is not told beside it. */
function complaints(problems: ConfigProblem[], raw: RawConfig): Say {
  return (key, message) => {
    if (problems.some((problem) => problem.key === key)) return;
    problems.push({ key, message, suggestion: undefined, isKey: raw[key] === undefined });
  };
}

const isAbsent = (raw: RawConfig, key: FieldName): boolean => raw[key] === undefined;

/** Files are served to whoever can connect: nobody shall do that to a network by oversight. */
function checkPublic(sound: Sound, say: Say, addresses: { readonly [Key in FieldName]?: HostPort }): void {
  if (sound['allow-public'] === true) return;
  for (const [key, { host }] of Object.entries(addresses)) {
    if (isLoopback(host)) continue;
    const reach = `${quote(host)} can be reached from other machines, by anybody there`;
    say(key as FieldName, `${reach}: say --allow-public if that is meant, or use 127.0.0.1`);
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Every address of the machine: to listen at, not to call. */
export const isUnspecified = (host: string): boolean => host === '0.0.0.0' || host === '::' || host === '';

type Ports = Pick<RingConfig, 'ringPort' | 'httpPort' | 'coordinatorPort'>;

function checkPorts(ports: Ports, servers: number, hasCoordinator: boolean, say: Say): void {
  const spans: readonly (readonly [FieldName, number, number])[] = [
    ['ring-port', ports.ringPort, servers],
    ['http-port', ports.httpPort, servers],
    ...(hasCoordinator ? [] : [['coordinator-port', ports.coordinatorPort, 1] as const]),
  ];
  const wanted = spans.filter(([, first]) => first !== 0);
  for (const [key, first, count] of wanted) {
    if (first + count - 1 > 65_535) say(key, `${first} and the ${count - 1} ports behind it do not all exist`);
    const other = wanted.find(([name, from, many]) => name < key && from < first + count && first < from + many);
    if (other !== undefined) say(key, `its ports overlap with those of ${other[0]}`);
  }
}

function serverConfig(sound: Sound): ServerConfig {
  return {
    store: sound.store ?? DEFAULT_RING.store,
    capacityBytes: sound.capacity,
    link: sound.link ?? DEFAULT_RING.link,
    founding: foundingWish(sound),
    logLevel: sound['log-level'] ?? DEFAULT_RING.logLevel,
    logPretty: sound['log-pretty'] ?? DEFAULT_RING.logPretty,
  };
}
