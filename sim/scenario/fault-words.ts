/**
 * Every fault that a step can strike: one table, from which the schema, the check of keys, `--list-faults`, chaos and
 * the figures of a run all take their words. Knows words; neither YAML nor how a fault is struck.
 */

export const FAMILIES = {
  processes: 'Servers: crash, power, freeze',
  membership: 'The ring: who comes and goes',
  disks: 'Disks',
  clocks: 'Clocks',
  network: 'The network',
  coordinator: 'The coordinator, and sessions with it',
  chaos: 'Anything',
} as const;
export type Family = keyof typeof FAMILIES;

/** What stands behind the word: servers, a link, the coordinator, … */
export type Target = 'group' | 'who' | 'link' | 'path' | 'coordinator' | 'partition' | 'network' | 'words';
/** Keys that go with a fault and are no trigger. */
type Detail = 'power' | 'disk' | 'for' | 'from' | 'what' | 'path' | 'of' | 'times' | 'by' | 'to' | 'at-most';

interface Word<T extends Target> {
  readonly family: Family;
  readonly target: T;
  readonly help: string;
  readonly details: readonly Detail[];
  /** A whole step. */
  readonly example: string;
}

function word<T extends Target>(
  family: Family,
  target: T,
  help: string,
  details: readonly Detail[],
  example: string,
): Word<T> {
  return { family, target, help, details, example };
}

const processes = {
  crash: word(
    'processes',
    'group',
    'The processes die; their connections are reset. With power: true, the machines lose power. They start again after for, or by a restart.',
    ['power', 'for'],
    'when: head(/a.txt) has appended first, crash: head(/a.txt)',
  ),
  'power-loss': word(
    'processes',
    'group',
    'The machines lose power: their processes die, and their disks lose what was not synced.',
    ['for'],
    'at: 2s, power-loss: all, for: 1s',
  ),
  restart: word(
    'processes',
    'group',
    'Starts what is down, with its disk kept (default), wiped, or stale: as it was at its last snapshot.',
    ['disk'],
    'at: 4s, restart: n3, disk: wiped',
  ),
  reboot: word(
    'processes',
    'group',
    'A crash that ends after for (default 1s): the server starts again, with such a disk.',
    ['for', 'power', 'disk'],
    'at: 2s, reboot: n3, power: true, for: 500ms',
  ),
  pause: word(
    'processes',
    'group',
    'Freezes servers: they neither run nor answer, their connections stay.',
    ['for'],
    'at: 2s, pause: n3, for: 1s',
  ),
  resume: word('processes', 'group', 'Ends a pause.', [], 'at: 4s, resume: n3'),
};

const membership = {
  join: word('membership', 'group', 'Spares start, and come into the ring.', [], 'at: 2s, join: n6'),
  leave: word('membership', 'group', 'An operator lets servers leave in good order.', [], 'at: 2s, leave: n2'),
  remove: word('membership', 'who', 'An operator strikes a living server from the register.', [], 'at: 2s, remove: n3'),
  revive: word(
    'membership',
    'path',
    'An operator brings the lost shard of this path back with what one server has.',
    ['from'],
    'at: 9s, revive: /a.txt, from: n2',
  ),
};

const disks = {
  snapshot: word(
    'disks',
    'group',
    'Keeps a copy of the disk for a restart with a stale one.',
    [],
    'at: 1s, snapshot: n3',
  ),
  torn: word(
    'disks',
    'group',
    'When the machine next loses power, the last record that is left is torn.',
    [],
    'at: 1s, torn: n3',
  ),
  'lose-unsynced': word(
    'disks',
    'group',
    'When the machine next loses power, all that is not synced is lost (else the seed says how much).',
    [],
    'at: 1s, lose-unsynced: n3',
  ),
  'lost-rename': word(
    'disks',
    'group',
    'When the machine next loses power, its newest tables were never renamed into place: the ones before come back.',
    [],
    'at: 1s, lost-rename: n3',
  ),
  bitrot: word(
    'disks',
    'group',
    'One record turns bad: what: chunk (default) or log, of this path if one is named.',
    ['what', 'path'],
    'at: 2s, bitrot: tail(/a.txt), path: /a.txt',
  ),
  eio: word(
    'disks',
    'group',
    'Reads, or writes, fail: of: read or of: write.',
    ['of', 'for'],
    'at: 2s, eio: n3, of: write, for: 1s',
  ),
  full: word('disks', 'group', 'There is no room for chunks.', ['for'], 'at: 2s, full: n3, for: 2s'),
  'slow-disk': word(
    'disks',
    'group',
    'All the disk does takes so many times as long.',
    ['times', 'for'],
    'at: 2s, slow-disk: n3, times: 20, for: 2s',
  ),
};

const clocks = {
  skew: word(
    'clocks',
    'group',
    'From its next start on the clock is so much off.',
    ['by'],
    'at: 1s, skew: n3, by: -2s',
  ),
  drift: word(
    'clocks',
    'group',
    'The clock gains so many seconds in a thousand, or loses them where by is negative.',
    ['by', 'for'],
    'at: 1s, drift: n3, by: 50, for: 5s',
  ),
  jump: word(
    'clocks',
    'group',
    'The clock leaps forward; backward, the wall clock does, which shows at the next start.',
    ['by'],
    'at: 2s, jump: n3, by: 1h',
  ),
  freeze: word(
    'clocks',
    'group',
    'The clock stands still, and no timer fires.',
    ['for'],
    'at: 2s, freeze: n3, for: 2s',
  ),
};

const network = {
  partition: word(
    'network',
    'partition',
    'Cuts the network in parts: split, or isolate. The coordinator can be named like a server.',
    ['for'],
    'at: 2s, partition: { split: [[n1, n2], [n3, n4, n5]] }, for: 4s',
  ),
  silence: word(
    'network',
    'link',
    'What is sent over the link is lost without a word.',
    ['for'],
    'at: 2s, silence: n1 > n2, for: 2s',
  ),
  hold: word(
    'network',
    'link',
    'What is sent over the link waits and comes later, in order.',
    ['for'],
    'at: 2s, hold: n1 > n2, for: 1s',
  ),
  release: word('network', 'link', 'Ends a hold.', [], 'at: 3s, release: n1 > n2'),
  reset: word(
    'network',
    'link',
    'Breaks the connection: what is under way is lost, both ends are told.',
    [],
    'at: 2s, reset: n1 - n2',
  ),
  delay: word(
    'network',
    'link',
    'Makes the link slower to answer: by so much.',
    ['by', 'for'],
    'at: 2s, delay: n1 > n2, by: 50ms..60ms, for: 2s',
  ),
  rate: word(
    'network',
    'link',
    'Narrows the link, to this rate.',
    ['to', 'for'],
    'at: 2s, rate: n1 > n2, to: 1MB/s, for: 2s',
  ),
  heal: word('network', 'network', 'Everything broken in the network is well again.', [], 'at: 9s, heal: network'),
};

const coordinator = {
  expire: word(
    'coordinator',
    'group',
    'The session ends at the coordinator; its owner hears of it when it may.',
    [],
    'at: 2s, expire: n3',
  ),
  disconnect: word(
    'coordinator',
    'group',
    'The server cannot reach the coordinator.',
    ['for'],
    'at: 2s, disconnect: n3, for: 3s',
  ),
  'lose-reply': word(
    'coordinator',
    'group',
    'The next call, to: create, set, delete or any (default), is carried out, and its reply is lost with the connection.',
    ['to'],
    'at: 2s, lose-reply: n3, to: create',
  ),
  'lose-watch': word('coordinator', 'group', 'The next notice of a watch is lost.', [], 'at: 2s, lose-watch: n3'),
  'delay-watch': word(
    'coordinator',
    'group',
    'The next notice of a watch comes so late.',
    ['by'],
    'at: 2s, delay-watch: n3, by: 2s',
  ),
  'stale-read': word(
    'coordinator',
    'group',
    'Reads of the register are answered from the past: by a follower that has seen nothing new since.',
    ['for'],
    'at: 2s, stale-read: n3, for: 2s',
  ),
  ghost: word(
    'coordinator',
    'group',
    'What the session owned stays although the session is over.',
    ['for'],
    'at: 2s, ghost: n3, for: 5s',
  ),
  'leader-change': word(
    'coordinator',
    'coordinator',
    'A new leader: connections break, calls under way have no known outcome, sessions survive.',
    [],
    'at: 2s, leader-change: coordinator',
  ),
  outage: word(
    'coordinator',
    'coordinator',
    'The coordinator answers nobody.',
    ['for'],
    'at: 2s, outage: coordinator, for: 2min',
  ),
};

const chaos = {
  chaos: word(
    'chaos',
    'words',
    'Faults drawn by the seed, of all words, of families or of a list: within what the chains must survive, at most at-most servers at one time (default: one less than keep each file), each for so long.',
    ['at-most', 'for'],
    'chaos: all, every: 300ms..900ms, from: 2s, until: 20s, for: 200ms..3s',
  ),
};

export const FAULT_WORDS = { ...processes, ...membership, ...disks, ...clocks, ...network, ...coordinator, ...chaos };
export type FaultKey = keyof typeof FAULT_WORDS;
export const FAULT_KEYS = Object.keys(FAULT_WORDS) as readonly FaultKey[];
export const isFaultKey = (key: string): key is FaultKey => Object.hasOwn(FAULT_WORDS, key);

/** Those that end or mend something: chaos ends its faults by itself. */
const ENDINGS: readonly FaultKey[] = ['restart', 'resume', 'revive', 'release', 'heal', 'chaos'];
export const CHAOS_WORDS = FAULT_KEYS.filter((key) => !ENDINGS.includes(key)) as readonly ChaosWord[];
export type ChaosWord = Exclude<FaultKey, 'restart' | 'resume' | 'revive' | 'release' | 'heal' | 'chaos'>;

/** The names under which faults of this word are counted and told of: partitions are of two kinds. */
export const namesOf = (key: FaultKey): readonly string[] => (key === 'partition' ? ['split', 'isolate'] : [key]);
