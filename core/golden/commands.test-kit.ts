/** The words a golden script may use. Each command's form is its key below; a wrong one is refused with file and line. */
import type { Precondition } from '../file.js';
import type { Frame } from '../frame.js';
import { type Play, type Player, serverNamed, serversNamed, Words } from './command.test-kit.js';
import { answer, entry, found, founders, nextView, readView, session, spare } from './ring-commands.test-kit.js';
import { type Runner, ScriptError } from './script.test-kit.js';
import { linksText, stateText } from './state-text.test-kit.js';
import type { Connection, World } from './world.test-kit.js';

interface Direction {
  readonly connection: Connection;
  readonly way: 'forward' | 'backward';
}

function direction({ world }: Player, words: Words): Direction {
  const text = words.take('a link');
  const match = /^([^<>]+)([<>])([^<>]+)$/.exec(text) ?? words.fail(`"${text}" is not a link such as n1>n2`);
  const connection = world.connection(match[1] as string, match[3] as string) ?? words.fail(`there is no link ${text}`);
  return { connection, way: match[2] === '>' ? 'forward' : 'backward' };
}

function precondition(words: Words): Precondition {
  return words.accept('if') ? words.take('a precondition') : undefined;
}

function numbers(target: Record<string, number>, words: Words): void {
  while (words.has()) target[words.take('a name')] = words.count('a number');
}

const DURABILITIES = ['memory', 'os', 'fsync'] as const;

function settings({ settings }: Player, words: Words): void {
  if (words.accept('durability')) {
    const name = words.take('a durability');
    const durability = DURABILITIES.find((known) => known === name) ?? words.fail(`there is no durability ${name}`);
    Object.assign(settings, { durability });
  }
  numbers(settings as Record<string, number>, words);
}

function put(player: Player, words: Words): void {
  const server = serverNamed(player, words);
  const path = words.take('a path');
  const count = words.count('the number of chunks or bytes');
  const isSmall = words.accept('bytes');
  if (!isSmall && !words.accept('chunk')) words.expect('chunks');
  words.expect('as');
  const name = words.take('a name');
  const size = isSmall ? { chunks: 1, bytes: count } : { chunks: count };
  player.world.clients.put({ server, path, name, ...size, precondition: precondition(words) });
}

/** A put from beginning to end, of which only the answer is told. */
function given(player: Player, words: Words): void {
  const { world } = player;
  put(player, words);
  world.settle();
  for (const line of world.transcript.take()) if (line.includes(' answers ')) world.say(line.trim());
}

function get(player: Player, words: Words): void {
  const { world } = player;
  const server = serverNamed(player, words);
  const path = words.take('a path');
  words.expect('as');
  const name = words.take('a name');
  const { chunkBytes } = server.state.view.settings;
  let [from, to]: [number, number | undefined] = [0, undefined];
  if (words.accept('chunks')) {
    const [first = '', last = first] = words.take('chunks').split('..');
    [from, to] = [words.number(first) * chunkBytes, (words.number(last) + 1) * chunkBytes];
  }
  const consistency = words.accept('eventual') ? 'eventual' : 'linearizable';
  const request = world.clients.ask(server, name, { kind: 'get', path, from, to, consistency });
  if (!words.accept('slowly')) world.clients.take(server, request);
}

function remove(player: Player, words: Words): void {
  const { world } = player;
  const server = serverNamed(player, words);
  const path = words.take('a path');
  words.expect('as');
  const name = words.take('a name');
  const operation = world.names.operationCalled(name, world.now);
  world.clients.ask(server, name, { kind: 'delete', path, operation, precondition: precondition(words) });
}

function list(player: Player, words: Words): void {
  const server = serverNamed(player, words);
  const prefix = words.take('a prefix');
  words.expect('as');
  const name = words.take('a name');
  const after = words.accept('after') ? words.take('a path') : '';
  const limit = words.accept('limit') ? words.count('a limit') : 100;
  player.world.clients.ask(server, name, { kind: 'list', prefix, after, limit });
}

function deliver(player: Player, words: Words): void {
  const { connection, way } = direction(player, words);
  let count = words.has() ? words.count('a count') : connection[way].length;
  for (; count > 0; count--) player.world.deliver(connection, way);
}

function run(player: Player, words: Words): void {
  const { world } = player;
  for (const server of serversNamed(player, words)) {
    for (const one of world.connections.filter(({ to }) => to === server.id)) {
      for (let left = one.forward.length; left > 0; left--) world.deliver(one, 'forward');
    }
  }
}

function reset(player: Player, words: Words): void {
  const { connection } = direction(player, words);
  if (words.accept('keep'))
    for (let left = words.count('a count'); left > 0; left--) player.world.deliver(connection, 'forward');
  player.world.breakDown(connection);
}

/** Takes the first frame out of the middle of a link: a peer's fault, for no link of ours does this. */
function steal(player: Player, words: Words): void {
  const { connection, way } = direction(player, words);
  connection[way].shift();
}

function persist(player: Player, words: Words): void {
  if (words.accept('at-once')) player.world.persistsAtOnce = true;
  else if (words.accept('first')) player.world.persist(serverNamed(player, words), words.count('a count'));
  else for (const server of serversNamed(player, words)) player.world.persist(server);
}

function wake(player: Player, words: Words): void {
  const { world } = player;
  const server = serverNamed(player, words);
  const after = /^\+(\d+)ms$/.exec(words.take('a time')) ?? words.fail('a time is written +400ms');
  world.now += Number(after[1]);
  world.feed(server, { kind: 'wake' });
}

/** Takes a chunk off a disk. `isTold`: the disk says that it never took it. */
function loseChunk(player: Player, words: Words, isTold: boolean): void {
  const server = serverNamed(player, words);
  const [name = '', index = ''] = words.take('a chunk').split('#');
  const upload = player.world.names.uploadCalled(name) ?? words.fail(`there is no upload ${name}`);
  if (!server.chunks.delete(`${upload}#${index}`)) words.fail(`${server.id} does not hold ${name}#${index}`);
  if (isTold) player.world.feed(server, { kind: 'chunk-unwritten', upload, index: Number(index) });
}

const COMMANDS: Readonly<Record<string, Play>> = {
  'limits NAME NUMBER …': ({ limits }, words) => numbers(limits, words),
  'settings [durability memory | os | fsync] NAME NUMBER …': settings,
  'ring SERVER … chain SERVER … [/ SERVER …]': found,
  'founders SERVER …': founders,
  'show FRAME-KIND …': ({ world }, words) => {
    for (const kind of words.rest())
      if (!world.quiet.delete(kind as Frame['kind'])) words.fail(`${kind} is shown anyway`);
  },
  'put SERVER PATH COUNT chunks | bytes as NAME [if PRECONDITION]': put,
  'given SERVER PATH COUNT chunks | bytes as NAME': given,
  'upload SERVER PATH as NAME': (player, words) => {
    const server = serverNamed(player, words);
    const path = words.take('a path');
    words.expect('as');
    player.world.clients.put({ server, path, name: words.take('a name'), chunks: undefined, precondition: undefined });
  },
  'chunks NAME COUNT': ({ world }, words) => {
    if (!world.clients.send(words.take('a name'), words.count('a count'))) words.fail('nobody uploads under this name');
  },
  'end NAME': ({ world }, words) => {
    if (!world.clients.end(words.take('a name'))) words.fail('nobody uploads under this name');
  },
  'delete SERVER PATH as NAME [if PRECONDITION]': remove,
  'get SERVER PATH as NAME [chunks FIRST..LAST] [eventual] [slowly]': get,
  'stat SERVER PATH as NAME [eventual]': (player, words) => {
    const server = serverNamed(player, words);
    const path = words.take('a path');
    words.expect('as');
    const name = words.take('a name');
    const consistency = words.accept('eventual') ? 'eventual' : 'linearizable';
    player.world.clients.ask(server, name, { kind: 'stat', path, consistency });
  },
  'list SERVER PREFIX as NAME [after PATH] [limit COUNT]': list,
  'take SERVER NAME COUNT': (player, words) => {
    const server = serverNamed(player, words);
    player.world.clients.take(server, words.take('a name'), words.count('a count'));
  },
  'leave SERVER NAME': (player, words) => {
    player.world.clients.leave(serverNamed(player, words), words.take('a name'));
  },
  'deliver LINK [COUNT]': deliver,
  'run SERVER …': run,
  'deliver-all': ({ world }) => world.deliverAll(),
  settle: ({ world }) => world.settle(),
  'persist SERVER … | all | at-once | first SERVER COUNT': persist,
  'reset LINK [keep COUNT]': reset,
  'steal LINK': steal,
  'crash SERVER': (player, words) => player.world.crash(serverNamed(player, words)),
  'view remove SERVER … | chain SHARD SERVER … [+ SERVER] [at SERVER … | all]': nextView,
  'read-view SERVER … | all': readView,
  'by-hand SERVER …': ({ world }, words) => {
    for (const name of words.rest()) world.coordinator.byHand.add(name);
  },
  'spare SERVER': spare,
  'answer SERVER [COUNT | lost]': answer,
  'session SERVER connected | disconnected | expired': session,
  'entry SERVER of own | of another | gone': entry,
  coordinator: ({ world }) => {
    for (const line of world.coordinator.texts()) world.say(line);
  },
  'wake SERVER +NUMBERms': wake,
  'rot SERVER CHUNK': (player, words) => loseChunk(player, words, false),
  'unwritten SERVER CHUNK': (player, words) => loseChunk(player, words, true),
  'state SERVER log | held | stream | reads': (player, words) => {
    const server = serverNamed(player, words);
    const part = words.take('a part');
    const lines = stateText(player.world.names, server.state, part) ?? words.fail(`there is no part "${part}"`);
    for (const line of lines) player.world.say(line);
  },
  links: ({ world }) => {
    for (const line of linksText(world)) world.say(line);
  },
};

const BY_NAME = new Map(Object.entries(COMMANDS).map(([usage, play]) => [usage.split(' ')[0] ?? '', { usage, play }]));

/** @returns what runs one script's commands in a world of its own. */
export function player(world: World): Runner {
  const state: Player = { world, limits: {}, settings: {} };
  return (command) => {
    const [name = ''] = command.words;
    const known = BY_NAME.get(name);
    if (known === undefined) {
      throw new ScriptError(`${command.at}: "${name}" is no command; there are ${[...BY_NAME.keys()].join(', ')}`);
    }
    const words = new Words(command, known.usage);
    known.play(state, words);
    if (words.has()) words.fail(`"${words.take('')}" is too much`);
    world.flush();
    return world.transcript.take();
  };
}
