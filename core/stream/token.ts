/**
 * The fairness token (MetaRing's SAT, Cidon & Ofek 1993). Between two visits a server may insert a quota of frames;
 * one that has not had its share holds the token, so that the heavy inserters upstream run out of quota and let it in.
 * One token per epoch, numbered; the ring's first member issues it, and again when it is lost.
 */
import type { Token } from '../frame.js';
import { changeStream, isLinked, launch, setTimer, type Turn } from '../turn.js';
import { sendClockwise } from './clockwise.js';

/** The part of its quota that is a server's share: with it, or with nothing to insert, it lets the token go. */
const SHARE = 0.5;

function isFirst(turn: Turn): boolean {
  return turn.state.view.ring[0]?.id === turn.state.self;
}

/** How long the token may stay away, ms. */
function lostMs(turn: Turn): number {
  return turn.state.limits.tokenLostMs + turn.state.limits.hopMs * turn.state.view.ring.length;
}

/** A new epoch, a new token. */
export function onView(turn: Turn): void {
  changeStream(turn, { token: { number: 0, held: undefined, lastSeenMs: turn.now } });
  setTimer(turn, 'token', Number.MAX_SAFE_INTEGER);
  if (isLinked(turn) && isFirst(turn)) setTimer(turn, 'token', turn.now);
}

/** Sends a new token off; older ones are dropped wherever they are met. */
function issue(turn: Turn): void {
  const { token, inserted } = turn.state.stream;
  const number = token.number + 1;
  changeStream(turn, { token: { number, held: undefined, lastSeenMs: turn.now }, inserted: 0 });
  launch(turn, turn.state.self, { kind: 'token', number, active: inserted > 0 });
  setTimer(turn, 'token', turn.now + lostMs(turn));
}

function satisfied(turn: Turn): boolean {
  const { stream, limits } = turn.state;
  return stream.insert.size + stream.repair.size === 0 || stream.inserted >= limits.quotaFrames * SHARE;
}

/** The token passes by, or stays until this server has had its share. */
export function onToken(turn: Turn, frame: Token): void {
  const { token } = turn.state.stream;
  if (frame.number <= token.number) return;
  changeStream(turn, { token: { number: frame.number, held: frame, lastSeenMs: turn.now } });
  release(turn);
}

/** The token came round: off again at once while somebody inserts, after a pause when nobody does. */
export function onTokenHome(turn: Turn, frame: Token): void {
  const { stream, limits } = turn.state;
  if (frame.number !== stream.token.number) return;
  changeStream(turn, { token: { ...stream.token, held: frame, lastSeenMs: turn.now } });
  if (frame.active || stream.inserted > 0) release(turn);
  if (turn.state.stream.token.held !== undefined) setTimer(turn, 'token', turn.now + limits.tokenIdleMs);
}

/** Lets a held token go, if this server has had its share; without a link it would be lost, and waits for one. */
export function release(turn: Turn): void {
  const { token, inserted } = turn.state.stream;
  if (token.held === undefined || turn.state.links.outbound === 0 || !satisfied(turn)) return;
  if (isFirst(turn)) {
    issue(turn);
    return;
  }
  changeStream(turn, { token: { ...token, held: undefined }, inserted: 0 });
  sendClockwise(turn, { ...token.held, active: token.held.active || inserted > 0 });
}

/** The token timer of the ring's first member: the pause is over, or the token is lost. */
export function onTokenTimer(turn: Turn): void {
  if (!isLinked(turn) || !isFirst(turn)) return;
  const { token } = turn.state.stream;
  const { outbound } = turn.state.links;
  const isMissing = token.number === 0 || turn.now - token.lastSeenMs >= lostMs(turn);
  if (token.held !== undefined) release(turn);
  else if (outbound !== 0 && isMissing) issue(turn);
  const { held, lastSeenMs } = turn.state.stream.token;
  const waits = held !== undefined || outbound === 0;
  setTimer(turn, 'token', waits ? turn.now + turn.state.limits.tokenIdleMs : lastSeenMs + lostMs(turn));
}
