/**
 * The client of the coordinator: sessions, our registration, the register. Everything that a lost reply, an expired
 * session or a lost race means is decided here (hazard 3); the drivers only translate.
 * After whatever happens the same question is asked: what is not yet as it should be, and is nobody seeing to it?
 */
import type { Errand } from '../coordination-state.js';
import {
  type CallId,
  type CoordinatorReply,
  type Key,
  MEMBERS,
  type SessionNumber,
  type SessionState,
  VIEW_KEY,
} from '../coordinator-port.js';
import { SortedMap } from '../sorted-map.js';
import type { StoreIdentity } from '../store-port.js';
import { NEVER } from '../timers.js';
import { setTimer, type Turn, tell, wakeBy } from '../turn.js';
import type { Registration } from '../view/registration.js';
import type { View } from '../view/view.js';
import { onPrepared, onRegisterRead, pursueFounding } from './founding.js';
import { onLivesBumped, onLivesRead, pursueLife } from './life.js';
import { madeName } from './made-names.js';
import { onViewRead, propose, pursueView, wantView } from './register.js';
import { onEntryCleared, onEntrySeen, onEntryWritten, pursueEntry, want } from './registration.js';
import { abandon, call, change, isUnderWay, open, renewIfOver, sync } from './session.js';

/** A life begins: connect, learn its number, register, read the register and watch it. `identity`: of the disk. */
export function start(turn: Turn, identity: StoreIdentity | undefined): void {
  change(turn, {
    store: identity?.store ?? madeName(turn),
    life: madeName(turn),
    livesBefore: identity?.incarnation ?? 0,
  });
  open(turn);
}

/** What the coordinator is to hold of us from now on. Written when it differs; again whenever it is lost. */
export function publish(turn: Turn, registration: Registration): void {
  want(turn, registration);
  pursue(turn);
}

/** Read everybody's registrations; they come back from onReply. Not asked for twice at once, and not again if lost. */
export function readRegistrations(turn: Turn): void {
  if (turn.state.coordination.phase !== 'connected' || isUnderWay(turn, 'list-members')) return;
  sync(turn);
  call(turn, 'list-members', { op: 'list', under: MEMBERS });
}

/** There is a newer view than ours. */
export function readView(turn: Turn): void {
  wantView(turn, 'synced');
  pursue(turn);
}

/** Compare-and-set against the view before it; what the register holds afterwards is read and installed. */
export function proposeView(turn: Turn, view: View): void {
  propose(turn, view);
  pursue(turn);
}

/** For good: our entry goes, the session too. */
export function close(turn: Turn): void {
  if (turn.state.coordination.phase !== 'none') abandon(turn);
  setTimer(turn, 'coordinator', NEVER);
}

export function onSession(turn: Turn, session: SessionNumber, state: SessionState, owner: string): void {
  const { coordination, limits } = turn.state;
  if (session !== coordination.session || coordination.phase === 'none') return;
  tell(turn, { fact: 'session', state });
  loseCalls(turn);
  if (state === 'expired') {
    open(turn);
  } else if (state === 'connected') {
    change(turn, { phase: 'connected', owner, heardAtMs: turn.now });
    wantView(turn, 'as-seen');
    pursue(turn);
  } else if (coordination.phase === 'connecting') {
    const retryAtMs = turn.now + limits.reconnectMs;
    change(turn, { retryAtMs });
    wakeBy(turn, 'coordinator', retryAtMs);
  } else {
    change(turn, { phase: 'disconnected' });
  }
}

/** Nobody will answer the calls under way any more. */
function loseCalls(turn: Turn): void {
  const errands = [...turn.state.coordination.underWay.values()];
  change(turn, { underWay: SortedMap.empty() });
  for (const errand of errands) onAnswer(turn, errand, { result: 'unknown' });
}

/** @returns the registrations that were asked for, if that is what came. */
export function onReply(
  turn: Turn,
  session: SessionNumber,
  id: CallId,
  reply: CoordinatorReply,
): readonly Registration[] | undefined {
  const { coordination } = turn.state;
  const errand = coordination.underWay.get(id);
  if (session !== coordination.session || errand === undefined) return undefined;
  change(turn, { underWay: coordination.underWay.delete(id) });
  // Lost with the connection: nothing is asked again before we are told that there is another.
  if (reply.result === 'unknown') change(turn, { phase: 'disconnected' });
  else change(turn, { heardAtMs: turn.now });
  onAnswer(turn, errand, reply);
  pursue(turn);
  if (errand !== 'list-members' || reply.result !== 'values') return undefined;
  return reply.stored.flatMap(({ value }) => (value.kind === 'registration' ? [value.registration] : []));
}

function onAnswer(turn: Turn, errand: Errand, reply: CoordinatorReply): void {
  switch (errand) {
    case 'read-lives':
      onLivesRead(turn, reply);
      return;
    case 'bump-lives':
      onLivesBumped(turn, reply);
      return;
    case 'create-entry':
    case 'write-entry':
      onEntryWritten(turn, reply);
      return;
    case 'look-at-entry':
      onEntrySeen(turn, reply);
      return;
    case 'clear-entry':
      onEntryCleared(turn, reply);
      return;
    case 'read-view':
      onViewRead(turn, reply);
      onRegisterRead(turn, reply);
      return;
    default:
      // A proposal, as a founding, has its read behind it; a list is asked for again by whoever still needs it.
      return;
  }
}

export function onWatchFired(turn: Turn, session: SessionNumber, key: Key): void {
  if (session !== turn.state.coordination.session || key !== VIEW_KEY) return;
  change(turn, { heardAtMs: turn.now });
  wantView(turn, 'as-seen');
  pursue(turn);
}

function pursue(turn: Turn): void {
  if (turn.state.coordination.phase !== 'connected') return;
  pursueLife(turn);
  pursueEntry(turn);
  pursueFounding(turn);
  pursueView(turn);
}

/** The disk knows of this life: perhaps a founding waits for it. */
export function onIdentityPersisted(turn: Turn): void {
  if (onPrepared(turn)) pursue(turn);
}

/** The coordinator timer: the lease, the next look at the register, an entry that was in the way. */
export function onTimer(turn: Turn): void {
  if (turn.state.coordination.phase === 'none' || renewIfOver(turn)) return;
  const { coordination, limits, now } = { ...turn.state, now: turn.now };
  if (coordination.phase === 'connected' && now - coordination.readAtMs >= limits.pollMs) wantView(turn, 'as-seen');
  pursue(turn);
  const { heardAtMs, readAtMs, retryAtMs, phase } = turn.state.coordination;
  wakeBy(turn, 'coordinator', heardAtMs + limits.sessionMs);
  // What is due and has not been asked for waits for an answer, and that will ask: the timer must not ring at once again.
  const pollAtMs = readAtMs + limits.pollMs;
  if (phase === 'connected' && !isUnderWay(turn, 'read-view') && pollAtMs > now) wakeBy(turn, 'coordinator', pollAtMs);
  if (retryAtMs > now) wakeBy(turn, 'coordinator', retryAtMs);
}
