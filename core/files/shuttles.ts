/**
 * Shuttles: what wants and readers travel in. One frame with eight wants costs far less than eight frames, so whoever has
 * some puts them on a shuttle that passes, and sends one of its own only when none will come. A shuttle that several use
 * promises to come round again and is waited for; one that nobody else uses ends where it began. So a lone reader waits for
 * nothing, and no more turns are made in vain than were shared.
 * What makes an answer good is no affair of the shuttle: see wants.ts and at-hand.ts.
 */
import type { Shuttle, Want } from '../frame.js';
import type { RequestId } from '../ids.js';
import { NO_RANGES } from '../ranges.js';
import type { Reader, ReadsState, Ride } from '../reads-state.js';
import { SortedMap } from '../sorted-map.js';
import { sendClockwise } from '../stream/clockwise.js';
import { isRingOfOne, launch, revolutionMs, type Turn, tell, wakeBy } from '../turn.js';
import { atHand } from './at-hand.js';
import { changeReads, readerOf } from './readers.js';
import {
  answerHome,
  type HomeWant,
  onWant,
  queue,
  requireAll,
  requireOverdue,
  respond,
  takeRequired,
} from './wants.js';

/** A shuttle that so many servers have used in one turn is worth another; one that somebody still rides on goes on anyway. */
const SHARERS_MIN = 2;

/** A new reader: the next shuttle takes its want, or takes it round the ring for what is at hand. */
export function queueReader(turn: Turn, reader: Reader): void {
  const { reads } = turn.state;
  changeReads(turn, { readers: reads.readers.set(reader.request, reader) });
  if (atHand(turn, reader.path) === undefined) queue(turn, reader);
  else changeReads(turn, { unconfirmed: reads.unconfirmed.set(reader.request, true) });
  wakeBy(turn, 'reads', turn.now + revolutionMs(turn));
  summon(turn);
}

const isNeeded = ({ required, unconfirmed }: ReadsState): boolean => required.size + unconfirmed.size > 0;

/** Sends a shuttle off for readers that have none to wait for. */
function summon(turn: Turn): void {
  const { reads, self } = turn.state;
  const { nextId, ownShuttle, coming } = reads;
  if (!isNeeded(reads) || ownShuttle !== undefined || coming !== undefined) return;
  changeReads(turn, { ownShuttle: { number: nextId, sentAtMs: turn.now }, nextId: nextId + 1 });
  const empty = { boarded: 0, comesAgain: false, isGapped: false, awaitedBy: [], wants: [] };
  launch(turn, self, { kind: 'shuttle', number: nextId, ...empty });
}

/** One of our own sets off. */
export function setOff(turn: Turn, frame: Shuttle): void {
  send(turn, load(turn, frame));
}

/** Puts aboard what waits here, as far as there is room. */
function load(turn: Turn, frame: Shuttle): Shuttle {
  const { reads, limits, self } = turn.state;
  if (!isNeeded(reads)) return frame;
  const { origin, awaitedBy, boarded, wants } = frame;
  const fresh = takeRequired(turn, limits.shuttleWantsMax - wants.length);
  const isRidden = reads.unconfirmed.size > 0;
  if (isRidden) {
    const ride: Ride = { readers: [...reads.unconfirmed.keys()], boardedAtMs: turn.now, isOverdue: false };
    const { rides } = turn.state.reads;
    changeReads(turn, { unconfirmed: SortedMap.empty(), rides: rides.set(rideKey(frame), ride) });
  } else if (fresh.length === 0) {
    return frame;
  }
  if (origin !== self) tell(turn, { fact: 'shuttle-shared', origin });
  return {
    ...frame,
    boarded: boarded + 1,
    awaitedBy: isRidden ? [...awaitedBy, self] : awaitedBy,
    wants: fresh.length > 0 ? [...wants, ...fresh] : wants,
  };
}

const rideKey = ({ origin, number }: Shuttle): string => `${origin}/${number}`;

function send(turn: Turn, frame: Shuttle): void {
  if (isRingOfOne(turn)) onShuttle(turn, frame);
  else sendClockwise(turn, frame);
}

/** A shuttle comes to a server. It goes on first: the whole ring waits for it, and for our clients' answers only they. */
export function onShuttle(turn: Turn, frame: Shuttle): void {
  const { self, links } = turn.state;
  const home: HomeWant[] = [];
  const wants = visitAll(turn, frame.wants, home);
  const confirmed = endRide(turn, frame);
  const isGapped = frame.isGapped || links.wasRestored;
  if (isGapped && !turn.state.reads.isGapped) changeReads(turn, { isGapped });
  const isChanged = wants !== frame.wants || confirmed !== undefined || isGapped !== frame.isGapped;
  const awaitedBy = confirmed === undefined ? frame.awaitedBy : frame.awaitedBy.filter((id) => id !== self);
  const visited = isChanged ? { ...frame, isGapped, awaitedBy, wants } : frame;
  const onward = frame.origin === self ? comeHome(turn, visited) : passBy(turn, visited);
  if (onward !== undefined) send(turn, onward);
  answerHome(turn, home);
  if (confirmed !== undefined) answerConfirmed(turn, confirmed);
  summon(turn);
}

/** Whoever rides on it from here has made a full revolution. */
function endRide(turn: Turn, frame: Shuttle): readonly RequestId[] | undefined {
  if (!frame.awaitedBy.includes(turn.state.self)) return undefined;
  const { rides } = turn.state.reads;
  const key = rideKey(frame);
  const readers = rides.get(key)?.readers ?? [];
  changeReads(turn, { rides: rides.delete(key) });
  return readers;
}

/** This server was in the ring's epoch after they had asked. What is not at hand any more needs a want. */
function answerConfirmed(turn: Turn, requests: readonly RequestId[]): void {
  for (const request of requests) {
    const reader = readerOf(turn, request);
    // A former ride of it, that was given up for lost, may have come home before.
    if (reader === undefined || reader.by === 'want' || reader.upload !== undefined) continue;
    const held = atHand(turn, reader.path);
    if (held === undefined) {
      queue(turn, reader);
      continue;
    }
    const { unconfirmed } = turn.state.reads;
    if (unconfirmed.has(request)) changeReads(turn, { unconfirmed: unconfirmed.delete(request) });
    respond(turn, reader, held.file, NO_RANGES);
  }
}

/** @returns those that go on; the very same list if nothing has changed, so that the frame goes on as it came. */
function visitAll(turn: Turn, wants: readonly Want[], home: HomeWant[]): readonly Want[] {
  let isChanged = false;
  const onward: Want[] = [];
  for (const want of wants) {
    const visited = onWant(turn, want, home);
    isChanged ||= visited !== want;
    if (visited !== undefined) onward.push(visited);
  }
  return isChanged ? onward : wants;
}

function passBy(turn: Turn, frame: Shuttle): Shuttle {
  const { coming } = turn.state.reads;
  const { origin, comesAgain } = frame;
  // One that will not come again is left alone where another will: two half-empty shuttles cost twice as much as one.
  const isTaken = comesAgain || coming === undefined || coming.origin === origin;
  const onward = isTaken ? load(turn, frame) : frame;
  expect(turn, frame);
  return onward;
}

/** Whether this shuttle may be waited for: of several that of the lowest server; none without room for what is left here. */
function expect(turn: Turn, { origin, comesAgain }: Shuttle): void {
  const { coming } = turn.state.reads;
  if (comesAgain && !isNeeded(turn.state.reads)) {
    if (coming === undefined || origin <= coming.origin)
      changeReads(turn, { coming: { origin, passedAtMs: turn.now } });
  } else if (coming?.origin === origin) {
    changeReads(turn, { coming: undefined });
  }
}

function comeHome(turn: Turn, frame: Shuttle): Shuttle | undefined {
  const { ownShuttle, coming } = turn.state.reads;
  const { number } = frame;
  // One that was given up for lost only brings home what it carries, and keeps its word: others wait for it.
  const isGivenUp = ownShuttle?.number !== number;
  // Of two that come again, that of the lower server stays.
  const isOutdone = coming !== undefined && coming.origin < turn.state.self;
  const isLast = isGivenUp || isOutdone;
  // It goes on in any case where somebody rides on it still: then others may as well wait for it.
  const isWorthIt = frame.boarded >= SHARERS_MIN || isAwaited(frame);
  const fresh = { ...frame, boarded: 0, comesAgain: isWorthIt && !isLast };
  const onward = isLast ? fresh : load(turn, fresh);
  const goesOn = isAwaited(onward) || frame.comesAgain;
  if (!isGivenUp) changeReads(turn, { ownShuttle: goesOn ? { number, sentAtMs: turn.now } : undefined });
  return goesOn ? onward : undefined;
}

const isAwaited = ({ awaitedBy, wants }: Shuttle): boolean => awaitedBy.length + wants.length > 0;

/** A new view: what was under way counts for nothing. */
export function onView(turn: Turn): void {
  repeatRides(turn, turn.now);
  changeReads(turn, {
    rides: SortedMap.empty(),
    ownShuttle: undefined,
    coming: undefined,
    isGapped: false,
    commits: SortedMap.empty(),
  });
  requireAll(turn);
  summon(turn);
}

/** The reads timer: shuttles and wants that were lost are sent again. */
export function sweepShuttles(turn: Turn): void {
  const overdueMs = turn.now - revolutionMs(turn);
  const { ownShuttle, coming } = turn.state.reads;
  if (ownShuttle !== undefined && ownShuttle.sentAtMs <= overdueMs) changeReads(turn, { ownShuttle: undefined });
  if (coming !== undefined && coming.passedAtMs <= overdueMs) changeReads(turn, { coming: undefined });
  repeatRides(turn, overdueMs);
  requireOverdue(turn, overdueMs);
  summon(turn);
}

/** Rides that began at this time or before may be lost: their readers board again. Should they come home after all, they count. */
function repeatRides(turn: Turn, overdueMs: number): void {
  for (const [key, ride] of turn.state.reads.rides.entries()) {
    if (ride.boardedAtMs > overdueMs) continue;
    let { unconfirmed, rides } = turn.state.reads;
    if (!ride.isOverdue) {
      for (const request of ride.readers) {
        const reader = readerOf(turn, request);
        if (reader?.by === 'ride' && reader.upload === undefined) unconfirmed = unconfirmed.set(request, true);
      }
    }
    const isForgotten = ride.boardedAtMs <= turn.now - turn.state.limits.operationMs;
    rides = isForgotten ? rides.delete(key) : rides.set(key, { ...ride, isOverdue: true });
    changeReads(turn, { unconfirmed, rides });
  }
}
