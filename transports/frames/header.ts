/**
 * The fixed head of every frame (FORMAT.md has the table of its bytes). Knows nothing of what types mean.
 */
import { crc32 } from 'node:zlib';
import { invariant } from '../../core/refusals.js';
import { FRAME_LIMITS } from './limits.js';

export const HEADER_BYTES = 24;

const CHECKSUM_AT = 0;
const TYPE_AT = 4;
const FLAGS_AT = 5;
const CONTROL_BYTES_AT = 8;
const PAYLOAD_BYTES_AT = 12;
const EPOCH_AT = 16;
const EPOCH_BYTES = 6;

/** The data lane: takes a credit, keeps its order. */
export const DATA_LANE = 1;
/** Whoever does not know this type skips the frame; without the flag that is a violation. */
export const OPTIONAL = 2;

/** A frame as it lies on the wire. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  /** 48 bit. */
  readonly epoch: number;
  /** Header and control part. */
  readonly head: Buffer;
  /** A chunk's bytes: one Buffer of its own. */
  readonly payload: Buffer | undefined;
}

export const controlBytesOf = (head: Buffer, at = 0): number => head.readUInt32BE(at + CONTROL_BYTES_AT);
export const payloadBytesOf = (head: Buffer, at = 0): number => head.readUInt32BE(at + PAYLOAD_BYTES_AT);

/** Over everything in the head but itself. A chunk's bytes have their own checksum, which travels in the control part. */
const checksumOf = (head: Buffer): number => crc32(head.subarray(TYPE_AT));

export const hasRightChecksum = (head: Buffer): boolean => head.readUInt32BE(CHECKSUM_AT) === checksumOf(head);

/** @param head whole, its checksum verified */
export function rawFrame(head: Buffer, payload: Buffer | undefined): RawFrame {
  const [type, flags] = [head[TYPE_AT] as number, head[FLAGS_AT] as number];
  return { type, flags, epoch: head.readUIntBE(EPOCH_AT, EPOCH_BYTES), head, payload };
}

export const controlText = (frame: RawFrame): string => frame.head.toString('utf8', HEADER_BYTES);

export interface HeadFields {
  readonly type: number;
  readonly flags: number;
  readonly epoch: number;
  /** The control part: text, as UTF-8. */
  readonly control: string;
  readonly payloadBytes: number;
}

/** Header and control part in one buffer. */
export function makeHead({ type, flags, epoch, control, payloadBytes }: HeadFields): Buffer {
  const controlBytes = Buffer.byteLength(control);
  invariant(controlBytes <= FRAME_LIMITS.controlBytesMax, 'a control part is bounded', type, controlBytes);
  invariant(payloadBytes <= FRAME_LIMITS.chunkBytesMax, 'a chunk is bounded', payloadBytes);
  const head = Buffer.allocUnsafe(HEADER_BYTES + controlBytes).fill(0, 0, HEADER_BYTES);
  head[TYPE_AT] = type;
  head[FLAGS_AT] = flags;
  head.writeUInt32BE(controlBytes, CONTROL_BYTES_AT);
  head.writeUInt32BE(payloadBytes, PAYLOAD_BYTES_AT);
  head.writeUIntBE(epoch, EPOCH_AT, EPOCH_BYTES);
  head.write(control, HEADER_BYTES);
  head.writeUInt32BE(checksumOf(head), CHECKSUM_AT);
  return head;
}
