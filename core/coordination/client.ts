/**
 * The client of the coordinator: sessions, our registration, the register. Everything that a lost reply, an expired
 * session or a lost race means is decided here (hazard 3); the drivers only translate.
 */
import type { CallId, CoordinatorReply, Key, SessionNumber, SessionState } from '../coordinator-port.js';
import type { Turn } from '../turn.js';
import type { Registration } from '../view/registration.js';
import type { View } from '../view/view.js';

/** A life begins: connect, learn its number, register, read the register and watch it. */
export function start(_turn: Turn): void {}

/** What the coordinator is to hold of us from now on. Written when it differs; again whenever it is lost. */
export function publish(_turn: Turn, _registration: Registration): void {}

/** Read everybody's registrations; they come back from onReply. */
export function readRegistrations(_turn: Turn): void {}

export function readView(_turn: Turn): void {}

/** Compare-and-set against the present epoch; what the register holds afterwards is read and installed. */
export function proposeView(_turn: Turn, _view: View): void {}

/** For good: our entry goes, the session too. */
export function close(_turn: Turn): void {}

export function onSession(_turn: Turn, _session: SessionNumber, _state: SessionState, _owner: string): void {}

/** @returns the registrations that were asked for, if that is what came. */
export function onReply(
  _turn: Turn,
  _session: SessionNumber,
  _call: CallId,
  _reply: CoordinatorReply,
): readonly Registration[] | undefined {
  return undefined;
}

export function onWatchFired(_turn: Turn, _session: SessionNumber, _key: Key): void {}

/** The coordinator timer. */
export function onTimer(_turn: Turn): void {}
