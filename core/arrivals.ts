/** What passing bytes give a server: those of the chains it is in, and of the readers it has. */
import { onAppend } from './chain/head.js';
import { stage } from './chain/held.js';
import { onChunkLearned } from './chain/learning.js';
import { takeWaiting } from './chain/replication.js';
import { catchChunk } from './files/readings.js';
import type { ChunkFrame, Parcel } from './frame.js';
import type { Turn } from './turn.js';
import { isKeeper } from './view/view.js';

/** @returns the frame as it goes on, with its readers counted. */
export function onChunk(turn: Turn, frame: ChunkFrame): ChunkFrame {
  if (frame.purpose !== 'rider' && isKeeper(turn.state.view, frame.shard, turn.state.self) && mayStage(turn, frame)) {
    if (stage(turn, frame.shard, frame.chunk)) {
      if (frame.purpose === 'repair') onChunkLearned(turn, frame.shard);
      takeWaiting(turn, frame.shard);
    }
  }
  return catchChunk(turn, frame) ? { ...frame, served: frame.served + 1 } : frame;
}

/** A small file passes: its bytes for whoever keeps the shard, then its proposal for the head, which has them by now. */
export function onParcel(turn: Turn, frame: Parcel): void {
  const { shard, chunk } = frame;
  // No entry waits for them: whatever the head sends of this file comes behind the parcel, on every link.
  if (isKeeper(turn.state.view, shard, turn.state.self)) stage(turn, shard, chunk);
  onAppend(turn, frame);
}

/**
 * A repair chunk is only for him who has asked, and comes in vain when it comes twice. One of an older epoch may come
 * behind the word that its upload is abandoned: it is no reason to begin one.
 */
function mayStage(turn: Turn, frame: ChunkFrame): boolean {
  if (frame.epoch !== turn.state.view.epoch && !turn.state.held.has(frame.chunk.upload)) return false;
  return frame.purpose === 'upload' || (frame.lastStop === turn.state.self && turn.state.held.has(frame.chunk.upload));
}
