/**
 * The bytes of one get on their way in: where a server fails, another goes on at the very byte, with the very version;
 * a whole file is checked against its SHA-256. Whoever takes the bytes never sees a mixture of versions.
 */
import { createHash } from 'node:crypto';
import { CLIENT_CODES, type Opened, ReadBroken, type Refused } from './client.js';
import type { WireFile } from './wire.js';

/** Connections that broke one after the other without bringing a byte. */
const BARREN_RESUMES_MAX = 8;

export interface Resumption {
  readonly signal: AbortSignal;
  /** The same version from this byte on. */
  readonly resume: (fromByte: number) => Promise<WireFile | Refused>;
}

export function openDownload(first: WireFile, resumption: Resumption): Opened {
  const { file, fromByte, toByte } = first;
  return { result: 'found', file, fromByte, toByte, body: body(first, resumption) };
}

async function* body(first: WireFile, { signal, resume }: Resumption): AsyncGenerator<Buffer> {
  const { file, fromByte, toByte } = first;
  const isWhole = fromByte === 0 && toByte === file.length;
  const hash = isWhole ? createHash('sha256') : undefined;
  let at = fromByte;
  let barren = 0;
  for (let current = first; ; ) {
    const before = at;
    let why = 'the answer ended early';
    try {
      for await (const piece of current.body) {
        if (at + piece.length > toByte) throw broken('not-the-same-bytes', 'more bytes came than were announced');
        at += piece.length;
        hash?.update(piece);
        yield piece;
      }
    } catch (error) {
      if (error instanceof ReadBroken) throw error;
      signal.throwIfAborted();
      why = error instanceof Error ? error.message : String(error);
    }
    if (at === toByte) break;
    barren = at > before ? 0 : barren + 1;
    if (barren > BARREN_RESUMES_MAX) throw broken('no-answer', why);
    const next = await resume(at);
    if ('result' in next) throw new ReadBroken(next);
    current = next;
  }
  if (hash !== undefined && hash.digest('hex') !== file.sha256) throw broken('not-the-same-bytes', file.path);
}

function broken(code: 'not-the-same-bytes' | 'no-answer', why: string): ReadBroken {
  return new ReadBroken({ result: 'refused', code, detail: `${CLIENT_CODES[code]}: ${why}`, server: undefined });
}
