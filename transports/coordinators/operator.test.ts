// People's tools at a real coordinator: status, figures, and the order to revive a lost shard.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registration, view as soundView } from '../../core/conformance/coordinator-values.test-kit.js';
import { memberKey, statisticsKey, VIEW_KEY } from '../../core/coordinator-port.js';
import type { KeptLog, Registration } from '../../core/view/registration.js';
import type { View } from '../../core/view/view.js';
import { ringOf } from '../../core/view/views.test-kit.js';
import { readCluster, revive, whatMayBeLost } from './cluster.js';
import { connectEmbedded } from './embedded/client.js';
import { LOOPBACK, SESSION_MS, temporaryFolder, until } from './embedded/embedded.test-kit.js';
import { type CoordinatorService, startCoordinatorService } from './embedded/service.js';
import { NO_LOG } from './log.js';
import { type Operator, openOperator } from './operator.js';
import { type Figures, reportStatistics } from './statistics.js';

let folder: string;
let service: CoordinatorService;
let operator: Operator;
let cleanUp: (() => unknown)[];
const start = (listen = LOOPBACK) => startCoordinatorService({ folder, listen, sessionMs: SESSION_MS, log: NO_LOG });

function user() {
  const coordinator = connectEmbedded(service.at);
  cleanUp.push(() => coordinator.close());
  return coordinator;
}

function operatorWith(timeoutMs?: number): Operator {
  const one = openOperator(user(), timeoutMs === undefined ? {} : { timeoutMs });
  cleanUp.push(() => one.close());
  return one;
}

beforeEach(async () => {
  const temporary = await temporaryFolder();
  folder = temporary.path;
  cleanUp = [() => temporary.remove()];
  service = await start();
  cleanUp.push(() => service.close());
  operator = operatorWith();
});
afterEach(async () => {
  for (const each of cleanUp.reverse()) await each();
});

const found = (view: View) =>
  operator.call({ op: 'create', key: VIEW_KEY, value: { kind: 'view', view }, ephemeral: false });
const register = (one: Registration) =>
  operator.call({
    ...{
      op: 'create',
      key: memberKey(one.member),
      value: { kind: 'registration', registration: one },
      ephemeral: true,
    },
  });

describe('an operator', () => {
  it('asks before there is a connection, and gets an answer', async () => {
    expect(await operator.call({ op: 'read', key: VIEW_KEY, watch: false })).toEqual({ result: 'absent' });
  });

  it('is told when nobody answers in time', async () => {
    await service.close();
    const hasty = operatorWith(50);
    await expect(hasty.call({ op: 'sync' })).rejects.toThrow(
      /coordinator at tcp:.* did not answer within 0.05 s: is it running/,
    );
    service = await start(service.at);
  });

  it('reads on through a restart, and in another session when its own has expired', async () => {
    await operator.call({ op: 'sync' });
    const before = operator.owner;
    const { at } = service;
    await service.close();
    const reading = operator.call({ op: 'read', key: VIEW_KEY, watch: false });
    service = await start(at);
    expect(await reading).toEqual({ result: 'absent' });
    expect(operator.owner).toBe(before);
    service.expire(before);
    await until(() => operator.owner !== before && operator.owner !== '');
    expect((await operator.call({ op: 'sync' })).result).toBe('done');
  });

  it('that is closed leaves nobody waiting', async () => {
    await service.close();
    const waiting = operator.call({ op: 'sync' });
    operator.close();
    expect(await waiting).toEqual({ result: 'unknown' });
    await expect(operator.call({ op: 'sync' })).rejects.toThrow(/is not asked any more/);
    service = await start(service.at);
  });
});

describe('a cluster', () => {
  it('that nobody has founded has no view', async () => {
    expect(await readCluster(operator)).toEqual({ view: undefined, version: 0, registrations: [], statistics: [] });
  });

  it('is read with its view, who is registered, and their figures', async () => {
    await found(soundView);
    await register(registration);
    const statistics = { member: 'n1', incarnation: 3, sentBytes: 1, receivedBytes: 2, atMs: 3 };
    const value = { kind: 'statistics', statistics } as const;
    await operator.call({ op: 'create', key: statisticsKey('n1'), value, ephemeral: true });
    const cluster = await readCluster(operator);
    expect(cluster).toStrictEqual({
      view: soundView,
      version: 0,
      registrations: [registration],
      statistics: [statistics],
    });
  });
});

describe('the figures of a server', () => {
  const key = statisticsKey('n1');
  const stored = async () => {
    const reply = await operator.call({ op: 'read', key, watch: false });
    return reply.result === 'value' ? reply.stored : undefined;
  };
  /** Comes true, looked at again and again. */
  const becomes = async (holds: (found: Awaited<ReturnType<typeof stored>>) => boolean) => {
    while (!holds(await stored())) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('are written when there are any, and only when they have changed', async () => {
    let figures: Figures | undefined;
    let reads = 0;
    const read = () => {
      reads++;
      return figures;
    };
    const reporter = reportStatistics(user(), read, 10);
    cleanUp.push(() => reporter.close());
    await until(() => reads > 3);
    expect(await stored()).toBeUndefined();
    figures = { member: 'n1', incarnation: 1, sentBytes: 10, receivedBytes: 20 };
    await becomes((found) => found?.version === 0);
    const seen = reads;
    await until(() => reads > seen + 5);
    expect(await stored()).toMatchObject({ version: 0, value: { statistics: figures } });
    figures = { ...figures, sentBytes: 11 };
    await becomes((found) => found?.version === 1);
    reporter.close();
    await becomes((found) => found === undefined);
  });

  it('take the place of what a former session left, and come back when theirs has expired', async () => {
    const left = { member: 'n1', incarnation: 1, sentBytes: 1, receivedBytes: 1, atMs: 1 };
    await operator.call({ op: 'create', key, value: { kind: 'statistics', statistics: left }, ephemeral: true });
    const figures = { member: 'n1', incarnation: 2, sentBytes: 10, receivedBytes: 20 };
    const reporter = reportStatistics(user(), () => figures, 10);
    cleanUp.push(() => reporter.close());
    await becomes((found) => found !== undefined && found.owner !== operator.owner);
    const owner = (await stored())?.owner ?? '';
    service.expire(owner);
    await becomes((found) => found !== undefined && found.owner !== owner);
    expect(await stored()).toMatchObject({ value: { statistics: figures } });
  });
});

describe('the order to revive', () => {
  // Lost with a, b and c in their first lives; x never kept it.
  const lost = ringOf('a b c x', 'lost a b c');
  const back = (member: string, sequence: number, suspect = false): Registration => {
    const kept: readonly KeptLog[] = [{ shard: 0, last: { epoch: 4, sequence }, suspect }];
    const { clusterId, epoch } = lost;
    const silent = { brokenIn: false, brokenOut: false, probes: [], seat: undefined, ready: [], stalled: [] } as const;
    return { ...registration, ...silent, member, incarnation: 1, clusterId, epoch, kept, leaving: 'no' };
  };

  it('makes the next view, and says what may be lost', async () => {
    await found(lost);
    await register(back('a', 17, true));
    await register(back('b', 19));
    expect(await revive(operator, 0, 'a')).toEqual({
      epoch: 8,
      mayBeLost:
        'shard 0 goes on with what a has, entries up to 4.17; something that was acknowledged may be missing at the ' +
        'end of what a has; b has entries up to 4.19: those behind 4.17 are lost; c has not said what it has: what it ' +
        'alone has is lost',
    });
    const { view } = await readCluster(operator);
    expect(view).toMatchObject({ epoch: 8, chains: [{ members: ['a'], learners: [], lost: [] }] });
  });

  it('names everything where its server has nothing, or says nothing, and nothing where nobody has more', () => {
    const say = (...registrations: readonly Registration[]) =>
      whatMayBeLost({ view: lost, version: 0, registrations, statistics: [] }, 0, 'a');
    expect(say()).toBe('a has not said what it has of shard 0: everything in it may be lost');
    expect(say(back('a', 0))).toBe('a has nothing of shard 0: everything in it is lost');
    expect(say(back('a', 9), back('b', 9), back('c', 8))).toMatch(/up to 4.9; nobody is known to have more$/);
  });

  it('is refused, with what to do, where it makes no sense', async () => {
    await expect(revive(operator, 0, 'a')).rejects.toThrow(/nobody has founded one/);
    await found(ringOf('a b x', 'lost a b c'));
    await expect(revive(operator, 9, 'a')).rejects.toThrow(/no shard 9: shards are 0 to 0/);
    await expect(revive(operator, 0, 'c')).rejects.toThrow(/c is not in the ring at present \(a, b, x\): start it/);
    await expect(revive(operator, 0, 'x')).rejects.toThrow(/x did not keep shard 0 .* a, b, c did: ordered by force/);
    expect((await readCluster(operator)).view?.epoch).toBe(7);
    await revive(operator, 0, 'x', { force: true });
    await expect(revive(operator, 0, 'a')).rejects.toThrow(/shard 0 is not lost: x keep it/);
  });

  it('follows the view that is there: one that came between is read first', async () => {
    await found(lost);
    const other = operatorWith();
    const meanwhile: Operator = {
      ...{ name: operator.name, owner: operator.owner, close: () => undefined },
      call: async (request) => {
        if (request.op === 'set' && request.expected === 0) {
          const view = { ...lost, epoch: 8 };
          await other.call({ op: 'set', key: VIEW_KEY, value: { kind: 'view', view }, expected: 0 });
        }
        return operator.call(request);
      },
    };
    expect((await revive(meanwhile, 0, 'a')).epoch).toBe(9);
  });
});
