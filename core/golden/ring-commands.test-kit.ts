/** The commands of golden scripts that make the ring, and those that play the coordinator: views, answers, sessions. */
import { memberKey } from '../coordinator-port.js';
import type { Limits } from '../limits.js';
import { withoutMembers } from '../view/next-view.js';
import type { Registration } from '../view/registration.js';
import { type Member, makeView, type Settings, type View } from '../view/view.js';
import { type Player, serverNamed, serversNamed, type Words } from './command.test-kit.js';
import { viewText } from './words.test-kit.js';

/** Heartbeats, silence and idle riders are other stories: scripts that tell them set these. */
const CALM = 1_000_000_000;
const LIMITS: Partial<Limits> = {
  ...{ heartbeatMs: CALM, silenceMs: 3 * CALM, deadRingMs: 4 * CALM, idleChunkMs: 0 },
  ...{ sessionMs: 2 * CALM, pollMs: CALM, planMs: CALM },
};
const SETTINGS: Omit<Settings, 'chainLength' | 'shards'> = {
  durability: 'fsync',
  minReplicas: 1,
  chunkBytes: 100,
  transitSlots: 8,
};

export function found(player: Player, words: Words): void {
  const { world } = player;
  const ring: Member[] = [];
  while (words.has() && !words.accept('chain')) {
    const id = words.take('a server');
    ring.push({ id, incarnation: 1, address: `${id}:1` });
  }
  const chains = words.rest().join(' ').split(' / ');
  if (chains[0] === '') words.fail('the chain is missing');
  const settings = { ...SETTINGS, chainLength: 3, shards: chains.length, ...player.settings };
  const members = chains.map((chain) => ({ members: chain.split(' '), learners: [], lost: [] }));
  const view = makeView({ epoch: 1, clusterId: 'golden', settings, ring, chains: members });
  world.coordinator.writeView(view);
  for (const member of ring) world.addServer(member, { ...LIMITS, ...player.limits });
  for (const server of world.servers.values()) world.start(server);
  if (world.quiet.has('hello')) {
    world.flush();
    world.transcript.take();
  }
  world.say(viewText(view));
}

export function nextView(player: Player, words: Words): void {
  const { world } = player;
  if (words.accept('chain')) {
    const other = otherChain(world.coordinator.view ?? words.fail('there is no ring yet'), words);
    world.coordinator.writeView(other);
    world.say(viewText(other));
    readView(player, words);
    return;
  }
  words.expect('remove');
  const removed = new Set<string>();
  while (words.has() && !words.accept('at')) removed.add(serverNamed(player, words).id);
  const view = withoutMembers(world.coordinator.view ?? words.fail('there is no ring yet'), removed);
  world.coordinator.writeView(view);
  world.say(viewText(view));
  readView(player, words);
}

/** The next view with another chain for one shard: `0 n2 n3 + n4`, learners behind a plus sign. */
function otherChain(view: View, words: Words): View {
  const shard = words.count('a shard');
  const lists: string[][] = [[]];
  while (words.has() && !words.accept('at')) {
    if (words.accept('+')) lists.push([]);
    else lists[lists.length - 1]?.push(words.take('a server'));
  }
  const [members = [], learners = []] = lists;
  const chains = view.chains.map((chain, i) => (i === shard ? { members, learners, lost: [] } : chain));
  return makeView({ ...view, epoch: view.epoch + 1, chains });
}

/** The watches of these servers fire. */
export function readView(player: Player, words: Words): void {
  const { world } = player;
  for (const server of serversNamed(player, words)) {
    if (!world.coordinator.fire(server)) words.fail(`${server.id} does not watch the register`);
  }
}

/** A server that is not in the ring, and whose calls to the coordinator the script answers. */
export function spare({ world, limits }: Player, words: Words): void {
  const id = words.take('a server');
  world.coordinator.byHand.add(id);
  world.start(world.addServer({ id, address: `${id}:1` }, { ...LIMITS, ...limits }));
}

/** Servers that may found a cluster, before anybody has; the script answers their calls to the coordinator. */
export function founders({ world, limits, settings }: Player, words: Words): void {
  const founding = { ...SETTINGS, chainLength: 3, shards: 1, ...settings };
  for (const id of words.rest()) {
    world.coordinator.byHand.add(id);
    world.start(world.addServer({ id, address: `${id}:1`, clusterId: '', founding }, { ...LIMITS, ...limits }));
  }
}

export function answer(player: Player, words: Words): void {
  const { coordinator } = player.world;
  const server = serverNamed(player, words);
  if (words.accept('lost')) {
    if (!coordinator.loseAnswer(server)) words.fail(`${server.id} has asked nothing`);
    return;
  }
  for (let left = words.has() ? words.count('a count') : 1; left > 0; left--) {
    if (!coordinator.answer(server)) words.fail(`${server.id} has asked nothing more`);
  }
}

/** Somebody stands in a server's place at the coordinator. */
export function entry(player: Player, words: Words): void {
  const { world } = player;
  const server = serverNamed(player, words);
  const key = memberKey(server.id);
  if (words.accept('gone')) {
    if (!world.coordinator.delete(key)) words.fail(`${key} is not there`);
    return;
  }
  words.expect('of');
  const owner = words.take('own or another');
  const { state } = server;
  const store = owner === 'own' ? state.coordination.store : 'a store of its own';
  const registration: Registration = {
    ...{ member: server.id, incarnation: 1, address: state.address, clusterId: 'golden', store, life: 'another life' },
    ...{ epoch: 0, brokenIn: false, brokenOut: false, probes: [], seat: undefined },
    ...{ ready: [], stalled: [], kept: [], leaving: 'no', written: false },
  };
  world.coordinator.put(key, { kind: 'registration', registration }, 'a session before');
}

const SESSION_STATES = ['connected', 'disconnected', 'expired'] as const;

export function session(player: Player, words: Words): void {
  const server = serverNamed(player, words);
  const word = words.take('a state');
  const state = SESSION_STATES.find((known) => known === word) ?? words.fail(`a session is not ${word}`);
  player.world.coordinator.session(server, state);
}
