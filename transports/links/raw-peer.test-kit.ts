// A ring port under test, and somebody who speaks to it byte by byte, right or wrong.
import { connect, type Socket } from 'node:net';
import { LinksEnd } from '../../core/conformance/links-end.test-kit.js';
import type { Frame } from '../../core/frame.js';
import type { MemberId } from '../../core/ids.js';
import { encodeFrame } from '../frames/codec.js';
import { encodePreface, type Preface, VERSIONS } from '../frames/preface.js';
import { type HostPort, hostPortText } from '../leaves/host-port.js';
import { LINK_LIMITS, type LinkLimits } from './limits.js';
import type { OpenRingPort, RingPort, RingPortOptions } from './links.js';
import { ANY_PORT } from './world.test-kit.js';

export interface TestPort {
  readonly port: RingPort;
  readonly end: LinksEnd;
  /** What peers were accused of. */
  readonly accusations: string[];
  readonly address: string;
}

export interface TestPortOptions extends Omit<Partial<RingPortOptions>, 'limits'> {
  readonly id?: MemberId;
  readonly limits?: Partial<LinkLimits>;
}

/** With a life that notes what it hears. */
export async function openTestPort(open: OpenRingPort, options: TestPortOptions = {}): Promise<TestPort> {
  const accusations: string[] = [];
  const { id = 'n1', limits, at = ANY_PORT, ...rest } = options;
  const onViolation = (_: string, why: string): void => void accusations.push(why);
  const port = await open({ onViolation, ...rest, at, limits: { ...LINK_LIMITS, ...limits } });
  const address = hostPortText(port.at);
  const end = new LinksEnd({ member: { id, incarnation: 1, address }, begin: (post) => port.begin(id, post) });
  return { port, end, accusations, address };
}

export class RawPeer {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  isClosed = false;

  constructor({ host, port }: HostPort) {
    this.socket = connect({ host, port });
    this.socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes]);
    });
    this.socket
      .on('error', () => undefined)
      .on('close', () => {
        this.isClosed = true;
      });
  }

  say(...pieces: readonly (Buffer | string)[]): this {
    for (const piece of pieces) this.socket.write(piece);
    return this;
  }

  introduce(preface: Partial<Preface> = {}): this {
    return this.say(encodePreface({ versions: VERSIONS, role: 'ring', ...preface }));
  }
}

export function bytesOf(frame: Frame): Buffer {
  const { head, payload } = encodeFrame(frame, 1);
  return payload === undefined ? head : Buffer.concat([head, payload]);
}
