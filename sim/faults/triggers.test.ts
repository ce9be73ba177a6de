// When steps strike: at a time, again and again, or when something has happened; and what is said of those that never do.
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../core/output.js';
import * as kit from '../checkers/doctored.test-kit.js';
import type { ClientSetting } from '../clients/client.js';
import { ContentBook } from '../clients/content.js';
import { fanOut } from '../clients/fan-out.js';
import type { Condition, ServerDeed, Step, Trigger } from '../scenario/scenario.js';
import { Cast } from './cast.js';
import { Deeds } from './deeds.js';
import { NetworkDamage } from './network-damage.js';
import { ProcessDamage } from './process-damage.js';
import { Stage } from './stage.js';

const head = { kind: 'role', role: 'head', path: '/a' } as const;
const staged = (upload: string): Fact => ({ fact: 'chunk-staged', upload, index: 0 });
const started = (operation: string, upload: string): Fact => ({
  fact: 'upload-started',
  operation,
  upload,
  path: '/a',
});

describe('conditions', () => {
  function bench(condition: Condition) {
    const world = kit.world();
    const deeds = new Deeds(new Cast(world));
    let count = 0;
    deeds.await(condition, () => {
      count += 1;
    });
    deeds.operationCalled(kit.record({ name: 'first', operation: 'o1' }));
    const tell = (server: string, fact: Fact): number => {
      deeds.fact(server, 1, fact);
      return count;
    };
    return { deeds, tell, count: () => count };
  }
  const deed = (word: ServerDeed): Condition => ({ kind: 'deed', who: head, deed: word, operation: 'first' });

  it('a deed of this server with this operation, once', () => {
    const { tell } = bench(deed('ordered'));
    expect(tell('n1', kit.ordered(kit.entry(1, 'o9')))).toBe(0);
    expect(tell('n2', kit.ordered(kit.entry(2, 'o1')))).toBe(0);
    expect(tell('n1', kit.appended(kit.entry(2, 'o1')))).toBe(0);
    expect(tell('n1', kit.ordered(kit.entry(2, 'o1')))).toBe(1);
    expect(tell('n1', kit.ordered(kit.entry(3, 'o1')))).toBe(1);
  });

  it('chunks are known by their upload', () => {
    const { tell } = bench(deed('staged'));
    tell('n4', started('o9', 'u9'));
    tell('n4', started('o1', 'u1'));
    expect(tell('n1', staged('u9'))).toBe(0);
    expect(tell('n1', staged('u1'))).toBe(1);
  });

  it.each(['persisted', 'committed'] as const)('%s means: up to its entry or further', (word) => {
    const { tell } = bench(deed(word));
    const fact = word === 'persisted' ? kit.persisted : kit.committed;
    tell('n1', kit.ordered(kit.entry(2, 'o1')));
    expect(tell('n1', fact(kit.id(1)))).toBe(0);
    expect(tell('n1', fact(kit.id(9), 1))).toBe(0);
    expect(tell('n1', fact(kit.id(3)))).toBe(1);
  });

  it('an operation has finished when all its clients are answered', () => {
    const { deeds, count } = bench({ kind: 'finished', operation: 'first' });
    const other = kit.record({ name: 'first', operation: 'o2' });
    deeds.operationCalled(other);
    deeds.operationEnded(other);
    expect(count()).toBe(0);
    deeds.operationEnded(kit.record({ name: 'first', operation: 'o1' }));
    expect(count()).toBe(1);
  });

  it('a server lives in this epoch or a later one, or has left', () => {
    const lives = bench({ kind: 'installed', who: { kind: 'server', id: 'n2' }, epoch: 3 });
    expect(lives.tell('n2', kit.installed(2))).toBe(0);
    expect(lives.tell('n1', kit.installed(3))).toBe(0);
    expect(lives.tell('n2', kit.installed(4))).toBe(1);
    const told = bench({ kind: 'told', who: { kind: 'server', id: 'n2' }, fact: 'promoted' });
    expect(told.tell('n1', { fact: 'promoted', shard: 0 })).toBe(0);
    expect(told.tell('n2', { fact: 'shard-forgotten', shard: 0 })).toBe(0);
    expect(told.tell('n2', { fact: 'promoted', shard: 0 })).toBe(1);
    const left = bench({ kind: 'removed', who: { kind: 'any' } });
    expect(left.tell('n2', { fact: 'removed', epoch: 2 })).toBe(1);
  });
});

describe('steps', () => {
  function bench(...steps: readonly Step[]) {
    const world = kit.world();
    const cast = new Cast(world);
    const deeds = new Deeds(cast);
    const said: string[] = [];
    const clients: ClientSetting = {
      world,
      contents: new ContentBook(),
      watcher: fanOut([deeds]),
      chunkBytes: 100,
      timeoutUs: 1_000,
      retries: 0,
      listPageMax: 10,
      nextOrder: () => 1,
    };
    const watcher = {
      stepStruck: (step: Step, strikes: number) => said.push(`${world.nowUs} ${step.text} #${strikes}`),
      faultStruck: () => undefined,
      faultEnded: () => said.push(`${world.nowUs} ended`),
      stepAnswered: (step: Step, { client }: { client: string }) => said.push(`${world.nowUs} ${step.text} ${client}`),
    };
    const network = new NetworkDamage(world);
    const processes = new ProcessDamage(world);
    const stage = new Stage(steps, { world, cast, deeds, network, processes, clients, watcher });
    stage.start();
    return { world, deeds, stage, said };
  }
  const at = (us: number): Trigger => ({ kind: 'at', us });
  const crash = (trigger: Trigger, id = 'n1'): Step => ({
    place: { line: 4, column: 1 },
    text: `crash ${id}`,
    trigger,
    action: { kind: 'fault', fault: { kind: 'pause', who: { kind: 'list', who: [{ kind: 'server', id }] } }, forUs: 5 },
  });
  const stat = (trigger: Trigger, clients: number): Step => ({
    place: { line: 5, column: 1 },
    text: 'stat',
    trigger,
    action: {
      kind: 'client',
      name: 'look',
      via: undefined,
      action: { kind: 'stat', path: '/a' },
      expect: { outcome: undefined, equals: undefined },
      clients,
    },
  });

  it('strike at their time, and what has an end ends', () => {
    const { world, stage, said } = bench(
      crash(at(10)),
      crash({ kind: 'every', everyUs: 10, fromUs: 20, toUs: 40 }, 'n2'),
    );
    expect(stage.comingStrikes).toBe(2);
    world.runUntil(100);
    expect(said).toEqual([
      '10 crash n1 #1',
      '15 ended',
      '20 crash n2 #1',
      '25 ended',
      '30 crash n2 #2',
      '35 ended',
      '40 crash n2 #3',
      '45 ended',
    ]);
    expect([stage.comingStrikes, stage.openFaults, stage.idle().length]).toEqual([0, 0, 0]);
  });

  it('strike a while after their condition came true', () => {
    const condition: Condition = { kind: 'finished', operation: 'look' };
    const { world, stage, said } = bench(stat(at(0), 2), crash({ kind: 'when', condition, afterUs: 7 }));
    expect(stage.openConditions).toBe(1);
    world.runUntil(5_000);
    expect(said).toEqual(['0 stat #1', '1000 stat c1.1', '1000 stat c1.2', '1007 crash n1 #1', '1012 ended']);
    expect(stage.openOperations).toBe(0);
  });

  it('that never strike say why', () => {
    const never: Condition = { kind: 'deed', who: head, deed: 'ordered', operation: 'first' };
    const { world, stage } = bench(
      crash(at(10)),
      crash(at(12)),
      crash({ kind: 'when', condition: never, afterUs: 0 }, 'n3'),
    );
    world.runUntil(100);
    expect(stage.idle()).toEqual([
      { text: 'crash n1', line: 4, why: 'there was nobody to strike' },
      { text: 'crash n3', line: 4, why: 'head(/a) never ordered first' },
    ]);
  });

  it('run in turn at the end', () => {
    const { world, stage, said } = bench();
    let isDone = false;
    stage.runInTurn([stat(at(0), 1), stat(at(0), 1)], () => {
      isDone = true;
    });
    world.runUntil(10_000);
    expect(said).toEqual(['0 stat #1', '1000 stat e1', '1000 stat #1', '2000 stat e2']);
    expect(isDone).toBe(true);
  });
});
