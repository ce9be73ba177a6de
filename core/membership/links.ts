/**
 * Connections: greeting, adopting the two that make the ring, heartbeats, noticing that one is gone.
 * The receiver dials its predecessor. Knows the view; decides nothing about it (see repair.ts).
 */
import { copyOfLinks } from '../copies.js';
import type { Frame, Hello, Welcome } from '../frame.js';
import type { LinkId, MemberId } from '../ids.js';
import { type Link, type LinksState, NO_LINKS } from '../state.js';
import { release } from '../stream/token.js';
import { changeStream, isLinked, put, setTimer, type Turn, tell, wakeBy } from '../turn.js';
import { isMember, type Member, neighbour } from '../view/view.js';
import { dialledTo, hasRoomForGuests, isGuest } from './link-table.js';

/** Why a link was given up on which nothing was heard. */
const SILENCE = 'silence';
/** The process behind a ring link has begun another life. */
const REBORN = 'another life';
/** What a peer may do wrong once it is greeted. */
export const OVERSENT = 'more data than credits';
export const UNANNOUNCED = 'unannounced epoch';

export function changeLinks(turn: Turn, change: Partial<LinksState>): void {
  turn.state.links = Object.assign(copyOfLinks(turn.state.links), change);
}

export function send(turn: Turn, link: LinkId, frame: Frame): void {
  put(turn, { kind: 'send', link, frame });
}

export function predecessorOf(turn: Turn): Member {
  return neighbour(turn.state.view, turn.state.self, -1);
}

export function successorOf(turn: Turn): Member {
  return neighbour(turn.state.view, turn.state.self, 1);
}

/** Begins a dial unless one is under way, a link came of it already, or the connections are at their limit. */
export function dial(turn: Turn, member: Member): void {
  const { links, limits } = turn.state;
  wakeBy(turn, 'repair', turn.now + limits.dialMs);
  if (links.dialling.has(member.id) || links.table.size + links.dialling.size >= limits.linksMax) return;
  if (dialledTo(turn, member.id) !== undefined) return;
  changeLinks(turn, { dialling: links.dialling.set(member.id, turn.now) });
  put(turn, { kind: 'dial', member });
}

export function close(turn: Turn, link: LinkId): void {
  changeLinks(turn, { table: turn.state.links.table.delete(link) });
  put(turn, { kind: 'close', link });
}

/** A connection came up: ours (then we greet), or somebody else's (then we wait for the greeting). */
export function onLinkUp(turn: Turn, id: LinkId, peer: MemberId | undefined): void {
  const { links, limits, status, incarnation, clusterId } = turn.state;
  // Without a number of its own, this life cannot be told from the one before; without its cluster, friend from foe.
  const isUnnamed = incarnation === 0 || clusterId === '';
  const isUseless = links.table.size >= limits.linksMax || status === 'removed' || isUnnamed;
  // A dial that was given up came to something after all. Of two the other end would close the one that we have adopted.
  if (isUseless || (peer !== undefined && dialledTo(turn, peer) !== undefined)) {
    if (peer !== undefined) changeLinks(turn, { dialling: links.dialling.delete(peer) });
    put(turn, { kind: 'close', link: id });
    return;
  }
  const link: Link = {
    id,
    side: peer === undefined ? 'accepted' : 'dialled',
    peer,
    peerIncarnation: 0,
    ready: false,
    openedMs: turn.now,
    freeSlots: 0,
    freeSlotsEpoch: 0,
  };
  changeLinks(turn, { table: links.table.set(id, link) });
  wakeBy(turn, 'heartbeat', turn.now + limits.heartbeatMs);
  if (peer === undefined) return;
  changeLinks(turn, { dialling: turn.state.links.dialling.delete(peer) });
  send(turn, id, hello(turn));
  if (status === 'member' && peer === predecessorOf(turn).id && turn.state.links.inbound === 0) {
    // From here on every slot that comes free is told over this link, behind the hello that counted those before.
    changeLinks(turn, { inbound: id, quietInSinceMs: turn.now });
  }
}

function hello(turn: Turn): Hello {
  const { self, incarnation, clusterId, view, stream } = turn.state;
  const freeSlots = view.settings.transitSlots - stream.transit.size;
  return { kind: 'hello', epoch: view.epoch, from: self, incarnation, clusterId, view, freeSlots };
}

/** The dialler introduces itself; its view counts as if it were read from the register. */
export function onHello(turn: Turn, link: Link, frame: Hello): void {
  const { state } = turn;
  if (frame.clusterId !== state.clusterId || link.side !== 'accepted' || link.ready) {
    refuseLink(turn, link.id, frame.clusterId === state.clusterId ? 'hello out of turn' : 'foreign cluster');
    return;
  }
  const known: Link = {
    ...link,
    peer: frame.from,
    peerIncarnation: frame.incarnation,
    ready: true,
    freeSlots: frame.freeSlots,
    freeSlotsEpoch: frame.epoch,
  };
  const { self, incarnation, clusterId, view } = state;
  if (frame.view.epoch <= view.epoch && isGuest(turn, known) && !hasRoomForGuests(turn)) {
    close(turn, link.id);
    return;
  }
  changeLinks(turn, { table: state.links.table.set(link.id, known) });
  send(turn, link.id, { kind: 'welcome', epoch: view.epoch, from: self, incarnation, clusterId, view });
  if (frame.view.epoch > view.epoch) turn.newView = frame.view;
  else if (state.status === 'member' && !adoptOutbound(turn, known)) onNeighbourReborn(turn, known);
}

/** A neighbour greets us in another life: the one that has the place is over, whatever its links still say. */
function onNeighbourReborn(turn: Turn, { peer, peerIncarnation }: Link): void {
  if (turn.state.view.ring.length === 1) return;
  const isReborn = ({ id, incarnation }: Member): boolean => peer === id && peerIncarnation > incarnation;
  if (isReborn(successorOf(turn))) {
    giveUp(turn, turn.state.links.outbound, REBORN);
    changeLinks(turn, { brokenOut: true });
    wakeBy(turn, 'repair', turn.now);
  }
  if (isReborn(predecessorOf(turn))) {
    giveUp(turn, turn.state.links.inbound, REBORN);
    changeLinks(turn, { brokenIn: true });
    wakeBy(turn, 'repair', turn.now);
  }
}

/** 0: there is none. */
function giveUp(turn: Turn, link: LinkId, why: string): void {
  if (link === 0) return;
  put(turn, { kind: 'close', link });
  loseLink(turn, link, why);
}

export function onWelcome(turn: Turn, link: Link, frame: Welcome): void {
  const { state } = turn;
  if (frame.clusterId !== state.clusterId || link.side !== 'dialled' || link.ready || frame.from !== link.peer) {
    refuseLink(turn, link.id, frame.clusterId === state.clusterId ? 'welcome out of turn' : 'foreign cluster');
    return;
  }
  const known: Link = { ...link, peerIncarnation: frame.incarnation, ready: true };
  changeLinks(turn, { table: state.links.table.set(link.id, known) });
  if (frame.view.epoch > state.view.epoch) turn.newView = frame.view;
  else if (state.status === 'member' && !adoptInbound(turn, known)) onPredecessorReborn(turn, known);
  wakeBy(turn, 'repair', turn.now);
}

/** Who answers for the predecessor lives another life: the place is empty. The link may become that of a newcomer. */
function onPredecessorReborn(turn: Turn, { id, peer, peerIncarnation }: Link): void {
  const { links, view } = turn.state;
  const predecessor = predecessorOf(turn);
  if (view.ring.length === 1 || peer !== predecessor.id || peerIncarnation === predecessor.incarnation) return;
  if (links.inbound !== 0 && links.inbound !== id) return;
  changeLinks(turn, { brokenIn: true, inbound: 0 });
  if (peerIncarnation < predecessor.incarnation) close(turn, id);
}

/** A peer breaks the rules: its link is closed, and that is told. */
export function refuseLink(turn: Turn, link: LinkId, why: string): void {
  tell(turn, { fact: 'link-refused', link, why });
  loseLink(turn, link, why);
  put(turn, { kind: 'close', link });
}

/** Makes this the link from the predecessor, if that is who is at its other end. */
function adoptInbound(turn: Turn, link: Link): boolean {
  const { links } = turn.state;
  const predecessor = predecessorOf(turn);
  if (link.side !== 'dialled' || !link.ready || link.peer !== predecessor.id) return false;
  if (link.peerIncarnation !== predecessor.incarnation) return false;
  if (links.inbound !== 0 && links.inbound !== link.id) return false;
  if (links.hadInbound) tell(turn, { fact: 'link-restored', side: 'in', peer: predecessor.id });
  changeLinks(turn, {
    inbound: link.id,
    quietInSinceMs: turn.now,
    hadInbound: true,
    wasRestored: links.hadInbound,
    lostInSinceMs: 0,
    brokenIn: false,
    probedTo: 1,
  });
  return true;
}

/** Makes this the link to the successor; an older one to the same peer has been left by it. */
function adoptOutbound(turn: Turn, link: Link): boolean {
  const { links, view } = turn.state;
  const successor = successorOf(turn);
  if (link.side !== 'accepted' || !link.ready || link.peer !== successor.id) return false;
  if (link.peerIncarnation !== successor.incarnation) return false;
  if (links.outbound !== 0 && links.outbound !== link.id) close(turn, links.outbound);
  if (links.hadOutbound) tell(turn, { fact: 'link-restored', side: 'out', peer: successor.id });
  changeLinks(turn, {
    outbound: link.id,
    quietOutSinceMs: turn.now,
    hadOutbound: true,
    lostOutSinceMs: 0,
    brokenOut: false,
  });
  // A peer that was in an older epoch when it greeted empties its transit buffer with the view it learns.
  const credits = link.freeSlotsEpoch === view.epoch ? link.freeSlots : view.settings.transitSlots;
  changeStream(turn, { credits, onWire: 0 });
  release(turn);
  return true;
}

/**
 * A new view: keep or find the two links it asks for, close the others but for those that `mayStay`, announce the view
 * before anything else.
 */
export function onView(turn: Turn, mayStay: (link: Link) => boolean): void {
  const { state } = turn;
  const inboundBefore = state.links.inbound;
  changeLinks(turn, {
    inbound: 0,
    outbound: 0,
    hadInbound: false,
    hadOutbound: false,
    wasRestored: false,
    lostInSinceMs: turn.now,
    lostOutSinceMs: turn.now,
    brokenIn: false,
    brokenOut: false,
    probedTo: 1,
    proposedAtMs: 0,
  });
  const alone = state.view.ring.length === 1;
  for (const link of state.links.table.values()) {
    if (!alone && (adoptInbound(turn, link) || adoptOutbound(turn, link))) continue;
    const isGreeting = !link.ready && (!alone || link.side === 'accepted');
    if (!isGreeting && !mayStay(link)) close(turn, link.id);
  }
  if (alone) {
    changeLinks(turn, { lostInSinceMs: 0, lostOutSinceMs: 0 });
    return;
  }
  const { outbound, inbound } = turn.state.links;
  const { epoch } = state.view;
  if (outbound !== 0) send(turn, outbound, { kind: 'view', epoch, view: state.view });
  else wakeBy(turn, 'repair', turn.now + state.limits.silenceMs + 1);
  if (inbound === 0) dial(turn, predecessorOf(turn));
  // One who was not our predecessor before may not know yet that it is: this makes it read the register.
  else if (inbound !== inboundBefore) send(turn, inbound, { kind: 'pong', epoch });
  wakeBy(turn, 'heartbeat', turn.now);
}

export function closeAll(turn: Turn): void {
  for (const link of turn.state.links.table.keys()) put(turn, { kind: 'close', link });
  turn.state.links = NO_LINKS;
}

/** The connection is no more, or is given up: if it was a ring link, look for it again at once. */
export function loseLink(turn: Turn, id: LinkId, why: string): void {
  const { links, status } = turn.state;
  changeLinks(turn, { table: links.table.delete(id) });
  if (status !== 'member' || (id !== links.inbound && id !== links.outbound)) return;
  if (id === links.inbound) {
    const predecessor = predecessorOf(turn);
    tell(turn, { fact: 'link-broken', side: 'in', peer: predecessor.id, why });
    // A frozen server still accepts connections, and one that was removed hangs up: only a welcome says that it lives.
    const wasGreeted = links.table.get(id)?.ready === true;
    const brokenIn = links.brokenIn || why === SILENCE || !wasGreeted;
    const lostInSinceMs = links.lostInSinceMs === 0 ? turn.now : links.lostInSinceMs;
    changeLinks(turn, { inbound: 0, lostInSinceMs, brokenIn });
    // Whoever hangs up on us is dialled again at the pace of repair, not at once for ever.
    if (wasGreeted) dial(turn, predecessor);
    // A frozen one lets itself be dialled for long: somebody further back is looked for meanwhile.
    const isSilent = wasGreeted && brokenIn;
    if (isSilent || !wasGreeted) wakeBy(turn, 'repair', turn.now + (isSilent ? 0 : turn.state.limits.gatherMs));
  } else {
    tell(turn, { fact: 'link-broken', side: 'out', peer: successorOf(turn).id, why });
    changeLinks(turn, { outbound: 0, lostOutSinceMs: turn.now, brokenOut: true });
    changeStream(turn, { credits: 0, onWire: 0 });
    wakeBy(turn, 'repair', turn.now);
  }
}

export function onLinkDown(turn: Turn, id: LinkId): void {
  if (turn.state.links.table.has(id)) loseLink(turn, id, 'reset');
}

export function onDialFailed(turn: Turn, peer: MemberId): void {
  changeLinks(turn, { dialling: turn.state.links.dialling.delete(peer) });
  if (turn.state.status !== 'member' || turn.state.view.ring.length === 1) return;
  const { links } = turn.state;
  const isMissed = peer === predecessorOf(turn).id && links.inbound === 0;
  // Whoever refuses again and again is dialled at the pace of repair.
  if (isMissed && links.brokenIn) return;
  if (isMissed) changeLinks(turn, { brokenIn: true });
  wakeBy(turn, 'repair', turn.now);
}

/** Any frame is a sign of life. */
export function heard(turn: Turn, id: LinkId): void {
  const { links } = turn.state;
  // Noted once between two beats: this is asked for every frame.
  if (id === links.inbound && !links.heardIn) changeLinks(turn, { heardIn: true });
  else if (id === links.outbound && !links.heardOut) changeLinks(turn, { heardOut: true });
}

/** Takes note of what was heard since the last beat. */
function listen(turn: Turn): LinksState {
  const { links } = turn.state;
  const quietInSinceMs = links.heardIn ? turn.now : links.quietInSinceMs;
  const quietOutSinceMs = links.heardOut ? turn.now : links.quietOutSinceMs;
  changeLinks(turn, { quietInSinceMs, quietOutSinceMs, heardIn: false, heardOut: false });
  return turn.state.links;
}

/** The heartbeat timer: say that we live, and see who has gone silent, or never said who it is. */
export function beat(turn: Turn): void {
  const { now } = turn;
  const { limits } = turn.state;
  if (isLinked(turn)) beatRingLinks(turn);
  const { table, inbound } = turn.state.links;
  for (const link of table.values()) {
    if (!link.ready && link.id !== inbound && now - link.openedMs > limits.silenceMs)
      refuseLink(turn, link.id, 'no greeting');
  }
  if (isLinked(turn) || table.size > 0) setTimer(turn, 'heartbeat', nextBeatMs(turn));
}

/** A link that is about to count as silent is looked at the moment it does, not a beat later. */
function nextBeatMs({ state, now }: Turn): number {
  const { inbound, outbound, quietInSinceMs, quietOutSinceMs } = state.links;
  const { heartbeatMs, silenceMs } = state.limits;
  let next = now + heartbeatMs;
  if (inbound !== 0) next = Math.min(next, quietInSinceMs + silenceMs + 1);
  if (outbound !== 0) next = Math.min(next, quietOutSinceMs + silenceMs + 1);
  return Math.max(next, now + 1);
}

function beatRingLinks(turn: Turn): void {
  const { state, now } = turn;
  const { limits, view } = state;
  const { inbound, outbound } = state.links;
  const { quietInSinceMs, quietOutSinceMs } = listen(turn);
  if (inbound !== 0 && now - quietInSinceMs > limits.silenceMs) {
    giveUp(turn, inbound, SILENCE);
  }
  if (outbound !== 0 && now - quietOutSinceMs > limits.silenceMs) {
    giveUp(turn, outbound, SILENCE);
  } else if (outbound !== 0) {
    send(turn, outbound, { kind: 'ping', epoch: view.epoch });
  }
}

/** A probe link: dialled, greeted, from somebody who is not our predecessor. */
export function probes(turn: Turn): readonly MemberId[] {
  const { links, view } = turn.state;
  const found: MemberId[] = [];
  for (const link of links.table.values()) {
    if (link.side !== 'dialled' || !link.ready || link.id === links.inbound || link.peer === undefined) continue;
    if (isMember(view, link.peer, link.peerIncarnation)) found.push(link.peer);
  }
  return found;
}
