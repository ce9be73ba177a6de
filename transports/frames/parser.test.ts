// Frames come out the same, however their bytes come in; and bytes that are no frames come to nothing but a reason.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeHead, type RawFrame } from './header.js';
import { FrameParser } from './parser.js';
import type { Violation } from './violation.js';

const limits = { controlBytesMax: 1000, chunkBytesMax: 5000, scratchBytes: 256, slabRoomBytes: 64 };

interface Made {
  readonly control: string;
  readonly payload: Buffer;
}

const bytesOf = ({ control, payload }: Made): Buffer =>
  Buffer.concat([makeHead({ type: 9, flags: 1, epoch: 2 ** 40, control, payloadBytes: payload.length }), payload]);

const made = (controlChars: number, payloadBytes: number): Made => ({
  control: 'c'.repeat(controlChars),
  payload: Buffer.alloc(payloadBytes, 'p'),
});

interface Parsed {
  readonly frames: readonly RawFrame[];
  readonly violation: Violation | undefined;
}

function parse(pieces: Iterable<Uint8Array>, how: 'feed' | 'fill'): Parsed {
  const frames: RawFrame[] = [];
  const parser = new FrameParser((frame) => frames.push(frame), limits);
  let violation: Violation | undefined;
  for (const piece of pieces) {
    if (violation !== undefined) break;
    violation = how === 'feed' ? parser.feed(piece) : fill(parser, piece);
  }
  return { frames, violation: violation ?? parser.end() };
}

/** As a kernel does: as much as there is room for. */
function fill(parser: FrameParser, piece: Uint8Array): Violation | undefined {
  let violation: Violation | undefined;
  for (let at = 0; at < piece.length && violation === undefined; ) {
    const target = parser.target();
    expect(target.length).toBeGreaterThan(0);
    const length = Math.min(target.length, piece.length - at);
    target.set(piece.subarray(at, at + length));
    violation = parser.filled(length);
    at += length;
  }
  return violation;
}

const seen = (frames: readonly RawFrame[]): unknown =>
  frames.map(({ head, payload }) => ({ control: head.toString('utf8', 24), payload: payload ?? Buffer.alloc(0) }));

const byteByByte = (bytes: Buffer): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));

describe.each(['feed', 'fill'] as const)('bytes given by %s', (how) => {
  it.each([
    ['an empty frame', made(0, 0)],
    ['a control part', made(100, 0)],
    ['a control part as long as the scratch buffer', made(232, 0)],
    ['a control part longer than that', made(1000, 0)],
    ['a chunk of one byte', made(10, 1)],
    ['a chunk that ends with the scratch buffer', made(10, 222)],
    ['a chunk longer than the scratch buffer', made(10, 5000)],
    ['a long control part and a long chunk', made(900, 4000)],
  ])('%s: whole, byte by byte, with trailing data', (_, frame) => {
    const bytes = bytesOf(frame);
    const trailing = bytesOf(made(3, 4));
    expect(seen(parse([bytes], how).frames)).toEqual([frame]);
    expect(seen(parse(byteByByte(bytes), how).frames)).toEqual([frame]);
    expect(seen(parse([Buffer.concat([bytes, trailing])], how).frames)).toEqual([frame, made(3, 4)]);
    const partly = parse([Buffer.concat([bytes, trailing.subarray(0, -1)])], how);
    expect(seen(partly.frames)).toEqual([frame]);
    expect(partly.violation).toMatchObject({ code: 'truncated' });
  });

  it('any frames in any pieces', () => {
    const frame = fc.record({
      control: fc.string({ maxLength: 300 }),
      payload: fc.uint8Array({ maxLength: 1000 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(fc.array(frame), fc.infiniteStream(fc.integer({ min: 1, max: 700 })), (frames, lengths) => {
        const bytes = Buffer.concat(frames.map(bytesOf));
        const parsed = parse(cut(bytes, lengths), how);
        expect(seen(parsed.frames)).toEqual(frames);
        expect(parsed.violation).toBe(undefined);
      }),
    );
  });

  it('bytes with one of them wrong never give another frame: the checksum covers the head', () => {
    const frames = [made(20, 0), made(30, 300), made(40, 0)];
    const bytes = Buffer.concat(frames.map(bytesOf));
    const isPayload = (at: number): boolean => at >= 44 + 54 && at < 44 + 54 + 300;
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        fc.pre(!isPayload(at));
        const spoilt = Buffer.from(bytes);
        spoilt[at] = (spoilt[at] as number) ^ change;
        const parsed = parse([spoilt], how);
        expect(parsed.violation?.code).toMatch(/checksum|too-long|truncated/);
        expect(frames.slice(0, parsed.frames.length)).toEqual(seen(parsed.frames));
      }),
    );
  });

  it('garbage gives a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (bytes) => {
        const parsed = parse([bytes], how);
        expect(parsed.frames).toEqual([]);
        expect(parsed.violation?.code).toMatch(/checksum|too-long|truncated/);
      }),
    );
  });
});

function* cut(bytes: Buffer, lengths: Iterator<number>): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = lengths.next().value as number;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

describe('a frame', () => {
  it('has its header read', () => {
    const [frame] = parse([bytesOf(made(1, 0))], 'feed').frames;
    expect(frame).toMatchObject({ type: 9, flags: 1, epoch: 2 ** 40, payload: undefined });
  });

  it('stays as it is when its bytes are used again', () => {
    const bytes = bytesOf(made(5, 5));
    const { frames } = parse([bytes], 'feed');
    bytes.fill(0);
    expect(seen(frames)).toEqual([made(5, 5)]);
  });

  it.each([
    ['a control part', { ...made(0, 0), control: 'c'.repeat(1001) }, 'a control part of 1001 bytes, 1000 at most'],
    ['a chunk', made(0, 5001), 'a chunk of 5001 bytes, 5000 at most'],
  ])('with too long %s is known by its header', (_, frame, why) => {
    expect(parse([bytesOf(frame).subarray(0, 24)], 'feed').violation).toMatchObject({ code: 'too-long', why });
  });
});

describe('a chunk', () => {
  const bytes = bytesOf(made(10, 3000));

  it('that is the first of its size is read straight into a buffer of exactly its size', () => {
    const frames: RawFrame[] = [];
    const parser = new FrameParser((frame) => frames.push(frame), limits);
    parser.feed(bytes.subarray(0, 134));
    expect(parser.target().length).toBe(2900);
    parser.feed(bytes.subarray(134, 1134));
    expect(parser.target().length).toBe(1900);
    parser.feed(bytes.subarray(1134));
    expect(frames[0]?.payload?.buffer.byteLength).toBe(3000);
  });

  it('that is as long as one before is read in one go, head and all, and stays where it was read to', () => {
    const frames: RawFrame[] = [];
    const parser = new FrameParser((frame) => frames.push(frame), limits);
    for (const _ of [1, 2, 3]) parser.feed(bytes);
    const target = parser.target();
    expect(target.length).toBe(3064);
    target.set(bytes);
    parser.filled(bytes.length);
    const { head, payload } = frames[3] as RawFrame;
    expect(payload?.buffer).toBe(target.buffer);
    expect(payload?.byteOffset).toBe(head.byteOffset + head.length);
    expect(parser.target().buffer).not.toBe(target.buffer);
  });

  it('that is small and here whole lies in one piece with its head, and goes on with one write', () => {
    const [frame] = parse([bytesOf(made(1, 200))], 'fill').frames as [RawFrame];
    expect(frame.payload?.buffer).toBe(frame.head.buffer);
    expect(frame.payload?.byteOffset).toBe(frame.head.byteOffset + frame.head.length);
  });

  it('that is small and here whole is not taken for sound if its head is not', () => {
    const broken = bytesOf(made(1, 200));
    broken[4] = (broken[4] as number) ^ 1;
    const { frames, violation } = parse([broken], 'fill');
    expect([frames.length, violation?.code]).toEqual([0, 'checksum']);
  });

  it('never keeps alive much more than itself', () => {
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(200, 3000, 4000)));
    fc.assert(
      fc.property(lengths, (payloads) => {
        const { frames } = parse(
          payloads.map((length) => bytesOf(made(5, length))),
          'fill',
        );
        for (const { payload } of frames) {
          expect((payload as Buffer).buffer.byteLength).toBeLessThanOrEqual(((payload as Buffer).length * 8) / 7);
        }
      }),
    );
  });

  it('is never written to again', () => {
    const chunk = fc.record({
      control: fc.string({ maxLength: 30 }),
      payload: fc.tuple(fc.constantFrom(10, 220, 230, 3000), fc.nat({ max: 255 })),
    });
    fc.assert(
      fc.property(fc.array(chunk), fc.infiniteStream(fc.integer({ min: 1, max: 4000 })), (chunks, lengths) => {
        const frames = chunks.map(({ control, payload: [length, fill] }) => ({
          control,
          payload: Buffer.alloc(length, fill),
        }));
        expect(seen(parse(cut(Buffer.concat(frames.map(bytesOf)), lengths), 'fill').frames)).toEqual(frames);
      }),
    );
  });
});

describe('a parser that was stopped', () => {
  it('hands over no more of the frames it has', () => {
    const frames: RawFrame[] = [];
    const parser = new FrameParser((frame) => {
      frames.push(frame);
      parser.stop();
    }, limits);
    const bytes = bytesOf(made(10, 10));
    expect(parser.feed(Buffer.concat([bytes, bytes, bytes]))).toBe(undefined);
    expect(frames.length).toBe(1);
    expect(parser.target().length).toBe(limits.scratchBytes);
    expect(parser.end()).toBe(undefined);
  });
});
