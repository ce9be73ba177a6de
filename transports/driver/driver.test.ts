// What is said to a driver while no life goes on: it must not be lost, nor done twice. And in which order it does things.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { VIEW_KEY } from '../../core/coordinator-port.js';
import type { Fact } from '../../core/output.js';
import type { StoreInput } from '../../core/ports.js';
import { makeView, type Settings } from '../../core/view/view.js';
import { connectEmbedded } from '../coordinators/embedded/client.js';
import { temporaryFolder } from '../coordinators/embedded/embedded.test-kit.js';
import { type CoordinatorService, startCoordinatorService } from '../coordinators/embedded/service.js';
import { NO_LOG } from '../coordinators/log.js';
import { openOperator } from '../coordinators/operator.js';
import { openTcpRingPort } from '../links/tcp/ring-port.js';
import { createConversations } from '../serving/conversations.js';
import type { Door } from '../serving/door.js';
import { openMemoryStore } from '../stores/memory-store.js';
import type { Store } from '../stores/store.js';
import { createClock } from './clock.js';
import { Driver, type Site } from './driver.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
const sizes = { chainLength: 1, minReplicas: 1, shards: 2, chunkBytes: 1000, transitSlots: 8 };
const founding: Settings = { durability: 'memory', ...sizes };

let service: CoordinatorService;
let cleanUp: (() => unknown)[];
let drivers = 0;
beforeEach(async () => {
  drivers = 0;
  const folder = await temporaryFolder();
  service = await startCoordinatorService({ folder: folder.path, listen: ANY_PORT, log: NO_LOG });
  cleanUp = [() => folder.remove(), () => service.close()];
});
afterEach(async () => {
  for (const each of cleanUp.reverse()) await each();
});

/** A driver that notes how it ended, and what was told. */
async function driverOf(
  store: Store,
  onFact: (fact: Fact) => void = () => undefined,
  watched: (site: Site) => Site = (site) => site,
) {
  const id = `n${++drivers}`;
  const ring = await openTcpRingPort({ at: ANY_PORT, onViolation: () => undefined });
  const coordinator = connectEmbedded(service.at);
  const ends: string[] = [];
  let ended: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const end = (why: string): void => {
    ends.push(why);
    ended();
  };
  const site: Site = {
    identity: { id, address: `127.0.0.1:${ring.at.port}`, clusterId: '', founding },
    ...{ ring, store, coordinator, clock: createClock(), seed: () => 1, openClients: createConversations },
    tell: onFact,
    stopped: end,
    broke: (error) => end(String(error)),
  };
  const driver = new Driver(watched(site));
  cleanUp.push(
    () => ring.close(),
    () => coordinator.close(),
    () => driver.end(),
  );
  return { driver, ends, over };
}

/** A store that takes its time to open a life. */
function slowStore(): { store: Store; open: () => void; ended: () => boolean } {
  const memory = openMemoryStore();
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let isEnded = false;
  const begin = async (post: (input: StoreInput) => void) => {
    await opened;
    const port = await memory.begin(post);
    return {
      ...{ recovered: port.recovered, carryOut: port.carryOut.bind(port) },
      end: () => {
        isEnded = true;
        port.end();
      },
    };
  };
  return { store: { ...memory, begin } as unknown as Store, open: () => open(), ended: () => isEnded };
}

it('a wish to leave while the store opens is heard when it is open', async () => {
  const { store, open, ended } = slowStore();
  const { driver, ends, over } = await driverOf(store);
  const begun = driver.begin();
  driver.leave();
  expect(ends).toEqual([]);
  open();
  await begun;
  await over;
  expect([ends, ended(), driver.door]).toEqual([['left'], true, undefined]);
});

it('a life that was ended while the store opened is none, and the store is let go', async () => {
  const { store, open, ended } = slowStore();
  const { driver, ends } = await driverOf(store);
  const begun = driver.begin();
  driver.end();
  open();
  await begun;
  expect([ends, ended(), driver.door, driver.state]).toEqual([[], true, undefined, undefined]);
});

it('a wish to leave between two lives is heard in the next', async () => {
  let removed: () => void = () => undefined;
  const facts: string[] = [];
  const isRemoved = new Promise<void>((resolve) => {
    removed = resolve;
  });
  let isMember: () => void = () => undefined;
  const member = new Promise<void>((resolve) => {
    isMember = resolve;
  });
  const { driver, ends, over } = await driverOf(openMemoryStore(), ({ fact }) => {
    facts.push(fact);
    if (fact === 'view-installed') isMember();
    if (fact === 'removed') removed();
  });
  await driver.begin();
  await member;
  await removeFromRing();
  await isRemoved;
  expect(driver.door).toBeUndefined();
  driver.leave();
  driver.leave();
  await over;
  expect(ends).toEqual(['left']);
  expect(facts.filter((fact) => fact === 'removed')).toHaveLength(1);
});

/** A view in which only somebody else is. */
async function removeFromRing(): Promise<void> {
  const coordinator = connectEmbedded(service.at);
  const operator = openOperator(coordinator);
  const read = await operator.call({ op: 'read', key: VIEW_KEY, watch: false });
  if (read.result !== 'value' || read.stored.value.kind !== 'view') throw new Error('there is no view');
  const { view } = read.stored.value;
  const other = makeView({
    ...view,
    epoch: view.epoch + 1,
    ring: [{ id: 'n9', incarnation: 1, address: '127.0.0.1:1' }],
    chains: view.chains.map(() => ({ members: ['n9'], learners: [], lost: [] })),
  });
  const value = { kind: 'view', view: other } as const;
  const set = await operator.call({ op: 'set', key: VIEW_KEY, value, expected: read.stored.version });
  expect(set.result).toBe('done');
  operator.close();
  await coordinator.close();
}

it('an answer that was given before the life ended is not called lost', async () => {
  const driver = await memberOf([]);
  const answers: string[] = [];
  (driver.door as Door).ask({ kind: 'stat', path: '/none' }, () => ({
    ...{ accept: () => undefined, file: () => undefined, data: () => undefined },
    answer: (answer) => answers.push(answer.result),
  }));
  driver.end();
  expect(answers).toEqual(['absent']);
});

/** Watches a driver for words to clients that are said before a frame of the same moment has left. */
function watchOrder(site: Site): { readonly site: Site; readonly words: number; readonly early: readonly string[] } {
  const early: string[] = [];
  const watch = { words: 0, early };
  let waiting = 0;
  let isSaying = false;
  const begin: Site['ring']['begin'] = (self, post) => {
    const links = site.ring.begin(self, post);
    const carryOut: typeof links.carryOut = (output) => {
      if (isSaying) early.push(`a word before a ${output.kind}`);
      waiting++;
      links.carryOut(output);
      process.nextTick(() => waiting--);
    };
    return { carryOut, end: () => links.end() };
  };
  const openClients: Site['openClients'] = (post, chunkBytes) => {
    const clients = site.openClients(post, chunkBytes);
    const carryOut: typeof clients.carryOut = (output) => {
      if (waiting > 0) early.push(`${output.kind} before frames that were sent`);
      watch.words++;
      isSaying = true;
      queueMicrotask(() => {
        isSaying = false;
      });
      clients.carryOut(output);
    };
    return { door: clients.door, carryOut, end: () => clients.end() };
  };
  return Object.assign(watch, { site: { ...site, ring: { ...site.ring, begin }, openClients } });
}

it('clients are told behind the frames of the same moment: for those the whole ring waits', async () => {
  const watches: ReturnType<typeof watchOrder>[] = [];
  const [first, second] = [await memberOf(watches), await memberOf(watches)];
  for (const [at, { door }] of [first, second].entries()) {
    for (let file = 0; file < 8; file++) expect(await storeAt(door as Door, `/${at}/${file}`)).toBe('done');
  }
  expect(watches.map(({ words }) => words > 8)).toEqual([true, true]);
  expect(watches.flatMap(({ early }) => early)).toEqual([]);
});

/** Begins a driver; it is in the ring when this resolves. */
async function memberOf(watches: ReturnType<typeof watchOrder>[]): Promise<Driver> {
  let joined: () => void = () => undefined;
  const isMember = new Promise<void>((resolve) => {
    joined = resolve;
  });
  const { driver } = await driverOf(
    openMemoryStore(),
    ({ fact }) => fact === 'view-installed' && joined(),
    (site) => {
      const watch = watchOrder(site);
      watches.push(watch);
      return watch.site;
    },
  );
  await driver.begin();
  await isMember;
  return driver;
}

/** As a request that comes in at a socket. */
function storeAt(door: Door, path: string): Promise<string> {
  const wish = { operation: undefined, precondition: undefined, contentType: 'text/plain', modifiedMs: 5 };
  const body = Buffer.from('body');
  const sha256 = createHash('sha256').update(body).digest('hex');
  return new Promise((resolve) => {
    setImmediate(() => {
      const conversation = door.ask({ kind: 'put', path, ...wish }, () => ({
        ...{ accept: () => undefined, file: () => undefined, data: () => undefined },
        answer: ({ result }) => resolve(result),
      }));
      conversation.send(body);
      conversation.finish(sha256);
    });
  });
}
