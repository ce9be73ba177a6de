// Processes live, freeze, die and come back; clients are told; and the same seed is the same run.
import { describe, expect, it } from 'vitest';
import type { Output } from '../core/output.js';
import { InvariantError } from '../core/refusals.js';
import { createWorld } from './world.js';
import { readingTheRegister, runTo, ScriptedWorld, scenarioOf } from './world.test-kit.js';
import type { ClientMessage, ClientOutput, World } from './world-api.js';

const stat = (request: string): ClientMessage => ({
  ...{ kind: 'client-request', request, operation: { kind: 'stat', path: '/a' } },
});
const absent = (request: string): Output => ({ kind: 'answer', request, answer: { result: 'absent' } });

/** n1 dials n2 at its start; whoever is dialled sends a numbered frame every millisecond. */
function streaming(): ScriptedWorld {
  let link = 0;
  let count = 0;
  return new ScriptedWorld((state, input) => {
    const member = state.self === 'n1' ? scripted.world.view.ring[1] : undefined;
    if (input.kind === 'start' && member !== undefined) return [{ kind: 'dial', member }];
    if (input.kind === 'link-up' && input.peer === undefined) link = input.link;
    if (state.self !== 'n2' || link === 0) return [];
    const frame = { kind: 'credit', epoch: 1, count: count++ } as const;
    const next: Output = { kind: 'wake-at', at: input.now + 1, why: 'test' };
    return input.kind === 'link-up' || input.kind === 'wake' ? [{ kind: 'send', link, frame }, next] : [];
  });
}
let scripted: ScriptedWorld;

describe('time', () => {
  it('begins with a start for everybody, and clocks show whole milliseconds', () => {
    scripted = new ScriptedWorld((_, input) => readingTheRegister(input), 3);
    runTo(scripted.world, 1_000_000);
    expect(scripted.heard).toEqual([
      ...['n1.1 0ms start', 'n2.1 0ms start', 'n3.1 0ms start'],
      ...['n1.1 2ms connected', 'n2.1 2ms connected', 'n3.1 2ms connected'],
      ...['n1.1 4ms view 1', 'n2.1 4ms view 1', 'n3.1 4ms view 1'],
    ]);
    expect(scripted.world.events).toBe(9);
  });

  it('has one wake-up for each server: the latest wish', () => {
    scripted = new ScriptedWorld((state, input) => {
      const at = (afterMs: number): Output => ({ kind: 'wake-at', at: input.now + afterMs, why: 'test' });
      if (state.self === 'n2') return [];
      if (input.kind === 'start') return [at(9), at(3), at(7), { kind: 'open-session', session: 1 }];
      return input.kind === 'session' ? [at(-1), at(5)] : [];
    });
    runTo(scripted.world, 1_000_000);
    expect(scripted.of('n1')).toEqual(['0ms start', '2ms connected', '7ms wake']);
  });

  it('runs actions at their time, in the order in which they were asked for', () => {
    scripted = new ScriptedWorld(() => []);
    const seen: string[] = [];
    scripted.world.at(5, () => seen.push(`a ${scripted.world.nowUs}`));
    scripted.world.at(3, () => seen.push(`b ${scripted.world.nowUs}`));
    scripted.world.at(5, () => seen.push(`c ${scripted.world.nowUs}`));
    runTo(scripted.world, 10);
    expect(seen).toEqual(['b 3', 'a 5', 'c 5']);
  });
});

describe('a paused server', () => {
  it('hears late, in order, what came meanwhile; its alarm too, and its connections stay', () => {
    scripted = streaming();
    const { world } = scripted;
    runTo(world, 20_000);
    world.pause('n1');
    runTo(world, 60_000);
    const before = scripted.of('n1').length;
    expect(world.servers.get('n1')?.process).toBe('paused');
    world.resume('n1');
    runTo(world, 100_000);
    const frames = scripted.of('n1').filter((line) => line.includes('frame'));
    expect(frames.map((line) => Number(line.split(' ')[2]))).toEqual(frames.map((_, i) => i));
    expect(scripted.of('n1')[before]).toContain('60ms frame');
    expect(frames.length).toBeGreaterThan(80);
    world.pause('n2');
    runTo(world, 200_000);
    world.resume('n2');
    runTo(world, 201_000);
    expect(scripted.of('n2').filter((line) => line === '200ms wake')).toHaveLength(1);
  });

  it('takes dials, and those who wait for it are told if it dies', () => {
    scripted = streaming();
    const { world } = scripted;
    world.pause('n2');
    const heard: unknown[] = [];
    world.listen('n2', 'r1', (output) => heard.push(output));
    world.tell('n2', stat('r1'));
    runTo(world, 50_000);
    expect(scripted.of('n2')).toEqual([]);
    expect(scripted.of('n1').at(-1)).toMatch(/link-up$/);
    world.crash('n2');
    expect(heard).toEqual([undefined]);
    runTo(world, 100_000);
    expect(scripted.of('n1').at(-1)).toMatch(/link-down$/);
    expect(scripted.of('n2')).toEqual([]);
  });

  it('that dies loses the frames it had not heard', () => {
    scripted = streaming();
    const { world } = scripted;
    const books = { sent: 0, delivered: 0, lost: 0 };
    world.observe({ sent: () => books.sent++, delivered: () => books.delivered++, lost: () => books.lost++ });
    runTo(world, 20_000);
    world.pause('n1');
    runTo(world, 60_000);
    expect(books.lost).toBe(0);
    world.crash('n1');
    runTo(world, 100_000);
    expect(books.lost).toBeGreaterThan(30);
    expect(books.sent).toBe(books.delivered + books.lost);
  });
});

describe('a crashed server', () => {
  it('hears nothing more, and comes back as another incarnation with a fresh state', () => {
    scripted = streaming();
    const { world } = scripted;
    runTo(world, 20_000);
    world.crash('n2');
    world.crash('n2');
    const heard = scripted.of('n2').length;
    runTo(world, 50_000);
    expect(scripted.of('n2')).toHaveLength(heard);
    expect(world.servers.get('n2')).toMatchObject({ process: 'down', incarnation: 1 });
    world.restart('n2');
    world.restart('n2');
    runTo(world, 60_000);
    expect(scripted.of('n2').slice(heard)).toEqual(['50ms start']);
    expect(world.servers.get('n2')).toMatchObject({ process: 'running', incarnation: 2, state: { incarnation: 2 } });
  });

  it('leaves no client waiting, nor one that calls at its door', () => {
    scripted = new ScriptedWorld(() => []);
    const { world } = scripted;
    const heard: string[] = [];
    const ask = (request: string): void => {
      world.listen('n1', request, (output) => heard.push(`${request} ${output?.kind}`));
      world.tell('n1', stat(request));
    };
    ask('r1');
    runTo(world, 1000);
    ask('r2');
    world.crash('n1');
    runTo(world, 2000);
    ask('r3');
    world.restart('n1');
    runTo(world, 3000);
    expect(heard).toEqual(['r1 undefined', 'r2 undefined', 'r3 undefined']);
    expect(scripted.of('n1')).toEqual(['0ms start', '0ms request r1', '2ms start']);
  });
});

describe('faults by name', () => {
  const framesOf = (id: string): number => scripted.of(id).filter((line) => line.includes('frame')).length;

  it('silence, hold, slow down and reset what one server sends to another', () => {
    scripted = streaming();
    const { world } = scripted;
    runTo(world, 20_000);
    world.hold('n2', 'n1', true);
    const held = framesOf('n1');
    runTo(world, 40_000);
    expect(framesOf('n1')).toBe(held);
    world.healNetwork();
    runTo(world, 41_000);
    expect(framesOf('n1')).toBeGreaterThan(held + 15);
    world.setDelay('n2', 'n1', { minUs: 50_000, maxUs: 50_000 });
    world.setRate('n2', 'n1', 48_000);
    runTo(world, 44_000);
    const delayed = framesOf('n1');
    runTo(world, 90_000);
    expect(framesOf('n1')).toBeLessThan(delayed + 3);
    world.silence('n2', 'n1', true);
    runTo(world, 300_000);
    world.silence('n2', 'n1', false);
    runTo(world, 400_000);
    expect(scripted.of('n1').at(-1)).toMatch(/link-down$/);
    expect(scripted.of('n2').some((line) => line.endsWith('link-down'))).toBe(true);
  });

  it('reset a connection and tell both ends', () => {
    scripted = streaming();
    runTo(scripted.world, 20_000);
    scripted.world.reset('n1', 'n2');
    runTo(scripted.world, 40_000);
    for (const id of ['n1', 'n2']) expect(scripted.of(id).filter((line) => line.endsWith('link-down'))).toHaveLength(1);
  });

  it('take the coordinator away, and an operator strikes a member from the register', () => {
    scripted = new ScriptedWorld((_, input) => readingTheRegister(input), 3);
    const { world } = scripted;
    world.crash('coordinator');
    runTo(world, 100_000);
    world.restart('coordinator');
    runTo(world, 200_000);
    world.pause('coordinator');
    world.resume('coordinator');
    world.removeMember('n2');
    runTo(world, 300_000);
    expect(scripted.of('n1').map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      ...['start', 'connected', 'view 1', 'watch-fired', 'view 2'],
    ]);
    expect(world.view.ring.map((member) => member.id)).toEqual(['n1', 'n3']);
  });
});

describe('a disk', () => {
  it('answers its own server', () => {
    const chunk = { upload: 'u', index: 0, length: 1, checksum: 0, payload: undefined };
    const read: Output = { kind: 'read-chunk', upload: 'u', index: 0 };
    const found: boolean[] = [];
    scripted = new ScriptedWorld((_, input) => {
      if (input.kind === 'start') return [{ kind: 'store-chunk', shard: 0, chunk }, read];
      if (input.kind !== 'chunk-read') return [];
      found.push(input.chunk !== undefined);
      return found.length === 1 ? [{ kind: 'drop-upload', upload: 'u' }, read] : [];
    }, 1);
    runTo(scripted.world, 10_000);
    expect(found).toEqual([true, false]);
  });
});

describe('clients', () => {
  it('hear the words of their own conversation up to the answer, and what they say comes after', () => {
    scripted = new ScriptedWorld((_, input) =>
      input.kind === 'client-request' ? [absent(input.request), absent('other'), absent(input.request)] : [],
    );
    const { world } = scripted;
    const heard: (ClientOutput | undefined)[] = [];
    world.listen('n2', 'r1', (output) => {
      heard.push(output);
      world.tell('n2', stat('r2'));
    });
    world.tell('n2', stat('r1'));
    runTo(world, 1000);
    expect(heard).toEqual([absent('r1')]);
    expect(scripted.of('n2')).toEqual(['0ms start', '0ms request r1', '0ms request r2']);
  });
});

describe('a broken invariant', () => {
  it('ends the run and is told', () => {
    scripted = new ScriptedWorld((state, input) => {
      if (state.self === 'n1' && input.kind === 'session') throw new InvariantError('the test broke it');
      return readingTheRegister(input);
    });
    const { world } = scripted;
    const broke: string[] = [];
    world.observe({ broke: (server, error) => broke.push(`${server}: ${error}`) });
    runTo(world, 1_000_000);
    expect(broke).toEqual(['n1: InvariantError: the test broke it']);
    expect([world.step(), world.nextEventUs]).toEqual([false, undefined]);
    expect(scripted.of('n2')).toEqual(['0ms start']);
  });
});

/** The real core under a few faults, with a client at every server. */
function realRun(seed: number): World {
  const world = createWorld({ scenario: scenarioOf(5), seed });
  const answers: string[] = [];
  const ask = (us: number, server: string, request: string, path: string): void =>
    world.at(us, () => {
      world.listen(server, request, (output) => {
        if (output === undefined || output.kind === 'answer') answers.push(`${request} ${output?.answer.result}`);
      });
      const operation = { kind: 'delete', path, operation: undefined, precondition: undefined } as const;
      world.tell(server, { kind: 'client-request', request, operation });
    });
  for (let i = 0; i < 50; i++) ask(1_000_000 + 40_000 * i, `n${(i % 5) + 1}`, `r${i}`, `/f${i % 7}`);
  world.at(1_500_000, () => world.reset('n1', 'n2'));
  world.at(2_000_000, () => world.crash('n3'));
  runTo(world, 6_000_000);
  expect(answers).toHaveLength(50);
  expect(answers.filter((answer) => answer.endsWith('done')).length).toBeGreaterThan(25);
  return world;
}

describe('a run', () => {
  it('is the same for the same seed, and another for another', () => {
    const [first, second, other] = [realRun(1), realRun(1), realRun(2)];
    expect(second.traceHash()).toBe(first.traceHash());
    expect(second.events).toBe(first.events);
    expect(other.traceHash()).not.toBe(first.traceHash());
  });
});
