/**
 * Core's frames to bytes and back. What comes from the wire is checked part by part; what is wrong is a Violation, a
 * value. Must never let a malformed frame into the core, nor throw for what a peer sent.
 */
import type { Chunk } from '../../core/file.js';
import { type ChunkFrame, type Frame, isData, type Parcel } from '../../core/frame.js';
import { invariant } from '../../core/refusals.js';
import { headOf, rememberHead } from './arrived.js';
import { Malformed } from './fields.js';
import { controlText, DATA_LANE, makeHead, OPTIONAL, type RawFrame } from './header.js';
import { type Kind, kinds } from './kinds.js';
import { Violation } from './violation.js';

/** A frame as it goes out: its head, and a chunk's bytes as they are. */
export interface EncodedFrame {
  readonly head: Buffer;
  readonly payload: Buffer | undefined;
}

const byType = new Map(Object.entries(kinds).map(([kind, { type, body }]) => [type, { kind, body }]));

/** @param version of the format that the peer agreed to */
export function encodeFrame(frame: Frame, version: number): EncodedFrame {
  const payload = frame.kind === 'chunk' || frame.kind === 'parcel' ? payloadOf(frame.chunk) : undefined;
  const former = headOf(frame, version);
  if (former !== undefined) return { head: former, payload };
  const { type, body } = kinds[frame.kind] as Kind<object>;
  const control = JSON.stringify(body.encode(flat(frame)));
  const flags = isData(frame) ? DATA_LANE : 0;
  return { head: makeHead({ type, flags, epoch: frame.epoch, control, payloadBytes: payload?.length ?? 0 }), payload };
}

/** Field by field: this is done for every chunk, and spreading costs more than all the rest. */
function flat(frame: Frame): object {
  if (frame.kind === 'chunk') {
    const { origin, lastStop, purpose, shard, boarding, served } = frame;
    const { upload, index, checksum } = frame.chunk;
    return { origin, lastStop, purpose, shard, upload, index, checksum, boarding, served };
  }
  if (frame.kind === 'parcel') {
    const { origin, lastStop, shard, entryIncarnation, attempt, proposal } = frame;
    return { origin, lastStop, shard, entryIncarnation, attempt, proposal, checksum: frame.chunk.checksum };
  }
  return frame;
}

function payloadOf({ payload, length }: Chunk): Buffer {
  invariant(Buffer.isBuffer(payload) && payload.length === length, 'a chunk is one buffer', length);
  return payload;
}

/** Undefined: a frame of a later version that may be skipped. */
export function decodeFrame(raw: RawFrame, version: number): Frame | Violation | undefined {
  const known = byType.get(raw.type);
  if (known === undefined) {
    const isOptional = (raw.flags & OPTIONAL) !== 0;
    return isOptional ? undefined : new Violation('unknown-type', `frame type ${raw.type} is not known here`);
  }
  try {
    const frame = read(known.kind as Frame['kind'], raw);
    // What lives on one link only does not go on.
    if ('origin' in frame) rememberHead(frame, { version, head: raw.head });
    return frame;
  } catch (error) {
    if (error instanceof Malformed || error instanceof SyntaxError) {
      return new Violation('malformed', `${known.kind}: ${error.message}`);
    }
    throw error;
  }
}

function read(kind: Frame['kind'], raw: RawFrame): Frame {
  const { epoch, payload } = raw;
  const fields: unknown = JSON.parse(controlText(raw));
  if (kind === 'chunk') return readChunk(raw, fields);
  if (kind === 'parcel') return readParcel(raw, fields);
  if (payload !== undefined) throw new Malformed('bytes that do not belong there');
  const lane = (raw.flags & DATA_LANE) !== 0 ? 'data' : 'control';
  const start = kind === 'append' ? { kind, epoch, lane } : { kind, epoch };
  const frame = (kinds[kind] as Kind<object>).body.decodeInto(start, fields) as Frame;
  if ('view' in frame && frame.view.epoch !== epoch) throw new Malformed('the view is of another epoch');
  return frame;
}

function readChunk({ epoch, payload }: RawFrame, fields: unknown): ChunkFrame {
  const flat = kinds.chunk.body.decode(fields);
  if (payload === undefined) throw new Malformed('no bytes');
  const { origin, lastStop, purpose, shard, boarding, served, upload, index, checksum } = flat;
  const chunk = { upload, index, length: payload.length, checksum, payload };
  return { kind: 'chunk', epoch, origin, lastStop, purpose, shard, chunk, boarding, served };
}

function readParcel({ epoch, payload }: RawFrame, fields: unknown): Parcel {
  const { origin, lastStop, shard, entryIncarnation, attempt, proposal, checksum } = kinds.parcel.body.decode(fields);
  const { change } = proposal;
  if (payload === undefined) throw new Malformed('no bytes');
  if (change.kind !== 'put') throw new Malformed('bytes, and nothing to put');
  const { upload, length, chunkBytes } = change.manifest;
  if (length !== payload.length || length > chunkBytes) throw new Malformed('not the bytes of one whole file');
  const chunk = { upload, index: 0, length, checksum, payload };
  return { kind: 'parcel', epoch, origin, lastStop, shard, entryIncarnation, attempt, proposal, chunk };
}
