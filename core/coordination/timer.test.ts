// The coordinator timer: whatever is waited for, it rings later, never at once again and again.
import { expect, it } from 'vitest';
import type { Input } from '../input.js';
import { initialState, type NodeState } from '../state.js';
import { step } from '../step.js';
import { NOTHING_RECOVERED } from '../store-port.js';

it('does not ring for a register that cannot be read before this life has its number', () => {
  let state: NodeState = initialState({ id: 'n1', address: 'n1:1', clusterId: 'c', seed: 1 });
  const feed = (input: Input): void => {
    state = step(state, input).state;
  };
  const { reconnectMs } = state.limits;
  feed({ kind: 'start', recovered: NOTHING_RECOVERED, carry: undefined, now: 10_000 });
  // Refused at first: the timer is set for another try, and rings although there is a session by then.
  feed({ kind: 'session', session: 1, state: 'disconnected', owner: '', now: 10_001 });
  feed({ kind: 'session', session: 1, state: 'connected', owner: 'session 1', now: 10_100 });
  const ringsAt = 10_001 + reconnectMs;
  expect(state.alarm.at).toBe(ringsAt);
  feed({ kind: 'wake', now: ringsAt });
  expect(state.coordination).toMatchObject({ phase: 'connected', session: 1 });
  expect(state.alarm.at).toBeGreaterThan(ringsAt);
});
