// As much of ZooKeeper's wire format as tests need: where frames end, who a session is, and which request is answered.
// Frames are a length of 4 bytes and so many bytes; all numbers are big-endian.

/** Request types, as in org.apache.zookeeper.ZooDefs.OpCode. */
export const Operation = { create: 1, delete: 2, exists: 3, get: 4, set: 5, setAccess: 7, list: 8, sync: 9 } as const;

export interface Credentials {
  /** In hexadecimal digits, as the client says it. */
  readonly owner: string;
  readonly id: bigint;
  readonly password: Buffer;
}

/** As the service has it (jute.maxbuffer): whoever sends a longer one is cut off. */
const FRAME_BYTES_MAX = 0xfffff;

/** Cuts a stream into frames, whole with their lengths. */
export class Frames {
  private rest = Buffer.alloc(0);

  get isBroken(): boolean {
    const length = this.rest.length < 4 ? 0 : this.rest.readInt32BE(0);
    return length < 0 || length > FRAME_BYTES_MAX;
  }

  take(bytes: Buffer): readonly Buffer[] {
    this.rest = Buffer.concat([this.rest, bytes]);
    const frames: Buffer[] = [];
    while (!this.isBroken && this.rest.length >= 4 && this.rest.length >= 4 + this.rest.readInt32BE(0)) {
      const end = 4 + this.rest.readInt32BE(0);
      frames.push(this.rest.subarray(0, end));
      this.rest = this.rest.subarray(end);
    }
    return frames;
  }
}

/** Of a request: its number and its type. */
export const headOf = (frame: Buffer): { readonly number: number; readonly type: number } => ({
  number: frame.readInt32BE(4),
  type: frame.length >= 12 ? frame.readInt32BE(8) : 0,
});

/** The service's first frame: version, session time, session id, password. The id is 0 if the session has expired. */
export function credentialsIn(frame: Buffer): Credentials | undefined {
  const id = frame.readBigInt64BE(12);
  if (id === 0n) return undefined;
  return { owner: BigInt.asUintN(64, id).toString(16), id, password: Buffer.from(frame.subarray(24, 40)) };
}

/** Joins a session from elsewhere and closes it: for its owner it has expired. */
export const closing = (session: Credentials): Buffer => Buffer.concat([hello(session), CLOSE]);

/** A session of its own that writes what no server of ours would, into what is there. */
export function overwriting(path: string, data: string): Buffer {
  const [name, bytes] = [Buffer.from(path), Buffer.from(data)];
  const body = Buffer.concat([numbers(1, Operation.set), ...[name, bytes].flatMap(withLength), numbers(-1)]);
  return Buffer.concat([hello(undefined), ...withLength(body), CLOSE]);
}

const CLOSE = numbers(8, 1, -11);

/** Version, last transaction seen (8 bytes), session time, session id (8 bytes), password. */
function hello(session: Credentials | undefined): Buffer {
  const id = Buffer.alloc(8);
  id.writeBigInt64BE(session?.id ?? 0n);
  const body = [numbers(0, 0, 0, 10_000), id, ...withLength(session?.password ?? Buffer.alloc(16)), Buffer.alloc(1)];
  return Buffer.concat(withLength(Buffer.concat(body)));
}

function withLength(bytes: Buffer): readonly Buffer[] {
  return [numbers(bytes.length), bytes];
}

function numbers(...all: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * all.length);
  for (const [i, each] of all.entries()) bytes.writeInt32BE(each, 4 * i);
  return bytes;
}
