// Paths: what passes the door and what does not.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPath, isPrefix, PATH_BYTES_MAX } from './paths.js';

const utf8 = new TextEncoder();
const ofBytes = (bytes: number): string => `/${'x'.repeat(bytes - 1)}`;

describe('good paths', () => {
  it.each([
    ['one segment', '/a'],
    ['several', '/docs/2026/report.pdf'],
    ['a dot at either end of a name', '/.hidden/name./a..b'],
    ['three dots', '/...'],
    ['a space, also at the ends', '/ a b '],
    ['signs that mean something elsewhere', '/a:b/c?d#e%2e%2e&f=*|<>"\\g~'],
    ['composed letters', '/caf\u00e9'],
    ['other scripts', '/资料/файл'],
    ['beyond 16 bits', '/\u{1f600}/\u{10ffff}'],
    ['the first and last signs around the control characters', '/\u0020\u007e\u00a0'],
    ['the signs around the surrogates', '/\ud7ff\ue000'],
    ['the longest in ASCII', ofBytes(PATH_BYTES_MAX)],
    ['the longest in signs of two bytes', `/x${'\u00e9'.repeat(511)}`],
    ['the longest in signs of three bytes', `/${'\u8d44'.repeat(341)}`],
    ['the longest in signs of four bytes', `/xxx${'\u{1f600}'.repeat(255)}`],
  ])('%s', (_, path) => {
    expect(isPath(path)).toBe(true);
    expect(isPrefix(path)).toBe(true);
  });
});

describe('hostile paths', () => {
  it.each([
    ['nothing', ''],
    ['the root alone', '/'],
    ['relative', 'a/b'],
    ['relative, in disguise', ' /a'],
    ['a Windows path', 'C:\\a'],
    ['up', '/..'],
    ['up at the end', '/a/..'],
    ['up in between', '/a/../b'],
    ['up at the beginning', '/../etc/passwd'],
    ['here', '/.'],
    ['here in between', '/a/./b'],
    ['an empty segment', '/a//b'],
    ['an empty first segment', '//a'],
    ['an empty last segment', '/a/'],
    ['NUL', '/a\u0000'],
    ['a line break', '/a\nb'],
    ['the last of the C0 controls', '/a\u001f'],
    ['delete', '/a\u007f'],
    ['the first of the C1 controls', '/a\u0080'],
    ['the last of the C1 controls', '/a\u009f'],
    ['decomposed letters', '/cafe\u0301'],
    ['a sign whose normal form is another', '/\u212b'],
    ['Hangul in pieces', '/\u1112\u1161'],
    ['a high surrogate alone', '/a\ud83d'],
    ['a low surrogate alone', '/\ude00a'],
    ['surrogates the wrong way round', '/\ude00\ud83d'],
    ['one byte too long in ASCII', ofBytes(PATH_BYTES_MAX + 1)],
    ['one byte too long in signs of two bytes', `/${'\u00e9'.repeat(512)}`],
    ['one byte too long in signs of three bytes', `/x${'\u8d44'.repeat(341)}`],
    ['one byte too long in signs of four bytes', `/${'\u{1f600}'.repeat(256)}`],
    ['far too long', ofBytes(1_000_000)],
  ])('%s', (_, path) => {
    expect(isPath(path)).toBe(false);
  });
});

describe('prefixes', () => {
  it.each([
    ['the root', '/', true],
    ['up to a segment', '/a/', true],
    ['inside a segment', '/a/b', true],
    ['nothing', '', false],
    ['relative', 'a', false],
    ['a control character', '/a\n', false],
    ['half a sign', '/\ud83d', false],
    ['one byte too long', ofBytes(PATH_BYTES_MAX + 1), false],
  ])('%s', (_, prefix, isGood) => {
    expect(isPrefix(prefix)).toBe(isGood);
  });

  it('every path can be cut between two signs', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const path = `/${text}`;
        fc.pre(isPath(path));
        const signs = [...path];
        for (let length = 1; length <= signs.length; length++) {
          expect(isPrefix(signs.slice(0, length).join(''))).toBe(true);
        }
      }),
    );
  });
});

/** The rules once more, each in the most obvious way. */
function twin(path: string): boolean {
  const hasSurrogate = /\p{Cs}/u.test(path);
  const hasControl = /\p{Cc}/u.test(path);
  const segments = path.split('/');
  const isPlain = segments.every((segment, i) => (i === 0 ? segment === '' : !/^\.{0,2}$/.test(segment)));
  const fits = utf8.encode(path).length <= PATH_BYTES_MAX;
  return !hasSurrogate && !hasControl && isPlain && segments.length > 1 && fits && path.normalize('NFC') === path;
}

describe('fuzzed', () => {
  const nasty = fc.constantFrom('/', '.', '..', '\u0000', '\u0085', '\ud83d', '\ude00', 'e\u0301', '\u00e9', 'a', ' ');
  const unit = fc.oneof(nasty, fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }));
  const texts = fc.array(unit, { maxLength: 12 }).map((units) => units.join(''));
  const long = fc.tuple(fc.constantFrom('a', '\u00e9', '\u8d44', '\u{1f600}'), fc.integer({ min: 250, max: 1030 }));

  it('agrees with the rules, written down once more', () => {
    let good = 0;
    fc.assert(
      fc.property(texts, fc.boolean(), (text, isAbsolute) => {
        const path = isAbsolute ? `/${text}` : text;
        expect(isPath(path)).toBe(twin(path));
        if (isPath(path)) good++;
      }),
      { numRuns: 3000 },
    );
    expect(good).toBeGreaterThan(50);
  });

  it('agrees about length', () => {
    fc.assert(
      fc.property(long, ([sign, count]) => {
        const path = `/${sign.repeat(count)}`;
        expect(isPath(path)).toBe(twin(path));
        expect(isPrefix(path)).toBe(utf8.encode(path).length <= PATH_BYTES_MAX);
      }),
    );
  });
});
