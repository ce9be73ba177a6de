// Bytes are known again when they arrive: imaginary ones by token, real ones byte for byte.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../core/file.js';
import { ContentBook, contentChunk, type PutContent } from './content.js';

const folder = mkdtempSync(join(tmpdir(), 'content-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifestOf = ({ length, sha256 }: PutContent): Manifest => ({
  upload: 'u',
  length,
  chunkBytes: 100,
  sha256,
  contentType: '',
  modifiedMs: 0,
});

describe('imaginary content', () => {
  const book = new ContentBook();
  const one = book.imaginary('one', 250);
  const two = book.imaginary('two', 250);
  const chunk = (content: PutContent, index: number) => ({ upload: 'u', ...contentChunk(content, index, 100) });

  it('is recognised', () => {
    expect(book.manifestProblem(manifestOf(one))).toBeUndefined();
    for (const index of [0, 1, 2]) expect(book.chunkProblem(manifestOf(one), chunk(one, index))).toBeUndefined();
  });

  it('of another put, at another place, of another length or upload is not', () => {
    const manifest = manifestOf(one);
    const good = chunk(one, 1);
    expect(book.chunkProblem(manifest, chunk(two, 1))).toContain('checksum');
    expect(book.chunkProblem(manifest, { ...good, payload: chunk(two, 1).payload })).toContain('of two');
    expect(book.chunkProblem(manifest, { ...good, payload: chunk(one, 2).payload })).toContain('chunk 2 of one');
    expect(book.chunkProblem(manifest, { ...good, length: 99 })).toContain('99 bytes');
    expect(book.chunkProblem(manifest, { ...good, upload: 'v' })).toContain('upload v');
    expect(book.manifestProblem({ ...manifest, length: 1 })).toContain('which has 250');
    expect(book.manifestProblem({ ...manifest, sha256: 'x' })).toContain('nobody put');
    expect(book.chunkProblem({ ...manifest, sha256: 'x' }, good)).toContain('nobody put');
  });
});

describe('a real file', () => {
  it('is compared byte for byte', () => {
    const file = join(folder, 'real');
    writeFileSync(
      file,
      Uint8Array.from({ length: 250 }, (_, i) => i),
    );
    const book = new ContentBook();
    const real = book.file('a', file);
    expect(real.sha256).toMatch(/^[0-9a-f]{64}$/);
    const chunk = { upload: 'u', ...contentChunk(real, 2, 100) };
    expect(chunk.length).toBe(50);
    expect(book.chunkProblem(manifestOf(real), chunk)).toBeUndefined();
    const bent = Uint8Array.from(chunk.payload as Uint8Array);
    bent[7] = 0;
    expect(book.chunkProblem(manifestOf(real), { ...chunk, payload: bent })).toContain('other bytes');
    expect(book.ofManifest(manifestOf(book.file('b', file)))).toHaveLength(2);
  });
});
