/**
 * Messages on a TCP connection of the embedded coordinator: a length of four bytes, big-endian, and as many bytes of JSON
 * in UTF-8. Knows no message. Must never wait for more than one message of the
 * largest size.
 */

const LENGTH_BYTES = 4;

export function frame(message: object): Buffer {
  const text = JSON.stringify(message);
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + length);
  bytes.writeUInt32BE(length);
  bytes.write(text, LENGTH_BYTES);
  return bytes;
}

export class FrameReader {
  private pieces: Buffer[] = [];
  private bytes = 0;
  /** With its length; unknown before that has come. */
  private wanted: number | undefined;

  constructor(private readonly messageBytesMax: number) {}

  push(piece: Buffer): void {
    this.pieces.push(piece);
    this.bytes += piece.length;
  }

  /** The next message; undefined while it is not complete. @throws if it is no message, or too large. */
  next(): unknown {
    if (this.wanted === undefined && this.bytes >= LENGTH_BYTES) this.wanted = this.measure();
    return this.wanted === undefined || this.bytes < this.wanted ? undefined : this.take(this.wanted);
  }

  private measure(): number {
    const length = this.joined().readUInt32BE();
    if (length > this.messageBytesMax) {
      throw new Error(`a message of ${length} bytes (at most ${this.messageBytesMax}), or no message at all`);
    }
    return LENGTH_BYTES + length;
  }

  private take(wanted: number): unknown {
    const all = this.joined();
    this.wanted = undefined;
    this.bytes = all.length - wanted;
    this.pieces = this.bytes > 0 ? [all.subarray(wanted)] : [];
    return JSON.parse(all.toString('utf8', LENGTH_BYTES, wanted));
  }

  /** Joined twice for each message at most, however many pieces it comes in. */
  private joined(): Buffer {
    const [first, ...rest] = this.pieces;
    const all = first !== undefined && rest.length === 0 ? first : Buffer.concat(this.pieces);
    this.pieces = [all];
    return all;
  }
}
