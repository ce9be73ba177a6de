/**
 * The machine: one input in, the next state and a batch of outputs out. Pure: the only doors are its two arguments
 * and its result. One switch, input kind → the part that owns it.
 */
import { readMore } from './carousel/boarding.js';
import * as carousel from './carousel/carousel.js';
import { sweepChains } from './chain/chains.js';
import { dropDue } from './chain/held.js';
import { mend } from './chain/mending.js';
import { recover } from './chain/recovery.js';
import { onPersisted } from './chain/replication.js';
import { onStoreSpace } from './chain/space.js';
import * as coordination from './coordination/client.js';
import { copyOfState } from './copies.js';
import * as clients from './files/clients.js';
import * as readings from './files/readings.js';
import { onClientChunk, onClientEnd } from './files/uploads.js';
import type { Frame, RingFrame } from './frame.js';
import type { LinkId } from './ids.js';
import type { Input } from './input.js';
import { breakDown, install, onIdentityPersisted } from './install.js';
import { assertInvariants } from './invariants.js';
import { attend, begin, leave, takeNumber } from './membership/attend.js';
import { onKnock, sweepGuests } from './membership/guests.js';
import * as links from './membership/links.js';
import { onRegistrations, plan } from './membership/planning.js';
import { onPong, repair } from './membership/repair.js';
import type { Stepped } from './node.js';
import { implausibility } from './plausibility.js';
import { onLaunched, onRingFrame, onStaleFrame } from './route.js';
import { NO_ALARM, type NodeState } from './state.js';
import * as flow from './stream/flow.js';
import { onTokenTimer } from './stream/token.js';
import { NEVER, nextTimer, type TimerName } from './timers.js';
import { put, setTimer, type Turn } from './turn.js';

/** @throws InvariantError when a rule of ours is broken: a bug, never a peer's doing. */
export function step(state: NodeState, input: Input): Stepped {
  const turn: Turn = {
    now: input.now,
    state: copyOfState(state),
    outputs: [],
    launched: [],
    settled: 0,
    newView: undefined,
  };
  take(turn, input);
  takeNumber(turn, state);
  settle(turn);
  attend(turn, state);
  if (turn.state.carousel.waiting.size > 0) readMore(turn);
  // What waited for a link or for the token goes as soon as it may, whatever the input was.
  flow.pump(turn);
  settle(turn);
  if (turn.state.timers !== state.timers || turn.state.alarm !== state.alarm) askForWakeUp(turn);
  assertInvariants(turn.state);
  return { state: turn.state, outputs: turn.outputs };
}

/** Works off what the input has set in motion: a new view first, then frames of our own, in order. */
function settle(turn: Turn): void {
  for (;;) {
    const view = turn.newView;
    if (view !== undefined) {
      turn.newView = undefined;
      install(turn, view);
    } else if (turn.settled < turn.launched.length) {
      const frame = turn.launched[turn.settled++];
      if (frame !== undefined && frame.epoch === turn.state.view.epoch) onLaunched(turn, frame);
    } else {
      return;
    }
  }
}

function take(turn: Turn, input: Input): void {
  switch (input.kind) {
    case 'start':
      recover(turn, input.recovered);
      begin(turn, input.recovered, input.carry);
      if (turn.state.status !== 'removed') coordination.start(turn, input.recovered.identity);
      return;
    case 'wake':
      fireTimers(turn);
      return;
    case 'link-up':
      links.onLinkUp(turn, input.link, input.peer);
      return;
    case 'dial-failed':
      links.onDialFailed(turn, input.peer);
      return;
    case 'link-down':
      links.onLinkDown(turn, input.link);
      return;
    case 'link-drained':
      flow.onDrained(turn, input.link, input.frames);
      return;
    case 'frame':
      onFrame(turn, input.link, input.frame);
      return;
    case 'session':
      coordination.onSession(turn, input.session, input.state, input.owner);
      return;
    case 'coordinator-reply': {
      const registrations = coordination.onReply(turn, input.session, input.call, input.reply);
      if (registrations !== undefined) onRegistrations(turn, registrations);
      return;
    }
    case 'watch-fired':
      coordination.onWatchFired(turn, input.session, input.key);
      return;
    case 'persisted':
      onPersisted(turn, input.shard, input.upTo);
      return;
    case 'identity-persisted':
      onIdentityPersisted(turn);
      return;
    case 'chunk-read':
      carousel.onChunkRead(turn, input.upload, input.index, input.chunk);
      readings.onChunkRead(turn, input.chunk);
      return;
    case 'leave':
      leave(turn);
      return;
    case 'store-broken':
      breakDown(turn, input.why);
      return;
    case 'chunk-unwritten':
      mend(turn, input.upload, input.index, 'chunk-unwritten');
      return;
    case 'store-space':
      onStoreSpace(turn, input.full);
      return;
    default:
      takeFromClient(turn, input);
  }
}

function takeFromClient(turn: Turn, input: Extract<Input, { kind: `client-${string}` }>): void {
  switch (input.kind) {
    case 'client-request':
      clients.onClientRequest(turn, input.request, input.operation);
      return;
    case 'client-chunk':
      onClientChunk(turn, input.request, input.chunk);
      return;
    case 'client-end':
      onClientEnd(turn, input.request, input.length, input.sha256);
      return;
    case 'client-gone':
      clients.onClientGone(turn, input.request);
      return;
    case 'client-ready':
      readings.onClientReady(turn, input.request, input.chunks);
      return;
  }
}

/** A frame came over a link: link frames are its own affair, ring frames must be of our epoch. */
function onFrame(turn: Turn, linkId: LinkId, frame: Frame): void {
  const link = turn.state.links.table.get(linkId);
  if (link === undefined) return;
  links.heard(turn, linkId);
  switch (frame.kind) {
    case 'hello':
      links.onHello(turn, link, frame);
      return;
    case 'welcome':
      links.onWelcome(turn, link, frame);
      return;
    case 'view':
      turn.newView = frame.view;
      return;
    case 'ping':
      links.send(turn, linkId, { kind: 'pong', epoch: turn.state.view.epoch });
      return;
    case 'pong':
      onPong(turn, frame.epoch);
      return;
    case 'knock':
      onKnock(turn, link, frame);
      return;
    case 'credit':
      if (linkId === turn.state.links.outbound) flow.onCredit(turn, frame.epoch, frame.count);
      return;
    default:
      if (turn.state.status === 'member') takeRingFrame(turn, linkId, frame);
  }
}

function takeRingFrame(turn: Turn, linkId: LinkId, frame: RingFrame): void {
  const { view, links: own } = turn.state;
  // Never unannounced: the view is the first frame of its epoch on every link.
  const wrong = frame.epoch > view.epoch ? links.UNANNOUNCED : implausibility(view, frame);
  if (wrong !== undefined) links.refuseLink(turn, linkId, wrong);
  else if (frame.epoch < view.epoch) onStaleFrame(turn, frame);
  else if (linkId === own.inbound) onRingFrame(turn, frame);
}

const TIMER_TASKS: Readonly<Record<TimerName, (turn: Turn) => void>> = {
  heartbeat: beat,
  repair,
  token: onTokenTimer,
  chains: sweepChains,
  uploads: clients.sweepOperations,
  reads: clients.sweepReads,
  held: dropDue,
  idle: carousel.rideIdly,
  coordinator: coordination.onTimer,
  plan,
};

function beat(turn: Turn): void {
  sweepGuests(turn);
  links.beat(turn);
}

/** Fires every timer that is due; what a task sets again waits for its own time. */
function fireTimers(turn: Turn): void {
  const due = turn.state.timers;
  // This wake-up is used up: a timer set for this very moment needs another.
  turn.state.alarm = NO_ALARM;
  for (const name of Object.keys(TIMER_TASKS) as TimerName[]) {
    if (due[name] > turn.now) continue;
    setTimer(turn, name, NEVER);
    TIMER_TASKS[name](turn);
  }
}

/** One wake-up leaves the core, with its reason; it is asked for again only when it changes. */
function askForWakeUp(turn: Turn): void {
  const next = nextTimer(turn.state.timers);
  if (next === undefined || next.at === turn.state.alarm.at) return;
  turn.state.alarm = { at: next.at };
  put(turn, { kind: 'wake-at', at: next.at, why: next.name });
}
