/** The body of a put over TCP: no more under way than the server accepts. Ends with its answer, which may come early. */
import { CLIENT_FRAME_LIMITS, type ClientAnswer } from '../frames/client-frames.js';
import { ConnectionFailed, type TcpConnection } from './tcp-connection.js';
import type { PutRequest } from './wire.js';

export interface PutEnd {
  readonly answer: ClientAnswer;
  readonly sentBytes: number;
}

const { unacceptedBytes, pieceBytesMax } = CLIENT_FRAME_LIMITS;

/** The put itself has been said. @throws ConnectionFailed, or what the body throws */
export async function sendBody(connection: TcpConnection, request: PutRequest): Promise<PutEnd> {
  let allowed: number = unacceptedBytes;
  let sentBytes = 0;
  let answer: ClientAnswer | undefined;
  let failure: unknown;
  let moved: () => void = () => {};

  const listening = (async () => {
    while (answer === undefined) {
      const frame = await connection.next();
      if (frame.kind === 'accept') allowed += frame.bytes;
      else if (frame.kind === 'answer') answer = frame.answer;
      moved();
    }
  })().catch((error: unknown) => {
    failure = error;
    moved();
  });

  const isOver = (): boolean => answer !== undefined || failure !== undefined;
  const sending = async (): Promise<void> => {
    for await (const piece of request.open()) {
      for (let rest = piece; rest.length > 0 && !isOver(); ) {
        const room = Math.min(rest.length, allowed, pieceBytesMax);
        if (room > 0) {
          allowed -= room;
          sentBytes += room;
          await connection.say({ kind: 'piece', bytes: rest.subarray(0, room) });
          rest = rest.subarray(room);
        } else {
          await new Promise<void>((resolve) => {
            moved = resolve;
          });
        }
      }
      if (isOver()) break;
    }
    // Answered early: said all the same, so that the next operation may come.
    if (failure === undefined) {
      await connection.say(isOver() ? { kind: 'give-up' } : { kind: 'end', sha256: request.sha256() });
    }
  };
  try {
    await sending();
  } catch (error) {
    // What the server said before it hung up is still to be heard.
    if (!(error instanceof ConnectionFailed)) throw error;
  }
  await listening;
  if (answer === undefined) throw failure;
  return { answer, sentBytes };
}
