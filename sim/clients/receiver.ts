/**
 * The body of a get: looks at every chunk as it comes (order, continuity, whose bytes) and takes more at the client's own
 * pace. Says what is wrong and goes on. Knows its conversation and the contents that were put.
 */
import type { ClientOutput } from '../world-api.js';
import type { ContentBook } from './content.js';
import type { Conversation, Received } from './conversation.js';
import { transferUs } from './sender.js';

/** Chunks that a client takes before it has consumed any. */
const WINDOW_CHUNKS = 4;

type FileOutput = Extract<ClientOutput, { kind: 'client-file' }>;
type DataOutput = Extract<ClientOutput, { kind: 'client-data' }>;

interface ReceiverSetting {
  /** Bytes per second at which the client reads. */
  readonly rate: number | undefined;
  readonly wrong: (problem: string) => void;
}

export class Receiver {
  #file: FileOutput | undefined;
  /** Next byte of the file to come. */
  #position = 0;
  #openChunks = 0;
  #consumedUs = 0;
  #readyChunks = 0;
  #scheduled = false;

  constructor(
    private readonly conversation: Conversation,
    private readonly contents: ContentBook,
    private readonly setting: ReceiverSetting,
  ) {}

  /** Waits for its own slowness, not for the server. */
  get pacing(): boolean {
    return this.#openChunks > 0;
  }

  get received(): Received | undefined {
    if (this.#file === undefined) return undefined;
    const { version, manifest, fromByte } = this.#file;
    return { version, manifest, bytes: this.#position - fromByte };
  }

  start(): void {
    this.#ready(WINDOW_CHUNKS);
  }

  file(output: FileOutput): void {
    if (this.#file !== undefined) this.setting.wrong('the file was announced twice');
    this.#file = output;
    this.#position = output.fromByte;
    const problem = this.contents.manifestProblem(output.manifest);
    if (problem !== undefined) this.setting.wrong(problem);
  }

  data(output: DataOutput): void {
    const file = this.#file;
    if (file === undefined) {
      this.setting.wrong('bytes came before the file was announced');
      return;
    }
    const { chunk, from, to } = output;
    const at = chunk.index * file.manifest.chunkBytes + from;
    const bytes = to - from;
    if (at !== this.#position) this.setting.wrong(`bytes from ${at} came where bytes from ${this.#position} belong`);
    if (from < 0 || bytes <= 0 || to > chunk.length || at + bytes > file.toByte) {
      this.setting.wrong(`bytes ${from} to ${to} of chunk ${chunk.index} do not lie in what was asked for`);
    }
    const problem = this.contents.chunkProblem(file.manifest, chunk);
    if (problem !== undefined) this.setting.wrong(problem);
    this.#position = at + bytes;
    this.#consume(bytes);
  }

  finish(delivered: boolean): void {
    if (!delivered) return;
    if (this.#file === undefined) {
      this.setting.wrong('delivered, but no file was announced');
      return;
    }
    const { toByte } = this.#file;
    if (this.#position !== toByte) {
      this.setting.wrong(`delivered, but the bytes end at ${this.#position} instead of ${toByte}`);
    }
  }

  #consume(bytes: number): void {
    const { rate } = this.setting;
    const { world } = this.conversation;
    if (rate === undefined) {
      this.#readyChunks += 1;
      if (this.#scheduled) return;
      this.#scheduled = true;
      world.at(world.nowUs, () => {
        this.#scheduled = false;
        const chunks = this.#readyChunks;
        this.#readyChunks = 0;
        this.#ready(chunks);
      });
      return;
    }
    this.#openChunks += 1;
    this.#consumedUs = Math.max(this.#consumedUs, world.nowUs) + transferUs(bytes, rate);
    world.at(this.#consumedUs, () => {
      this.#openChunks -= 1;
      this.#ready(1);
    });
  }

  #ready(chunks: number): void {
    if (this.conversation.over) return;
    this.conversation.say({ kind: 'client-ready', request: this.conversation.request, chunks });
  }
}
