// Every frame arrives as it was sent; what no server would send is turned down with a reason.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, frameBytes } from '../../core/frame.js';
import { decodeFrame, encodeFrame } from './codec.js';
import { DATA_LANE, makeHead, OPTIONAL, type RawFrame, rawFrame } from './header.js';
import { kinds } from './kinds.js';
import { chunkFrame, parcelFrame, sampleFrames } from './samples.test-kit.js';
import { Violation } from './violation.js';

const VERSION = 1;

function sent(frame: Frame): RawFrame {
  const { head, payload } = encodeFrame(frame, VERSION);
  return rawFrame(head, payload);
}

/** What comes of a frame of this kind whose control part is put in by hand. */
function decodeControl(type: number, control: string, flags = 0, payload?: Buffer): Frame | Violation | undefined {
  const payloadBytes = payload?.length ?? 0;
  return decodeFrame(rawFrame(makeHead({ type, flags, epoch: 7, control, payloadBytes }), payload), VERSION);
}

describe('a frame arrives as it was sent', () => {
  it.each(sampleFrames.map((frame) => [frame.kind, frame] as const))('%s', (_, frame) => {
    expect(decodeFrame(sent(frame), VERSION)).toStrictEqual(frame);
  });

  it('there is a sample of every kind', () => {
    expect(new Set(sampleFrames.map(({ kind }) => kind))).toEqual(new Set(Object.keys(kinds)));
  });

  it('every kind has a number of its own, below those of the client protocol', () => {
    const types = Object.values(kinds).map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    for (const type of types) expect(type).toBeLessThan(128);
  });
});

describe('a frame that goes on', () => {
  const [arrived, further] = [sent(chunkFrame(Buffer.from('abc'))), VERSION + 1];
  const frame = decodeFrame(arrived, VERSION) as Frame;

  it('unchanged is not encoded again', () => {
    expect(encodeFrame(frame, VERSION).head).toBe(arrived.head);
  });

  it('changed is', () => {
    const changed = { ...frame, served: 1 } as Frame;
    expect(decodeFrame(sent(changed), VERSION)).toStrictEqual(changed);
  });

  it('to a peer of another version is', () => {
    expect(encodeFrame(frame, further).head).not.toBe(arrived.head);
  });

  it('keeps what a later version has added to it', () => {
    const later = decodeControl(kinds.gone.type, '["n1","n2","u","news"]') as Frame;
    expect(later).toStrictEqual({ kind: 'gone', epoch: 7, origin: 'n1', lastStop: 'n2', upload: 'u' });
    expect(encodeFrame(later, VERSION).head.toString()).toContain('news');
  });
});

it.each([chunkFrame(Buffer.alloc(5_000)), parcelFrame()])('the core reckons with the bytes of a $kind', (frame) => {
  expect(frameBytes(frame)).toBeGreaterThanOrEqual(encodeFrame(frame, VERSION).payload?.length ?? Number.NaN);
});

describe('a parcel that is none', () => {
  const { change } = parcelFrame().proposal;
  const manifest = change.kind === 'put' ? change.manifest : undefined;
  const put = (fields: object) => ({ kind: 'put', manifest: { ...manifest, ...fields } }) as typeof change;
  const three = Buffer.from('abc');
  it.each([
    ['of other bytes than the file has', parcelFrame(three), 'not the bytes of one whole file'],
    ['of a part of a file', parcelFrame(three, put({ length: 3, chunkBytes: 2 })), 'not the bytes of one whole file'],
    ['that deletes', parcelFrame(three, { kind: 'delete' }), 'bytes, and nothing to put'],
  ])('%s', (_, frame, why) => {
    expect(decodeFrame(sent(frame), VERSION)).toEqual(new Violation('malformed', `parcel: ${why}`));
  });

  it('without bytes', () => {
    const { head } = encodeFrame(parcelFrame(), VERSION);
    expect(decodeFrame(rawFrame(head, undefined), VERSION)).toEqual(new Violation('malformed', 'parcel: no bytes'));
  });
});

describe('a frame of a later version', () => {
  it('is skipped if it says that it may be', () => {
    expect(decodeControl(99, '["anything"]', OPTIONAL)).toBe(undefined);
  });

  it('is a violation otherwise', () => {
    expect(decodeControl(99, '[]')).toEqual(new Violation('unknown-type', 'frame type 99 is not known here'));
  });
});

describe('what no server would send', () => {
  const upload = Buffer.from('x');
  it.each([
    ['no JSON', 'gone', '["n1"', /^gone: .*JSON/],
    ['no array', 'gone', '{"origin":"n1"}', 'gone: not an array'],
    ['too little', 'gone', '["n1","n2"]', 'gone: upload: not a text'],
    ['a number for a text', 'gone', '["n1",2,"u"]', 'gone: lastStop: not a text'],
    ['a name without end', 'gone', `["n1","n2","${'u'.repeat(257)}"]`, 'gone: upload: longer than 256'],
    ['a negative count', 'credit', '[-1]', 'credit: count: -1 is not within 1 and 65536'],
    ['half a credit', 'credit', '[0.5]', 'credit: count: not a whole number'],
    ['a number that is none', 'credit', '["1"]', 'credit: count: not a whole number'],
    ['a negative zero', 'learned', '["n1","n2",-0,[7,1]]', 'learned: shard: not a whole number'],
    ['beyond safe integers', 'token', '["n1","n2",9007199254740992,true]', 'token: number: not a whole number'],
    ['a word nobody knows', 'fetch', '["n1","n2","steal",0,"u",[],0,false]', 'fetch: purpose: none of read, repair'],
    ['ranges that overlap', 'fetch', '["n1","n2","read",0,"u",[[0,2],[1,3]],0,false]', /ranges: .* not sorted/],
    ['an empty range', 'fetch', '["n1","n2","read",0,"u",[[2,2]],0,false]', 'fetch: ranges: an empty range'],
    ['no truth', 'space', '["n1","n2",1]', 'space: full: neither true nor false'],
    ['bytes where none belong', 'ping', '[]', 'ping: bytes that do not belong there', upload],
    ['a chunk without bytes', 'chunk', '["n1","n2","upload",0,"u",0,0,0,0]', 'chunk: no bytes'],
    [
      'a checksum of 33 bits',
      'chunk',
      '["n1","n2","upload",0,"u",0,4294967296,0,0]',
      /checksum: .* not within/,
      upload,
    ],
    [
      'a path that leads away',
      'shuttle',
      '["n1","n1",1,1,false,false,[],[["n1",1,0,"/../etc",0,null,null,[],null,0]]]',
      'shuttle: wants.path: not a path',
    ],
    ['an unknown outcome', 'reminder', '["n1","n2","o",["lost"]]', /^reminder: outcome: none of stored/],
  ] as const)('%s', (_, kind, control, why, payload?: Buffer) => {
    const violation = decodeControl(kinds[kind].type, control, DATA_LANE, payload) as Violation;
    expect(violation).toBeInstanceOf(Violation);
    expect(violation.code).toBe('malformed');
    expect(violation.why).toMatch(why);
  });

  it('says where in a structure it was', () => {
    const control = '["n1","n2",0,[7,1],1,[[[7,1],["o","/a",["put",["u",-5,1,"","",0]],null,"f"],["deleted",true]]]]';
    const { why } = decodeControl(kinds.replicate.type, control) as Violation;
    expect(why).toBe('replicate: entries.proposal.change.manifest.length: -5 is not within 0 and 9007199254740991');
  });
});

describe('a view that cannot be', () => {
  const settings = '["os",2,1,1,262144,16]';
  const ring = '[["n1",1,"h:1"]]';
  const chain = '[[["n1"],[],[]]]';
  it.each([
    ['has the epoch of its frame', `[6,"c",${settings},${ring},${chain}]`, 'the view is of another epoch'],
    ['has a member once', `[7,"c",${settings},[["n1",1,"h:1"],["n1",2,"h:1"]],${chain}]`, 'stands in the ring once'],
    ['has a chain for every shard', `[7,"c",${settings},${ring},[]]`, 'every shard has a chain'],
    ['has chains of members', `[7,"c",${settings},${ring},[[["n2"],[],[]]]]`, 'a chain is made of members'],
    ['has transit slots', `[7,"c",["os",2,1,1,1,2],${ring},${chain}]`, 'transitSlots: 2 is not within 3'],
  ])('%s', (_, text, why) => {
    const violation = decodeControl(kinds.view.type, `[${text}]`) as Violation;
    expect(violation).toBeInstanceOf(Violation);
    expect(violation.why).toContain(why);
  });
});

describe('garbage', () => {
  const types = Object.values(kinds).map(({ type }) => type);

  it('in a control part is a violation, never an exception', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.json(),
        fc.option(fc.uint8Array({ minLength: 1 })),
        (type, json, bytes) => {
          const decoded = decodeControl(type, json, 0, bytes === null ? undefined : Buffer.from(bytes));
          expect(decoded === undefined || decoded instanceof Violation || 'kind' in decoded).toBe(true);
        },
      ),
    );
  });

  it('in one place of a sound frame is a violation, or a frame that can be sent on', () => {
    const sound = sampleFrames.map((frame) => ({
      frame,
      control: JSON.stringify((kinds[frame.kind].body.encode as (f: unknown) => unknown)(frame)),
    }));
    const spoilt = fc.constantFrom(...sound.filter(({ frame }) => frame.kind !== 'chunk'));
    fc.assert(
      fc.property(
        spoilt,
        fc.nat(),
        fc.constantFrom('0', '-0', '-1', '""', 'null', '[]', 'true', '1e99'),
        ({ frame, control }, at, put) => {
          const values = [...control.matchAll(/"[^"]*"|-?[\d.]+|true|false|null/g)];
          const { 0: value, index } = values[at % Math.max(values.length, 1)] ?? { 0: '', index: 0 };
          const text = control.slice(0, index) + put + control.slice(index + value.length);
          const decoded = decodeControl(kinds[frame.kind].type, text);
          if (decoded === undefined || decoded instanceof Violation) return;
          expect(decodeFrame(sent({ ...decoded }), VERSION)).toStrictEqual(decoded);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
