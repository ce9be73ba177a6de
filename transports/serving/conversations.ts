/**
 * The door of one life of a server: gives every operation its request id, turns a body's buffers into chunks and the
 * core's words into calls. Translates and decides nothing; must never let a conversation end without a last word.
 */
import { crc32 } from 'node:zlib';
import type { RequestId } from '../../core/ids.js';
import type { ClientInput, ClientOutput, Port, Post } from '../../core/ports.js';
import type { Conversation, Door, Hearer } from './door.js';

/** The port of a life that its clients come in by. */
export interface Conversations extends Port<ClientOutput> {
  readonly door: Door;
}

interface Talk extends Conversation {
  readonly hearer: Hearer;
}

/** @param chunkBytes of the present view; 0 before there is one */
export function createConversations(post: Post<ClientInput>, chunkBytes: () => number): Conversations {
  const talks = new Map<RequestId, Talk>();
  let count = 0;
  let isOver = false;

  const door: Door = {
    get chunkBytes() {
      return chunkBytes();
    },
    ask(operation, hear) {
      const request = `c${++count}`;
      const talk = beginTalk(request, hear, (input) => {
        if (!talks.has(request)) return;
        if (input.kind === 'client-gone') talks.delete(request);
        post(input);
      });
      if (isOver) {
        talk.hearer.answer({ result: 'lost' });
        return talk;
      }
      talks.set(request, talk);
      post({ kind: 'client-request', request, operation });
      return talk;
    },
  };

  return {
    door,
    carryOut(output) {
      const hearer = talks.get(output.request)?.hearer;
      if (hearer === undefined) return;
      if (output.kind === 'answer') talks.delete(output.request);
      say(hearer, output);
    },
    end() {
      isOver = true;
      const hearers = [...talks.values()].map(({ hearer }) => hearer);
      talks.clear();
      for (const hearer of hearers) hearer.answer({ result: 'lost' });
    },
  };
}

function beginTalk(request: RequestId, hear: (conversation: Conversation) => Hearer, say: Post<ClientInput>): Talk {
  let index = 0;
  let length = 0;
  const conversation: Conversation = {
    send(bytes) {
      // The core fills in the upload: only it knows its name.
      const chunk = { upload: '', index, length: bytes.length, checksum: crc32(bytes), payload: bytes };
      index++;
      length += bytes.length;
      say({ kind: 'client-chunk', request, chunk });
    },
    finish: (sha256) => say({ kind: 'client-end', request, length, sha256 }),
    ready: (chunks) => say({ kind: 'client-ready', request, chunks }),
    leave: () => say({ kind: 'client-gone', request }),
  };
  return { ...conversation, hearer: hear(conversation) };
}

function say(hearer: Hearer, output: ClientOutput): void {
  switch (output.kind) {
    case 'client-accept':
      hearer.accept(output.chunks);
      return;
    case 'client-file': {
      const { version, manifest, fromByte, toByte } = output;
      hearer.file({ version, manifest, fromByte, toByte });
      return;
    }
    case 'client-data': {
      const bytes = output.chunk.payload as Buffer;
      const { from, to } = output;
      hearer.data(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
      return;
    }
    case 'answer':
      hearer.answer(output.answer);
      return;
  }
}
