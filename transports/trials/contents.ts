/**
 * Files that nobody else puts: each content has a name, which stands in every part of it, and is known again by its SHA-256.
 * What is none of them, whole, was never put: a mixture, a piece, or rot.
 */
import { createHash, randomInt } from 'node:crypto';

const BYTES_MIN = 1024;
const BYTES_MAX = 1024 * 1024;

export interface Content {
  readonly name: string;
  readonly bytes: Buffer;
}

export class Contents {
  private readonly names = new Map<string, string>();

  make(name: string): Content {
    // Small files as often as large ones.
    const length = Math.floor(BYTES_MIN * (BYTES_MAX / BYTES_MIN) ** (randomInt(1_000_000) / 1_000_000));
    const bytes = Buffer.alloc(length, `${name} `);
    this.names.set(sha256Of(bytes), name);
    return { name, bytes };
  }

  /** Undefined: nobody put it. */
  nameOf(sha256: string): string | undefined {
    return this.names.get(sha256);
  }
}

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
