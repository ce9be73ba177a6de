// Everything that can happen in small worlds of the real core. `npm run explore` looks at larger ones.
import { describe, expect, it } from 'vitest';
import { CASES } from './cases.js';
import type { Cast } from './cast.js';
import { explore } from './explore.js';
import { broken } from './promises.js';
import { type Server, SmallWorld } from './small-world.js';

describe('in every order in which things can happen', () => {
  it.each(CASES.filter(({ isQuick }) => isQuick))('$name: every promise holds', ({ cast }) => {
    const found = explore(cast);
    expect(found.violation).toBeUndefined();
    expect(found.isCut).toBe(false);
    expect(found.ends).toBeGreaterThan(0);
    // Nobody crashes: nothing but what happens here is needed for an answer.
    if (cast.mayCrash === undefined) expect(found.waitingEnds).toBe(0);
  });
});

describe('a promise that was not given', () => {
  const two = { servers: ['n1', 'n2'], chain: ['n1', 'n2'] };

  it('is found broken where one disk of the chain lacks what was acknowledged', () => {
    const world = SmallWorld.of({ ...two, clients: [] });
    const [first, second] = world.all as readonly [Server, Server];
    const result = { outcome: 'done', version: '1.1' } as const;
    const history = [{ client: 0, path: '/a', kind: 'put', content: 'x', call: 0, end: 1, result } as const];
    const { register } = world;
    const seen = (...all: readonly Server[]) => broken({ register, history, all });
    const has = { ...first, durable: 1 };
    expect(seen(has, second)).toEqual(['1 was acknowledged, n2 has 0 durably']);
    expect(seen(has, { ...second, isAlive: false })).toEqual([]);
    expect(seen(has, { ...second, durable: 1 })).toEqual([]);
  });

  it('is found broken in what clients were told: who is asked for what it knows may know less', () => {
    const cast: Cast = {
      ...two,
      clients: [[{ at: 'n1', does: 'put' }], [{ at: 'n2', does: 'stat', consistency: 'eventual' }]],
      mayBeRemoved: ['n2'],
    };
    const { violation } = explore(cast);
    expect(violation?.what[0]).toBe('not linearizable: /a');
    expect(violation?.path[0]).toMatch(/asks$|remove$/);
  });
});
