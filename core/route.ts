/**
 * Where ring frames go: one switch for a frame that visits a server, one for a frame that has arrived for good.
 * Destination stripping (brief §3.2): only its last stop or its origin takes a frame off the ring. Both are members in
 * the frame's epoch, and nobody of another epoch passes it on, so no frame can become an orphan.
 */
import { onChunk, onParcel } from './arrivals.js';
import { onFetch, onRiderHome } from './carousel/carousel.js';
import { onCommit as applyCommit, onCommitHome } from './chain/commit.js';
import { onAppend } from './chain/head.js';
import { abandon } from './chain/held.js';
import { onAbandoned, onLesson, onUploadGone } from './chain/learning.js';
import { onReplicate } from './chain/replication.js';
import { onSpace } from './chain/space.js';
import { onLearn, onLearned } from './chain/teaching.js';
import { hearCommit } from './files/at-hand.js';
import { onListHome, visitList } from './files/lists.js';
import { onAbandonHome } from './files/operations.js';
import { onCommit as answerCommit, onRefusal, onReminder } from './files/proposals.js';
import { onGone } from './files/readings.js';
import { onShuttle, setOff } from './files/shuttles.js';
import { onMarkerHome, onMissingAtHead, visitMarker } from './files/uploads.js';
import { isData, type RingFrame } from './frame.js';
import { OVERSENT, refuseLink } from './membership/links.js';
import { giveCredit, pass } from './stream/flow.js';
import { onToken, onTokenHome } from './stream/token.js';
import { isRingOfOne, type Turn } from './turn.js';

/** A frame of the present epoch came over the inbound link. */
export function onRingFrame(turn: Turn, frame: RingFrame): void {
  const { self } = turn.state;
  if (frame.kind === 'shuttle') {
    onShuttle(turn, frame);
    return;
  }
  const isHere = frame.lastStop === self;
  const isOrphan = !isHere && frame.origin === self;
  if (isHere) {
    // Data that stops here leaves its transit slot free.
    if (isData(frame)) giveCredit(turn);
    arrive(turn, frame);
  } else if (isOrphan) {
    if (isData(frame)) giveCredit(turn);
  } else {
    if (isData(frame) && turn.state.stream.transit.size >= turn.state.view.settings.transitSlots) {
      refuseLink(turn, turn.state.links.inbound, OVERSENT);
      return;
    }
    const onward = visit(turn, frame);
    if (onward !== undefined) pass(turn, onward, 'transit');
  }
}

/** A frame of our own sets off: this server is the first it visits, and the last in a ring of one. */
export function onLaunched(turn: Turn, frame: RingFrame): void {
  const { self } = turn.state;
  if (frame.kind === 'shuttle') {
    setOff(turn, frame);
    return;
  }
  const isRound = frame.lastStop === self;
  if (!isRound) {
    // It is for its sender, too, who may head the shard; a chunk of its own was staged when the client gave it.
    if (frame.kind === 'parcel') onParcel(turn, frame);
    if (!isRingOfOne(turn)) pass(turn, frame, 'insert');
    return;
  }
  // To oneself: a full revolution, or a word to a role that we play ourselves.
  const onward = isRevolution(frame) ? visit(turn, frame) : undefined;
  if (onward !== undefined && !isRingOfOne(turn)) pass(turn, onward, 'insert');
  else arrive(turn, onward ?? frame);
}

/** Frames that go all the way round when they are addressed to their origin. */
function isRevolution(frame: RingFrame): boolean {
  switch (frame.kind) {
    case 'token':
    case 'marker':
    case 'commit':
    case 'abandon':
    case 'list':
    case 'chunk':
    case 'space':
      return true;
    default:
      return false;
  }
}

/** A frame passes. @returns the frame as it goes on; undefined: it stays for now. */
function visit(turn: Turn, frame: RingFrame): RingFrame | undefined {
  const isOwn = frame.origin === turn.state.self;
  switch (frame.kind) {
    case 'chunk':
      return isOwn ? frame : onChunk(turn, frame);
    case 'parcel':
      onParcel(turn, frame);
      return frame;
    case 'marker':
      return visitMarker(turn, frame);
    case 'commit':
      applyCommit(turn, frame);
      answerCommit(turn, frame);
      hearCommit(turn, frame);
      return frame;
    case 'abandon':
      abandon(turn, frame.upload);
      onAbandoned(turn, frame.upload);
      return frame;
    case 'space':
      onSpace(turn, frame);
      return frame;
    case 'list':
      return visitList(turn, frame);
    case 'token':
      if (isOwn) return frame;
      onToken(turn, frame);
      return undefined;
    default:
      return frame;
  }
}

/** A frame has come to its last stop. */
function arrive(turn: Turn, frame: RingFrame): void {
  switch (frame.kind) {
    case 'chunk':
      if (frame.origin === turn.state.self) onRiderHome(turn, frame);
      else onChunk(turn, frame);
      return;
    case 'append':
      onAppend(turn, frame);
      return;
    case 'parcel':
      onParcel(turn, frame);
      return;
    case 'replicate':
      onReplicate(turn, frame);
      return;
    case 'commit':
      onCommitHome(turn, frame);
      return;
    case 'marker':
      onMarkerHome(turn, frame);
      return;
    case 'fetch':
      onFetch(turn, frame);
      return;
    case 'refusal': {
      const missing = onRefusal(turn, frame);
      if (missing !== undefined) onMissingAtHead(turn, ...missing);
      return;
    }
    case 'reminder':
      onReminder(turn, frame);
      return;
    case 'abandon':
      onAbandonHome(turn, frame.upload);
      return;
    case 'gone':
      onUploadGone(turn, frame.upload);
      onGone(turn, frame.upload);
      return;
    case 'list':
      onListHome(turn, frame);
      return;
    case 'token':
      onTokenHome(turn, frame);
      return;
    case 'learn':
      onLearn(turn, frame);
      return;
    case 'lesson':
      onLesson(turn, frame);
      return;
    case 'learned':
      onLearned(turn, frame);
      return;
    case 'shuttle':
    case 'space':
      return;
  }
}

/**
 * A frame of an older epoch: dropped, but for two things that stay true: the bytes of a chunk, named by their upload,
 * and the fact of a commit, which may answer clients but never trims anything (brief §3.3).
 */
export function onStaleFrame(turn: Turn, frame: RingFrame): void {
  if (frame.kind === 'chunk') onChunk(turn, frame);
  else if (frame.kind === 'commit') answerCommit(turn, frame);
}
