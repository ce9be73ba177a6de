// Of what a server inserts: clients' frames and repair take turns, and both count for its share and for what waits.
import { beforeEach, expect, it } from 'vitest';
import { copyOfState } from '../copies.js';
import type { ChunkFrame } from '../frame.js';
import { initialState } from '../state.js';
import { changeStream, type Turn } from '../turn.js';
import { ringOf, smallSettings } from '../view/views.test-kit.js';
import { onView, pass, pump, waitingFrames } from './flow.js';
import { onToken } from './token.js';

let turn: Turn;
beforeEach(() => {
  const born = initialState({ id: 'a', incarnation: 1, address: 'a:1', clusterId: 'test', seed: 1 });
  const state = copyOfState({ ...born, status: 'member', view: ringOf('b a') });
  state.links = { ...state.links, outbound: 1 };
  turn = { now: 0, state, outputs: [], launched: [], settled: 0, newView: undefined };
});

function frame(purpose: ChunkFrame['purpose']): ChunkFrame {
  const chunk = { upload: 'b.1.1', index: 0, length: 1, checksum: 0, payload: undefined };
  const route = { epoch: turn.state.view.epoch, origin: 'a', lastStop: 'b' };
  return { ...route, kind: 'chunk', purpose, shard: 0, chunk, boarding: 0, served: 0 };
}

/** Purposes of the frames that were sent, in order. */
const sent = (): readonly string[] =>
  turn.outputs.flatMap((output) =>
    output.kind === 'send' && output.frame.kind === 'chunk' ? [output.frame.purpose] : [],
  );

const token = () => ({ kind: 'token', number: 1, active: false, epoch: 1, origin: 'b', lastStop: 'b' }) as const;

/** As many as there are slots: the link takes all of them. */
function roomFor(credits: number): void {
  turn.state.limits = { ...turn.state.limits, wireFramesMax: credits };
  changeStream(turn, { credits });
  pump(turn);
}

it('lets what clients and readers wait for take turns with repair, however much of that waits', () => {
  for (const purpose of ['repair', 'repair', 'repair', 'repair', 'upload', 'rider'] as const) {
    pass(turn, frame(purpose), 'insert');
  }
  roomFor(7);
  expect(sent()).toEqual(['upload', 'repair', 'rider', 'repair', 'repair', 'repair']);
});

it('holds the token for repair that has not had its share', () => {
  pass(turn, frame('repair'), 'insert');
  onToken(turn, token());
  expect(turn.state.stream.token.held).toBeDefined();
  roomFor(smallSettings.transitSlots);
  expect(sent()).toEqual(['repair']);
  expect(turn.state.stream.token.held).toBeUndefined();
});

it('counts all that waits, and tells of it when a new view drops it', () => {
  pass(turn, frame('repair'), 'insert');
  pass(turn, frame('upload'), 'insert');
  pass(turn, frame('rider'), 'idle');
  expect(waitingFrames(turn.state.stream)).toBe(3);
  onView(turn);
  expect(turn.outputs).toEqual([{ kind: 'tell', fact: { fact: 'frames-dropped', why: 'new-view', count: 3 } }]);
});
