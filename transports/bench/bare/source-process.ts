/** Where the bytes of a bare chain come from: the first hop dials it, and it measures until the acknowledgement. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { payloadOf } from '../payload.js';
import { answerParent } from '../processes.js';
import { CHUNK_BYTES, GREETING } from './chunk.js';

export type SourceAsked = { readonly kind: 'listen' } | { readonly kind: 'send'; readonly bytes: number };

let socket: Socket | undefined;
let onDone = (): void => {};

function listen(): Promise<number> {
  const server = createServer({ noDelay: true }, (accepted) => {
    socket = accepted;
    accepted.write(GREETING);
    accepted.on('data', () => onDone());
    accepted.on('error', () => process.exit());
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** @returns seconds until the last byte was acknowledged */
async function send(bytes: number): Promise<number> {
  const to = socket;
  if (to === undefined) throw new Error('nobody has dialled');
  const payload = payloadOf(bytes);
  const done = new Promise<void>((resolve) => {
    onDone = resolve;
  });
  const begunMs = performance.now();
  for (let from = 0; from < bytes; from += CHUNK_BYTES) {
    if (to.write(payload.subarray(from, from + CHUNK_BYTES))) continue;
    await new Promise<void>((resolve) => to.once('drain', resolve));
  }
  await done;
  return (performance.now() - begunMs) / 1000;
}

answerParent((asked: SourceAsked) => (asked.kind === 'listen' ? listen() : send(asked.bytes)));
