// Whatever goes wrong at the coordinator, the ring serves on: afterwards everybody is registered again, and the view as it was.
import { describe, expect, it } from 'vitest';
import { memberKey } from '../core/coordinator-port.js';
import { createWorld } from './world.js';
import { runTo, scenarioOf } from './world.test-kit.js';
import type { Undo, World } from './world-api.js';

const SECOND = 1_000_000;
/** The epoch in which somebody who was struck from the first view is back, and has learnt all there is. */
const AFTER_A_REMOVAL = 4;

function worldOf(kind: 'zookeeper' | 'embedded', seed = 1): World {
  const scenario = scenarioOf(3);
  const world = createWorld({ scenario: { ...scenario, coordinator: { ...scenario.coordinator, kind } }, seed });
  runTo(world, SECOND / 2);
  // Where nothing was ever written, chains would be laid anew after a removal.
  const operation = { kind: 'delete', path: '/a', operation: undefined, precondition: undefined } as const;
  world.tell('n1', { kind: 'client-request', request: 'c1', operation });
  runTo(world, SECOND);
  return world;
}

function expectCalm(world: World, epoch = 1): void {
  expect(world.view.epoch).toBe(epoch);
  for (const { state } of world.servers.values()) {
    expect([state.status, state.coordination.phase, state.coordination.entry]).toEqual(['member', 'connected', 'held']);
    expect(state.view.epoch).toBe(epoch);
  }
}

const struck = (undo: Undo | undefined): Undo => {
  if (undo === undefined) throw new Error('the trouble did not strike');
  return undo;
};

describe.each(['zookeeper', 'embedded'] as const)('with %s', (kind) => {
  it('founders live in their first lives', () => {
    const world = worldOf(kind);
    expectCalm(world);
    expect([...world.servers.values()].map(({ incarnation }) => incarnation)).toEqual([1, 1, 1]);
  });

  it.each([
    ['expire', { kind: 'expire' }],
    ['disconnect', { kind: 'disconnect' }],
    ['lose-reply', { kind: 'lose-reply', to: 'any' }],
    ['lose-watch', { kind: 'lose-watch' }],
    ['delay-watch', { kind: 'delay-watch', byUs: 3 * SECOND }],
    ['ghost', { kind: 'ghost' }],
  ] as const)('a session is struck by %s', (_, trouble) => {
    const world = worldOf(kind);
    const undo = struck(world.session('n1', trouble));
    runTo(world, 5 * SECOND);
    undo();
    runTo(world, 6 * SECOND);
    expectCalm(world);
    world.removeMember('n2');
    runTo(world, 9 * SECOND);
    expectCalm(world, AFTER_A_REMOVAL);
  });

  it('an entry that outlives its session is in its own way only', () => {
    const world = worldOf(kind);
    const undo = struck(world.session('n1', { kind: 'ghost' }));
    struck(world.session('n1', { kind: 'expire' }));
    runTo(world, 3 * SECOND);
    undo();
    runTo(world, 4 * SECOND);
    expectCalm(world);
  });

  it.each([1, 30, 200])('it is away for %i s', (seconds) => {
    const world = worldOf(kind);
    const undo = struck(world.coordinator({ kind: 'outage' }));
    runTo(world, (1 + seconds) * SECOND);
    undo();
    runTo(world, (8 + seconds) * SECOND);
    expectCalm(world);
  });

  it('whoever has something that was written says so there, once', () => {
    const world = worldOf(kind);
    const said = () =>
      [...world.servers.keys()].map((id) => {
        const stored = world.coordinatorValues.get(memberKey(id));
        return [stored?.version, stored?.value.kind === 'registration' && stored.value.registration.written];
      });
    // Made when it registered, and written once since.
    expect(said()).toEqual([1, 2, 3].map(() => [1, true]));
  });

  it('a restarted server takes the next number, and its place is free when its former session is over', () => {
    const world = worldOf(kind);
    world.crash('n2');
    world.restart('n2');
    runTo(world, 6 * SECOND);
    const { incarnation, state } = world.servers.get('n2') ?? {};
    expect([incarnation, state?.coordination.entry]).toEqual([2, 'held']);
  });

  it('a server that does not get there for long finds its session over, and registers again', () => {
    const world = worldOf(kind);
    world.hold('n1', 'coordinator', true);
    runTo(world, 8 * SECOND);
    world.hold('n1', 'coordinator', false);
    runTo(world, 12 * SECOND);
    expectCalm(world);
  });
});

describe('with zookeeper', () => {
  it.each([1, 2, 3])('leaders change again and again (seed %i)', (seed) => {
    const world = worldOf('zookeeper', seed);
    for (let i = 0; i < 20; i++) {
      struck(world.coordinator({ kind: 'leader-change' }));
      runTo(world, SECOND + i * 30_000);
    }
    runTo(world, 5 * SECOND);
    expectCalm(world);
  });

  it('the followers of a server lag: it learns of a new view all the same', () => {
    const world = worldOf('zookeeper');
    const undo = struck(world.session('n1', { kind: 'stale-read' }));
    world.removeMember('n2');
    runTo(world, 3 * SECOND);
    expect(world.servers.get('n1')?.state.view.epoch).toBe(AFTER_A_REMOVAL);
    undo();
    runTo(world, 4 * SECOND);
    expect(world.servers.get('n1')?.state.coordination.entry).toBe('held');
  });
});
