// A server's lives: what a next one finds on the disk and is handed over, how one ends by its own wish, spares, clocks.
import { describe, expect, it } from 'vitest';
import { foundText } from '../core/conformance/store-life.test-kit.js';
import type { Input } from '../core/input.js';
import type { Output } from '../core/output.js';
import type { Recovered } from '../core/store-port.js';
import type { Durability } from '../core/view/view.js';
import { chunk, entry } from './models/disk/disk.test-kit.js';
import { runTo, ScriptedWorld } from './world.test-kit.js';
import type { ClientMessage, World } from './world-api.js';

const MS = 1000;
const CARRY = { removals: 3, removedAtMs: 7 };
const restart = (afterMs: number): Output => ({ kind: 'restart', afterMs, carry: CARRY, why: 'test' });
const stat = (request: string): ClientMessage => ({
  ...{ kind: 'client-request', request, operation: { kind: 'stat', path: '/a' } },
});

/** One server that writes an entry with a chunk in each life; a client's request is answered with these outputs. */
class Writing {
  readonly found: Recovered[] = [];
  readonly starts: Extract<Input, { kind: 'start' }>[] = [];
  readonly scripted: ScriptedWorld;
  readonly world: World;

  constructor(durability: Durability, onRequest: readonly Output[] = []) {
    this.scripted = new ScriptedWorld(
      (state, input) => {
        if (input.kind === 'client-request') return onRequest;
        if (input.kind !== 'start') return [];
        this.starts.push(input);
        return [
          { kind: 'store-chunk', shard: 0, chunk: chunk(`u${state.incarnation}`, 0) },
          { kind: 'persist', shard: 0, entries: [entry(state.incarnation)] },
        ];
      },
      1,
      { durability },
    );
    this.world = this.scripted.world;
    this.pass(10);
  }

  pass(ms: number): void {
    runTo(this.world, this.world.nowUs + ms * MS);
  }

  get lastFound(): string {
    const last = this.starts[this.starts.length - 1];
    return last === undefined ? 'no life' : foundText(last.recovered);
  }
}

describe('the next life of a server', () => {
  it.each([
    ['memory', '', '', '0[1] u1#0-1'],
    ['os', '0[1] u1#0-1', '', '0[1] u1#0-1'],
    ['fsync', '0[1] u1#0-1', '0[1] u1#0-1', '0[1] u1#0-1'],
  ] as const)('finds under %s what outlived process, power, or a life alone', (durability, process, power, life) => {
    const found = [false, true].map((withPower) => {
      const writing = new Writing(durability);
      writing.world.disk('n1', { kind: 'lose-unsynced' });
      writing.world.crash('n1', withPower);
      writing.world.restart('n1');
      return writing.lastFound;
    });
    const writing = new Writing(durability, [restart(1)]);
    writing.world.tell('n1', stat('r'));
    writing.pass(1);
    expect([...found, writing.lastFound]).toEqual([process, power, life]);
  });

  it('finds nothing on a wiped disk, and on a stale one what was there when the snapshot was taken', () => {
    const writing = new Writing('fsync');
    const { world } = writing;
    world.disk('n1', { kind: 'snapshot' });
    for (const disk of ['kept', 'stale', 'wiped'] as const) {
      world.crash('n1');
      world.restart('n1', disk);
      writing.pass(10);
    }
    expect(writing.starts.map(({ recovered }) => foundText(recovered))).toEqual(['', '0[1] u1#0-1', '0[1] u1#0-1', '']);
  });

  it('loses to a power cut what a dead process had written', () => {
    const writing = new Writing('os');
    writing.world.crash('n1');
    writing.world.disk('n1', { kind: 'lose-unsynced' });
    writing.world.crash('n1', true);
    writing.world.restart('n1');
    expect(writing.lastFound).toBe('');
  });

  it('is told what its disk cannot do', () => {
    const writing = new Writing('fsync', [
      { kind: 'store-chunk', shard: 0, chunk: chunk('v', 0) },
      { kind: 'persist', shard: 0, entries: [entry(2)] },
    ]);
    const { world, scripted } = writing;
    const undos = [world.disk('n1', { kind: 'full' }), world.disk('n1', { kind: 'eio', of: 'write' })];
    world.tell('n1', stat('r'));
    writing.pass(5);
    for (const undo of undos) undo?.();
    writing.pass(5);
    expect(scripted.of('n1').map((line) => line.split(' ')[1])).toEqual([
      ...['start', 'persisted', 'request', 'store-space', 'chunk-unwritten', 'store-broken', 'store-space'],
    ]);
  });
});

/** n1 dials n2; n2 answers a client's request with these outputs, and in its first life would like to wake up. */
function dialled(onRequest: readonly Output[]): ScriptedWorld {
  const scripted: ScriptedWorld = new ScriptedWorld((state, input) => {
    const member = scripted.world.view.ring[1];
    if (state.self === 'n1') return input.kind === 'start' && member !== undefined ? [{ kind: 'dial', member }] : [];
    if (input.kind === 'start' && state.incarnation === 1)
      return [{ kind: 'wake-at', at: input.now + 30, why: 'test' }];
    return input.kind === 'client-request' ? onRequest : [];
  });
  runTo(scripted.world, 10 * MS);
  return scripted;
}

describe('a life that ends by its own wish', () => {
  it('closes its links, tells its clients, forgets its alarm, and is followed by the next in the same process', () => {
    const scripted = dialled([restart(15), { kind: 'dial', member: { id: 'n1', incarnation: 1, address: '' } }]);
    const { world } = scripted;
    const words: unknown[] = [];
    world.listen('n2', 'r', (output) => words.push(output));
    world.tell('n2', stat('r'));
    runTo(world, 20 * MS);
    expect(words).toEqual([undefined]);
    expect(scripted.of('n1').at(-1)).toMatch(/link-down$/);
    expect(world.servers.get('n2')).toMatchObject({ process: 'running', incarnation: 1 });
    const before = scripted.of('n2').length;
    runTo(world, 200 * MS);
    expect(scripted.of('n2').slice(before)).toEqual(['25ms start']);
    expect(scripted.heard.at(-1)).toMatch(/^n2\.2 /);
    expect(world.servers.get('n2')).toMatchObject({ process: 'running', incarnation: 2 });
  });

  it('hands over what it wants to', () => {
    const writing = new Writing('fsync', [restart(0)]);
    writing.world.tell('n1', stat('r'));
    writing.pass(1);
    expect(writing.starts.map(({ carry }) => carry)).toEqual([undefined, CARRY]);
  });

  it('is nobody’s until the next begins: clients are told, dials fail', () => {
    const scripted = dialled([restart(50)]);
    const { world } = scripted;
    world.tell('n2', stat('r'));
    runTo(world, 20 * MS);
    const words: unknown[] = [];
    world.listen('n2', 'r2', (output) => words.push(output));
    world.tell('n2', stat('r2'));
    world.leave('n2');
    runTo(world, 21 * MS);
    expect(words).toEqual([undefined]);
    world.crash('n1');
    world.restart('n1');
    runTo(world, 40 * MS);
    expect(scripted.of('n1').at(-1)).toMatch(/dial-failed$/);
  });

  it('has no next one when the process crashes in between', () => {
    const scripted = dialled([restart(50)]);
    const { world } = scripted;
    world.tell('n2', stat('r'));
    runTo(world, 20 * MS);
    world.crash('n2');
    const before = scripted.of('n2').length;
    runTo(world, 30 * MS);
    world.restart('n2');
    runTo(world, 200 * MS);
    expect(scripted.of('n2').slice(before)).toEqual(['30ms start']);
  });

  it('has its next one late when the process is frozen by then', () => {
    const scripted = dialled([restart(50)]);
    const { world } = scripted;
    world.tell('n2', stat('r'));
    runTo(world, 20 * MS);
    world.pause('n2');
    const before = scripted.of('n2').length;
    runTo(world, 100 * MS);
    expect(world.servers.get('n2')).toMatchObject({ process: 'paused', incarnation: 1 });
    world.resume('n2');
    expect(scripted.of('n2').slice(before)).toEqual(['100ms start']);
  });

  it('that ends while it hears what it missed hears no more of that, and every frame is accounted for', () => {
    const frame = { kind: 'credit', epoch: 1, count: 1 } as const;
    const books = { sent: 0, delivered: 0, lost: 0 };
    const scripted = new ScriptedWorld((state, input) => {
      const member = scripted.world.view.ring[1];
      if (state.self === 'n1' && input.kind === 'start' && member !== undefined) return [{ kind: 'dial', member }];
      if (state.self === 'n2' && input.kind === 'link-up')
        return Array.from({ length: 9 }, () => ({ kind: 'send', link: input.link, frame }));
      return state.self === 'n1' && input.kind === 'frame' ? [restart(1000)] : [];
    });
    const { world } = scripted;
    world.observe({ sent: () => books.sent++, delivered: () => books.delivered++, lost: () => books.lost++ });
    while (!scripted.of('n2').some((line) => line.endsWith('link-up'))) world.step();
    world.pause('n1');
    runTo(world, 20 * MS);
    world.leave('n1');
    world.resume('n1');
    runTo(world, 40 * MS);
    expect(scripted.of('n1').at(-1)).toBe('20ms frame 1');
    expect(books).toEqual({ sent: 9, delivered: 1, lost: 8 });
  });

  it('ends the process for good when it stops, until somebody starts it', () => {
    const scripted = dialled([{ kind: 'stop', why: 'test' }]);
    const { world } = scripted;
    const words: unknown[] = [];
    world.listen('n2', 'r', (output) => words.push(output));
    world.tell('n2', stat('r'));
    runTo(world, 200 * MS);
    expect(words).toEqual([undefined]);
    expect(scripted.of('n1').at(-1)).toMatch(/link-down$/);
    expect(world.servers.get('n2')?.process).toBe('down');
    world.restart('n2');
    expect(scripted.of('n2').at(-1)).toBe('200ms start');
  });
});

describe('spares and leavers', () => {
  it('are there, not in the ring, and down until they join', () => {
    const scripted = new ScriptedWorld(() => [], 2, { spares: 1 });
    const { world } = scripted;
    expect([...world.servers.keys()]).toEqual(['n1', 'n2', 'n3']);
    expect(world.view.ring.map(({ id }) => id)).toEqual(['n1', 'n2']);
    runTo(world, 10 * MS);
    world.restart('n3');
    expect(world.servers.get('n3')?.process).toBe('down');
    world.join('n3');
    world.join('n3');
    expect(scripted.of('n3')).toEqual(['10ms start']);
    expect(world.servers.get('n3')).toMatchObject({ process: 'running', incarnation: 1 });
  });

  it('are told to leave', () => {
    const scripted = new ScriptedWorld(() => []);
    runTo(scripted.world, 10 * MS);
    scripted.world.leave('n2');
    expect(scripted.of('n2')).toEqual(['0ms start', '10ms leave']);
  });
});

describe('a server whose clock goes wrong', () => {
  /** Wakes up every ten milliseconds of its own. */
  const ticking = (): ScriptedWorld => {
    const scripted = new ScriptedWorld((_, input) =>
      input.kind === 'start' || input.kind === 'wake' ? [{ kind: 'wake-at', at: input.now + 10, why: 'test' }] : [],
    );
    runTo(scripted.world, 15 * MS);
    return scripted;
  };

  it('freezes alone, and goes on from where it stood', () => {
    const scripted = ticking();
    const undo = scripted.world.clock('n2', { kind: 'freeze' });
    runTo(scripted.world, 45 * MS);
    undo?.();
    runTo(scripted.world, 61 * MS);
    expect(scripted.of('n1')).toContain('40ms wake');
    expect(scripted.of('n2')).toEqual(['0ms start', '10ms wake', '20ms wake', '30ms wake']);
  });

  it('is set at the start of its process, not at that of another life', () => {
    const scripted = ticking();
    const { world } = scripted;
    world.clock('n2', { kind: 'skew', byUs: -5 * MS });
    runTo(world, 25 * MS);
    expect(scripted.of('n2').at(-1)).toBe('20ms wake');
    world.crash('n2');
    world.restart('n2');
    runTo(world, 36 * MS);
    expect(scripted.of('n2').slice(-2)).toEqual(['20ms start', '30ms wake']);
  });
});
