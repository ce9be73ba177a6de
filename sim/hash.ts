/**
 * Hashes: of a text, to seed random streams; of a whole run, to tell whether two runs were the same to the last event.
 * A leaf over core's unions. Not for secrets. Must never allocate per event.
 */
import type { CoordinatorReply } from '../core/coordinator-port.js';
import type { Frame } from '../core/frame.js';
import type { Input } from '../core/input.js';

/** 32-bit hash of a text; another `salt` gives an independent one (FNV-1a, finished as in MurmurHash3). */
export function hashText(text: string, salt = 0): number {
  let hash = Math.imul(0x811c9dc5 ^ salt, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Tells all kinds of inputs, and all kinds of frames, apart without walking through their names. */
function kindNumber(kind: string): number {
  const last = kind.length - 1;
  return kind.charCodeAt(0) | (kind.charCodeAt(1) << 8) | (kind.charCodeAt(last) << 16) | (last << 24);
}

const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, '0');

/** An incremental hash over numbers in two 32-bit lanes that mix each other. */
export class TraceHash {
  private a = 0x243f6a88;
  private b = 0x85a308d3 | 0;

  /** Whole numbers up to 2^53 count with all their bits. */
  add(value: number): void {
    const high = (value / 0x1_0000_0000) | 0;
    const a = Math.imul(this.a ^ value, 0x9e3779b1);
    const b = Math.imul((this.b + value + high) | 0, 0x85ebca6b);
    this.a = ((a << 15) | (a >>> 17)) ^ high;
    this.b = (b ^ (b >>> 13)) + (this.a | 0);
  }

  addText(text: string): void {
    this.add(hashText(text));
  }

  /** One input of one server, and into how many outputs it came. */
  addInput(timeUs: number, server: number, input: Input, outputs: number): void {
    this.add(timeUs);
    this.add(kindNumber(input.kind));
    this.add(server * 0x1000 + outputs);
    switch (input.kind) {
      case 'frame':
        this.add(input.link);
        this.addFrame(input.frame);
        break;
      case 'link-up':
      case 'link-down':
      case 'link-drained':
        this.add(input.link);
        break;
      case 'dial-failed':
        this.addText(input.peer);
        break;
      case 'session':
        this.add(input.session);
        this.add(kindNumber(input.state));
        break;
      case 'coordinator-reply':
        this.add(input.session * 0x10000 + input.call);
        this.addReply(input.reply);
        break;
      case 'watch-fired':
        this.add(input.session);
        break;
      case 'persisted':
        this.add(input.shard);
        this.add(input.upTo.epoch);
        this.add(input.upTo.sequence);
        break;
      case 'chunk-read':
        this.add(input.chunk === undefined ? -1 : input.chunk.length);
        this.add(input.index);
        break;
      case 'client-chunk':
        this.add(input.chunk.length);
        this.add(input.chunk.index);
        break;
      case 'client-request':
        this.addText(input.request);
        break;
      case 'client-end':
        this.add(input.length);
        break;
      case 'client-ready':
        this.add(input.chunks);
        break;
      default:
        break;
    }
  }

  private addReply(reply: CoordinatorReply): void {
    this.add(kindNumber(reply.result));
    if (reply.result === 'value') this.add(reply.stored.version);
    else if (reply.result === 'values') this.add(reply.stored.length);
    else if (reply.result === 'done') this.add(reply.version);
  }

  private addFrame(frame: Frame): void {
    this.add(kindNumber(frame.kind));
    this.add(frame.epoch);
    switch (frame.kind) {
      case 'chunk':
        this.add(frame.chunk.length);
        this.add(frame.boarding);
        this.add(frame.chunk.index);
        break;
      case 'credit':
        this.add(frame.count);
        break;
      case 'token':
        this.add(frame.number);
        break;
      case 'shuttle':
        this.add(frame.number);
        for (const { id, copy } of frame.wants) this.add(id * 0x10000 + copy);
        break;
      case 'list':
        this.add(frame.id);
        break;
      case 'append':
      case 'parcel':
      case 'refusal':
        this.add(frame.attempt);
        break;
      case 'replicate':
        this.add(frame.shard);
        this.add(frame.entries.length);
        this.add(frame.durable);
        break;
      case 'commit':
        this.add(frame.shard);
        this.add(frame.upTo.sequence);
        break;
      case 'marker':
      case 'fetch':
        this.add(frame.shard);
        break;
      case 'hello':
      case 'welcome':
      case 'view':
      case 'ping':
      case 'pong':
        break;
      default:
        break;
    }
  }

  /** 16 hex digits. */
  digest(): string {
    return hex(Math.imul(this.a ^ (this.a >>> 15), 0x2c1b3c6d)) + hex(Math.imul(this.b ^ (this.b >>> 16), 0x297a2d39));
  }
}
