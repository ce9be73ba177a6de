// What every coordinator does, simulated or real: one suite over its port. A harness brings the world to it, and says
// what it cannot do there.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { livesKey, memberKey, VIEW_KEY } from '../coordinator-port.js';
import { makeView } from '../view/view.js';
import { Guest } from './coordinator-guest.test-kit.js';
import { lives, nextView, registration, valuesOfAllKinds, view } from './coordinator-values.test-kit.js';
import type { Ability, CoordinatorHarness, CoordinatorWorld } from './coordinator-world.test-kit.js';

interface Stage {
  readonly world: CoordinatorWorld;
  readonly a: Guest;
  readonly b: Guest;
}

export function coordinatorConformance(harness: CoordinatorHarness): void {
  describe(`the coordinator's port: ${harness.name}`, () => {
    const guests: Guest[] = [];
    let world: CoordinatorWorld;
    beforeEach(async () => {
      world = await harness.open();
      guests.push(new Guest(world, 'a'), new Guest(world, 'b'));
      for (const guest of guests) await guest.connect();
    });
    afterEach(async () => {
      const violations = guests.splice(0).flatMap((guest) => guest.violations);
      await world.close();
      expect(violations).toEqual([]);
    });
    const stage = (): Stage => ({ world, a: guests[0] as Guest, b: guests[1] as Guest });
    const always = [keySuite, orderSuite, valueSuite, watchSuite, changeSuite, sessionSuite];
    if (harness.troublesOnly !== true) for (const suite of always) suite(stage);
    for (const [ability, suite] of [
      ['expire', expirySuite],
      ['cut', cutSuite],
      ['stop', serviceSuite],
    ] as const) {
      const why = harness.cannot[ability];
      if (why === undefined) suite(stage);
      else leftOut(harness, ability, why);
    }
  });
}

/** Loudly: in the report, and on the screen. */
function leftOut({ name }: CoordinatorHarness, ability: Ability, why: string): void {
  const text = `${name} cannot be tested where '${ability}' is needed: ${why}`;
  console.warn(text);
  it.skipIf(true)(text, () => undefined);
}

function keySuite(stage: () => Stage): void {
  it('creates a key once, at version 0', async () => {
    const { a, b } = stage();
    expect(await a.read(livesKey('k'))).toEqual({ result: 'absent' });
    expect(await a.create(livesKey('k'), lives(1))).toEqual({ result: 'done', version: 0 });
    expect(await b.create(livesKey('k'), lives(2))).toEqual({ result: 'conflict' });
    const stored = { key: livesKey('k'), value: lives(1), version: 0, owner: '' };
    expect(await b.read(livesKey('k'))).toEqual({ result: 'value', stored });
  });

  it('sets a key only at the version that is expected, and counts its changes', async () => {
    const { a, b } = stage();
    const key = livesKey('k');
    expect(await a.set(key, lives(1), 0)).toEqual({ result: 'absent' });
    await a.create(key, lives(1));
    expect(await b.set(key, lives(2), 0)).toEqual({ result: 'done', version: 1 });
    expect(await a.set(key, lives(9), 0)).toEqual({ result: 'conflict' });
    expect(await a.set(key, lives(9), 2)).toEqual({ result: 'conflict' });
    expect(await a.set(key, lives(3), 1)).toEqual({ result: 'done', version: 2 });
    expect(await b.look(key)).toMatchObject({ value: lives(3), version: 2 });
  });

  it('deletes a key only at the version that is expected; made anew it counts from 0', async () => {
    const { a, b } = stage();
    const key = livesKey('k');
    expect(await a.result({ op: 'delete', key, expected: 0 })).toBe('absent');
    await a.create(key, lives(1));
    await a.set(key, lives(2), 0);
    expect(await b.result({ op: 'delete', key, expected: 0 })).toBe('conflict');
    expect(await b.result({ op: 'delete', key, expected: 1 })).toBe('done');
    expect(await a.read(key)).toEqual({ result: 'absent' });
    expect(await a.create(key, lives(3))).toEqual({ result: 'done', version: 0 });
  });

  it('lists what begins so, and nothing else', async () => {
    const { a, b } = stage();
    expect(await a.ask({ op: 'list', under: 'members/' })).toEqual({ result: 'values', stored: [] });
    await a.create(memberKey('x'), { kind: 'registration', registration }, true);
    await b.create(memberKey('y'), { kind: 'registration', registration }, true);
    await b.create(livesKey('x'), lives(1));
    await b.fence();
    const reply = await b.ask({ op: 'list', under: 'members/' });
    const found = reply.result === 'values' ? reply.stored.map(({ key, owner }) => [key, owner]) : [];
    expect(found.sort()).toEqual([
      [memberKey('x'), a.owner],
      [memberKey('y'), b.owner],
    ]);
  });
}

function orderSuite(stage: () => Stage): void {
  it('lets exactly one of two win a race', async () => {
    const { a, b } = stage();
    const key = livesKey('race');
    await a.create(key, lives(0));
    for (let version = 0; version < 20; version++) {
      const calls = [a, b].map((guest, i) => {
        return guest.replyTo(guest.send({ op: 'set', key, value: lives(2 * version + i), expected: version }));
      });
      const results = (await Promise.all(calls)).map(({ result }) => result);
      expect(results.sort()).toEqual(['conflict', 'done']);
      const winner = (await Promise.all(calls)).findIndex(({ result }) => result === 'done');
      await a.fence();
      expect(await a.look(key)).toMatchObject({ value: lives(2 * version + winner), version: version + 1 });
    }
  });

  it('answers in the order of asking, and carries out in that order', async () => {
    const { a } = stage();
    const key = livesKey('k');
    const calls = [a.send({ op: 'create', key, value: lives(0), ephemeral: false })];
    for (let version = 0; version < 50; version++) {
      calls.push(a.send({ op: 'set', key, value: lives(version + 1), expected: version }));
      calls.push(a.send({ op: 'read', key, watch: false }));
    }
    await a.fence();
    const replies = await Promise.all(calls.map((call) => a.replyTo(call)));
    const seen = replies.flatMap((reply) => (reply.result === 'value' ? [reply.stored.version] : []));
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('shows behind a sync what others had written before it', async () => {
    const { a, b } = stage();
    const key = livesKey('k');
    await a.create(key, lives(0));
    for (let version = 0; version < 20; version++) {
      await a.set(key, lives(version + 1), version);
      const sync = b.send({ op: 'sync' });
      expect(await b.look(key)).toMatchObject({ version: version + 1 });
      expect((await b.replyTo(sync)).result).toBe('done');
    }
  });
}

function valueSuite(stage: () => Stage): void {
  it('gives values of every kind back as they were', async () => {
    const { a, b } = stage();
    for (const [i, value] of valuesOfAllKinds.entries()) {
      await a.create(livesKey(`v${i}`), value);
      await b.fence();
      expect((await b.look(livesKey(`v${i}`)))?.value).toStrictEqual(value);
    }
  });

  it('keeps one view, with its positions looked up anew, and sets it by compare-and-set', async () => {
    const { a, b } = stage();
    await a.writeView(view);
    await b.fence();
    const there = await b.look(VIEW_KEY);
    expect(there?.value).toStrictEqual({ kind: 'view', view: makeView(view) });
    const version = there?.version ?? 0;
    expect((await b.set(VIEW_KEY, { kind: 'view', view: nextView }, version)).result).toBe('done');
    expect((await a.set(VIEW_KEY, { kind: 'view', view }, version)).result).toBe('conflict');
    await a.fence();
    expect((await a.look(VIEW_KEY))?.value).toStrictEqual({ kind: 'view', view: nextView });
  });
}

function watchSuite(stage: () => Stage): void {
  const key = livesKey('watched');

  it('tells once, of the first change after the read', async () => {
    const { a, b } = stage();
    await b.create(key, lives(1));
    await a.read(key, true);
    await a.fence();
    expect(a.firings(key)).toBe(0);
    await b.set(key, lives(2), 0);
    await a.fires(key);
    await b.set(key, lives(3), 1);
    await b.create(livesKey('other'), lives(1));
    await a.fence();
    expect(a.firings(key)).toBe(1);
    expect(b.firings(key)).toBe(0);
  });

  it('tells nobody who only read', async () => {
    const { a, b } = stage();
    await b.create(key, lives(1));
    await a.read(key);
    await b.set(key, lives(2), 0);
    await a.fence();
    expect(a.firings(key)).toBe(0);
  });

  it('tells of the creation of what was absent, and of a deletion', async () => {
    const { a, b } = stage();
    expect(await a.read(key, true)).toEqual({ result: 'absent' });
    await b.create(key, lives(1));
    await a.fires(key);
    await a.read(key, true);
    await b.ask({ op: 'delete', key, expected: 0 });
    await a.fires(key, 2);
    expect(await a.read(key)).toEqual({ result: 'absent' });
  });

  it('tells of a change of its own', async () => {
    const { a } = stage();
    await a.create(key, lives(1));
    await a.read(key, true);
    await a.set(key, lives(2), 0);
    await a.fires(key);
  });
}

function changeSuite(stage: () => Stage): void {
  const key = livesKey('watched');

  it('tells that an ephemeral value went with its session', async () => {
    const { a, b } = stage();
    await b.create(key, lives(1), true);
    await a.fence();
    await a.read(key, true);
    b.close();
    await a.fires(key);
  });

  it('loses no change between a read and its watch', async () => {
    const { a, b } = stage();
    const last = 100;
    await b.create(key, lives(0));
    await a.fence();
    const writer = (async () => {
      for (let version = 0; version < last; version++) await b.set(key, lives(version + 1), version);
    })();
    for (let seen = 0, times = 1; seen < last; times++) {
      const reply = await a.read(key, true);
      if (reply.result !== 'value') throw new Error(`an answer: ${reply.result}`);
      seen = reply.stored.version;
      if (seen < last) await a.fires(key, times);
    }
    await writer;
  });
}

function sessionSuite(stage: () => Stage): void {
  const key = memberKey('x');
  const value = { kind: 'registration', registration } as const;

  it('has a name of its own', () => {
    const { a, b } = stage();
    expect([a.states, b.states]).toEqual([['connected'], ['connected']]);
    expect(a.owner).not.toBe(b.owner);
  });

  it('owns its ephemeral values, which others may change', async () => {
    const { a, b } = stage();
    expect(await a.create(key, value, true)).toEqual({ result: 'done', version: 0 });
    expect((await a.look(key))?.owner).toBe(a.owner);
    expect((await b.set(key, value, 0)).result).toBe('done');
    expect(await b.look(key)).toMatchObject({ owner: a.owner, version: 1 });
  });

  it('takes them along when it is closed, and nothing else; the next one has another name', async () => {
    const { a, b } = stage();
    await a.create(key, value, true);
    await a.create(livesKey('x'), lives(1));
    const before = a.owner;
    a.close();
    await b.goes(key);
    expect(await b.look(livesKey('x'))).toMatchObject({ version: 0 });
    await a.connect();
    expect(a.owner).not.toBe(before);
    expect(await a.create(key, value, true)).toEqual({ result: 'done', version: 0 });
    expect((await a.look(key))?.owner).toBe(a.owner);
  });

  it('is silent when it is closed, whatever it had asked', async () => {
    const { a, b } = stage();
    await a.read(livesKey('x'), true);
    a.send({ op: 'sync' });
    a.close();
    await b.create(livesKey('x'), lives(1));
    await b.fence();
    await a.connect();
    await a.fence();
  });

  it('is forgotten when another is opened, and what it owned goes in time', async () => {
    const { a, b } = stage();
    await a.create(key, value, true);
    await a.connect();
    await b.goes(key);
    await a.fence();
  });

  it('ends with the life of its process: nothing is heard any more', async () => {
    const { a, b } = stage();
    await a.read(livesKey('x'), true);
    a.send({ op: 'sync' });
    a.end();
    await b.create(livesKey('x'), lives(1));
    await b.fence();
    a.port.carryOut({ kind: 'open-session', session: a.session + 1 });
    await b.fence();
  });
}

function expirySuite(stage: () => Stage): void {
  it('a session that expires says so, takes its values along, and another can be opened', async () => {
    const { a, b } = stage();
    await a.create(memberKey('x'), { kind: 'registration', registration }, true);
    await a.create(livesKey('x'), lives(1));
    a.visit.expire(a.owner);
    await b.goes(memberKey('x'));
    await a.becomes('expired');
    await a.connect();
    expect((await a.look(livesKey('x')))?.value).toEqual(lives(1));
  });
}

function cutSuite(stage: () => Stage): void {
  it('a session that is cut off is disconnected, its calls unknown; it comes back within its time', async () => {
    const { a, b } = stage();
    await a.create(memberKey('x'), { kind: 'registration', registration }, true);
    await a.read(livesKey('x'), true);
    a.visit.cut();
    const calls = [a.send({ op: 'sync' }), a.send({ op: 'read', key: VIEW_KEY, watch: false })];
    await a.becomes('disconnected');
    for (const call of calls) expect((await a.replyTo(call)).result).toBe('unknown');
    expect((await a.read(VIEW_KEY)).result).toBe('unknown');
    a.visit.heal();
    const how = await a.comeBack();
    if (how === 'kept') expect((await a.look(memberKey('x')))?.owner).toBe(a.owner);
    else await b.goes(memberKey('x'));
    expect(b.states).toEqual(['connected']);
  });

  it('a session that is cut off for long expires; its owner hears of it when it gets there again', async () => {
    const { a, b } = stage();
    await a.create(memberKey('x'), { kind: 'registration', registration }, true);
    a.visit.cut();
    await b.goes(memberKey('x'));
    a.visit.heal();
    await a.becomes('expired');
    expect(a.states).toEqual(['connected', 'disconnected', 'expired']);
    expect(await a.comeBack()).toBe('another');
  });
}

function serviceSuite(stage: () => Stage): void {
  it('a service that restarts keeps what it has confirmed, and sessions with all they own or nothing of it', async () => {
    const { world, a, b } = stage();
    await a.writeView(view);
    await a.create(livesKey('x'), lives(1));
    await a.set(livesKey('x'), lives(2), 0);
    await a.create(memberKey('x'), { kind: 'registration', registration }, true);
    await world.stopService();
    await world.startService();
    await world.until(() => [a, b].every(({ states }) => states.includes('disconnected')));
    const how = await a.comeBack();
    await b.comeBack();
    await b.fence();
    expect(await b.look(livesKey('x'))).toMatchObject({ value: lives(2), version: 1 });
    expect((await b.look(VIEW_KEY))?.value).toStrictEqual({ kind: 'view', view });
    if (how === 'kept') expect((await b.look(memberKey('x')))?.owner).toBe(a.owner);
    else await b.goes(memberKey('x'));
    expect((await a.set(livesKey('x'), lives(3), 1)).result).toBe('done');
  });

  it('while the service is away everybody is disconnected and answered "unknown"; it is found again', async () => {
    const { world, a, b } = stage();
    const c = new Guest(world, 'c');
    await world.stopService();
    await a.becomes('disconnected');
    await b.becomes('disconnected');
    expect((await a.create(livesKey('x'), lives(1))).result).toBe('unknown');
    c.open();
    await world.startService();
    await c.comeBack();
    await a.comeBack();
    expect((await a.create(livesKey('y'), lives(1))).result).toBe('done');
    await c.fence();
    expect((await c.look(livesKey('y')))?.value).toEqual(lives(1));
    expect(c.violations).toEqual([]);
  });
}
