/**
 * The register: read with a watch, so that no change can fall between a read and its watch; changed by compare-and-set.
 * What was proposed is installed only when it was read back, whoever won, and is never proposed again blindly.
 */
import { type CoordinatorReply, VIEW_KEY } from '../coordinator-port.js';
import { type Turn, wakeBy } from '../turn.js';
import type { View } from '../view/view.js';
import { call, change, EMPTY, isUnderWay, sync } from './session.js';

/** `synced`: it is known, or feared, that a follower's answer would be old. */
export function wantView(turn: Turn, how: 'as-seen' | 'synced'): void {
  if (turn.state.coordination.viewDue !== 'synced') change(turn, { viewDue: how });
}

export function propose(turn: Turn, view: View): void {
  change(turn, { proposal: view });
}

export function pursueView(turn: Turn): void {
  // Before its life has a number nobody knows whether a view means it.
  if (turn.state.incarnation === 0) return;
  pursueProposal(turn);
  const { viewDue } = turn.state.coordination;
  if (viewDue === 'no' || isUnderWay(turn, 'read-view')) return;
  if (viewDue === 'synced') sync(turn);
  change(turn, { viewDue: 'no' });
  call(turn, 'read-view', { op: 'read', key: VIEW_KEY, watch: true });
}

/** Against the version of the very view it follows; a proposal that follows another than was read is void. */
function pursueProposal(turn: Turn): void {
  const { proposal, read } = turn.state.coordination;
  if (proposal === undefined || isUnderWay(turn, 'propose-view')) return;
  wantView(turn, 'synced');
  if (read?.epoch !== proposal.epoch - 1) return;
  change(turn, { proposal: undefined });
  // Behind it goes the read: it tells what the register holds now, whatever became of this.
  call(turn, 'propose-view', {
    ...{ op: 'set', key: VIEW_KEY, value: { kind: 'view', view: proposal }, expected: read.version },
  });
}

export function onViewRead(turn: Turn, reply: CoordinatorReply): void {
  const { coordination, limits, view } = turn.state;
  if (reply.result === 'unknown') {
    wantView(turn, 'synced');
    return;
  }
  change(turn, { readAtMs: turn.now });
  wakeBy(turn, 'coordinator', turn.now + limits.pollMs);
  if (reply.result === 'absent') {
    change(turn, { read: undefined, proposal: undefined });
  } else if (reply.result === 'value' && reply.stored.value.kind === 'view') {
    const { version, value } = reply.stored;
    change(turn, { read: { epoch: value.view.epoch, version } });
    if (coordination.keptOut.startsWith(EMPTY)) change(turn, { keptOut: '' });
    if (turn.state.clusterId === '') turn.state.clusterId = value.view.clusterId;
    if (value.view.epoch > view.epoch) turn.newView = value.view;
    if (coordination.proposal?.epoch !== value.view.epoch + 1) change(turn, { proposal: undefined });
  }
}
