/**
 * The bytes that clients put: imaginary ones with a size, told apart by a token, or a real file byte for byte; and the
 * book in which arriving bytes are looked up again. Knows chunks, not servers.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Chunk, Manifest } from '../../core/file.js';

/** What travels instead of imaginary bytes. */
interface Token {
  readonly content: string;
  readonly index: number;
}

/** What one put operation puts. */
export interface PutContent {
  /** Names this put's content for ever; no two puts share it. */
  readonly id: string;
  /** Bytes. */
  readonly length: number;
  /** `imaginary:<id>`, or the real one in hex. */
  readonly sha256: string;
  /** Of a real file. */
  readonly bytes: Uint8Array | undefined;
}

type ChunkWithoutUpload = Omit<Chunk, 'upload'>;

/** FNV-1a over the name, mixed with the index: cheap, and different for different chunks. */
function imaginaryChecksum(content: string, index: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < content.length; i++) hash = Math.imul(hash ^ content.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ index, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** FNV-1a over a few hundred sampled bytes: arrival compares every byte anyway. */
function sampledChecksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 ^ bytes.length;
  const stride = Math.max(1, bytes.length >> 8);
  for (let i = 0; i < bytes.length; i += stride) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

export function contentChunk(content: PutContent, index: number, chunkBytes: number): ChunkWithoutUpload {
  const from = index * chunkBytes;
  const length = Math.min(chunkBytes, content.length - from);
  if (content.bytes === undefined) {
    const payload: Token = { content: content.id, index };
    return { index, length, checksum: imaginaryChecksum(content.id, index), payload };
  }
  const payload = content.bytes.subarray(from, from + length);
  return { index, length, checksum: sampledChecksum(payload), payload };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

interface RealFile {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** Every content put in this run. */
export class ContentBook {
  readonly #bySha = new Map<string, PutContent[]>();
  readonly #files = new Map<string, RealFile>();

  imaginary(id: string, length: number): PutContent {
    return this.#enter({ id, length, sha256: `imaginary:${id}`, bytes: undefined });
  }

  /** @throws if the file cannot be read: the loader has looked before. */
  file(id: string, file: string): PutContent {
    let real = this.#files.get(file);
    if (real === undefined) {
      const bytes = readFileSync(file);
      real = { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
      this.#files.set(file, real);
    }
    return this.#enter({ id, length: real.bytes.length, sha256: real.sha256, bytes: real.bytes });
  }

  /** Several only if a real file was put more than once. */
  ofManifest(manifest: Manifest): readonly PutContent[] {
    return this.#bySha.get(manifest.sha256) ?? [];
  }

  /** What is wrong with a manifest that a reader was shown; undefined: nothing. */
  manifestProblem(manifest: Manifest): string | undefined {
    const content = this.ofManifest(manifest)[0];
    if (content === undefined) return `a file with sha256 ${manifest.sha256}, which nobody put`;
    if (content.length === manifest.length) return undefined;
    return `a manifest of ${manifest.length} bytes for ${content.id}, which has ${content.length}`;
  }

  /** What is wrong with a chunk that a reader of this file got; undefined: nothing. */
  chunkProblem(manifest: Manifest, chunk: Chunk): string | undefined {
    const content = this.ofManifest(manifest)[0];
    if (content === undefined) return this.manifestProblem(manifest);
    if (chunk.upload !== manifest.upload) return `a chunk of upload ${chunk.upload} in upload ${manifest.upload}`;
    const put = contentChunk(content, chunk.index, manifest.chunkBytes);
    const place = `chunk ${chunk.index} of ${content.id}`;
    if (chunk.length !== put.length) return `${place} has ${chunk.length} bytes, not ${put.length}`;
    if (chunk.checksum !== put.checksum) return `${place} has another checksum`;
    if (content.bytes !== undefined) {
      const same = chunk.payload instanceof Uint8Array && sameBytes(chunk.payload, put.payload as Uint8Array);
      return same ? undefined : `${place} has other bytes`;
    }
    const token = chunk.payload as Partial<Token> | undefined;
    if (token?.content === content.id && token.index === chunk.index) return undefined;
    return `${place} carries the bytes of chunk ${token?.index} of ${token?.content}`;
  }

  #enter(content: PutContent): PutContent {
    const known = this.#bySha.get(content.sha256);
    if (known === undefined) this.#bySha.set(content.sha256, [content]);
    else known.push(content);
    return content;
  }
}
