/**
 * The bytes of one put on their way out: counted, hashed, and known to be complete or not. One for each try.
 * A body that did not go out whole cannot have become a file: that is what makes an honest "nothing happened" possible.
 */
import { createHash } from 'node:crypto';
import { CLIENT_CODES, type ClientCode, type Source } from './client.js';

/** The source cannot be sent as it is: no server is to blame. */
export class SourceBroken extends Error {
  override readonly name = 'SourceBroken';
  constructor(
    readonly code: ClientCode,
    why: string,
  ) {
    super(why === '' ? CLIENT_CODES[code] : `${CLIENT_CODES[code]}: ${why}`);
  }
}

export interface Upload {
  /** Once. @throws SourceBroken */
  open(): AsyncGenerator<Buffer>;
  /** All bytes went out, so that the server may have acted on them. */
  readonly isComplete: boolean;
  /** Of all bytes; only after the end. */
  sha256(): string;
}

export function createUpload(
  source: Source,
  bytes: AsyncIterable<Buffer>,
  onProgress: (bytes: number) => void,
): Upload {
  const hash = createHash('sha256');
  let digest: string | undefined;
  let sent = 0;
  let isComplete = source.length === 0;
  async function* open(): AsyncGenerator<Buffer> {
    for await (const piece of readable(bytes)) {
      if (source.length !== undefined && sent + piece.length > source.length) {
        throw new SourceBroken('source-changed', '');
      }
      hash.update(piece);
      sent += piece.length;
      // With an announced length the last byte is the end.
      if (sent === source.length) isComplete = true;
      yield piece;
      onProgress(sent);
    }
    if (source.length !== undefined && sent < source.length) throw new SourceBroken('source-changed', '');
    isComplete = true;
  }
  return {
    open,
    get isComplete() {
      return isComplete;
    },
    sha256() {
      digest ??= hash.digest('hex');
      return digest;
    },
  };
}

async function* readable(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    throw new SourceBroken('source-unreadable', error instanceof Error ? error.message : String(error));
  }
}
