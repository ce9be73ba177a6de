/**
 * A client: carries out one order after the other, each over as many attempts at as many servers as it takes. Draws from
 * random streams of its own name only, so that taking a fault away moves no other client.
 */
import type { MemberId } from '../../core/ids.js';
import type { RandomStream, World } from '../world-api.js';
import { Attempt, type AttemptEnd, type AttemptSetting } from './attempt.js';
import type { ContentBook, PutContent } from './content.js';
import type { ClientWatcher, OperationRecord, Order } from './operation.js';
import { makeOperationId } from './operation-id.js';
import { afterAttempt } from './retry.js';

/** First pause before another attempt, µs; doubles each time, up to the longest. */
const PAUSE_FIRST_US = 50_000;
const PAUSE_LONGEST_US = 1_000_000;

/** What all clients of a run share. */
export interface ClientSetting {
  readonly world: World;
  readonly contents: ContentBook;
  readonly watcher: Required<ClientWatcher>;
  readonly chunkBytes: number;
  readonly timeoutUs: number;
  readonly retries: number;
  readonly listPageMax: number;
  /** Next place in the order of all calls and answers. */
  readonly nextOrder: () => number;
}

/** What an order leaves to the moment: where to go first, and the size drawn for imaginary content. */
export interface Errand {
  readonly order: Order;
  /** Undefined: drawn among servers whose process is there. */
  readonly first: MemberId | undefined;
  /** Servers to draw from; undefined: all. */
  readonly among: readonly MemberId[] | undefined;
}

export class Client {
  readonly #sizes: RandomStream;
  readonly #ids: RandomStream;
  readonly #servers: RandomStream;
  readonly #attempts: AttemptSetting;
  #orders = 0;
  #requests = 0;

  constructor(
    private readonly setting: ClientSetting,
    readonly name: string,
  ) {
    const { world, contents, chunkBytes, timeoutUs, listPageMax, watcher } = setting;
    this.#sizes = world.random(`client ${name} sizes`);
    this.#ids = world.random(`client ${name} operation ids`);
    this.#servers = world.random(`client ${name} servers`);
    const bytesWrong = (record: OperationRecord, problem: string) => watcher.bytesWrong(record, problem);
    this.#attempts = { world, contents, chunkBytes, timeoutUs, listPageMax, bytesWrong };
  }

  run(errand: Errand, ended: (record: OperationRecord) => void): OperationRecord {
    const { world, watcher, nextOrder } = this.setting;
    const { order } = errand;
    const isWrite = order.action.kind === 'put' || order.action.kind === 'delete';
    this.#orders += 1;
    const record: OperationRecord = {
      client: this.name,
      order,
      content: this.#content(order),
      operation: isWrite ? makeOperationId(world.birthMs * 1000 + world.nowUs, this.#ids) : undefined,
      call: nextOrder(),
      callUs: world.nowUs,
      end: undefined,
      endUs: undefined,
      answer: undefined,
      server: undefined,
      attempts: 0,
    };
    watcher.operationCalled(record);
    this.#attempt(errand, record, { isWrite, mayHaveHappened: false }, ended);
    return record;
  }

  #content({ action, name }: Order): PutContent | undefined {
    if (action.kind !== 'put') return undefined;
    const { contents } = this.setting;
    const id = `${name === undefined ? '' : `${name}@`}${this.name}.${this.#orders}`;
    if (action.content.kind === 'file') return contents.file(id, action.content.file);
    const { minBytes, maxBytes } = action.content.size;
    return contents.imaginary(id, this.#sizes.int(minBytes, maxBytes));
  }

  #attempt(
    errand: Errand,
    record: OperationRecord,
    soFar: { readonly isWrite: boolean; readonly mayHaveHappened: boolean },
    ended: (record: OperationRecord) => void,
  ): void {
    const { world, retries } = this.setting;
    const server =
      record.attempts === 0 && errand.first !== undefined ? errand.first : this.#draw(errand, record.server);
    record.attempts += 1;
    record.server = server;
    this.#requests += 1;
    const attempt: Attempt = new Attempt(
      this.#attempts,
      server,
      `${this.name}.${this.#requests}`,
      record,
      (end: AttemptEnd) => {
        const retriesLeft = retries + 1 - record.attempts;
        const decision = afterAttempt({ ...soFar, end, mayHappen: attempt.mayHappen, retriesLeft });
        if (decision.kind === 'again') {
          const { mayHaveHappened } = decision;
          const again = () => this.#attempt(errand, record, { ...soFar, mayHaveHappened }, ended);
          return world.at(world.nowUs + this.#pauseUs(record.attempts), again);
        }
        record.answer = decision.answer;
        record.end = this.setting.nextOrder();
        record.endUs = world.nowUs;
        this.setting.watcher.operationEnded(record);
        ended(record);
      },
    );
    attempt.start();
  }

  /** Another server than the last, one whose process is there: nobody listens at the others. */
  #draw(errand: Errand, last: MemberId | undefined): MemberId {
    const { servers } = this.setting.world;
    const all = errand.among ?? [...servers.keys()];
    const there = all.filter((id) => servers.get(id)?.process !== 'down');
    const others = there.filter((id) => id !== last);
    const choice = others.length > 0 ? others : there.length > 0 ? there : all;
    return choice[this.#servers.int(0, choice.length - 1)] as MemberId;
  }

  #pauseUs(attempts: number): number {
    const most = Math.min(PAUSE_FIRST_US * 2 ** (attempts - 1), PAUSE_LONGEST_US);
    return this.#servers.int(Math.floor(most / 2), most);
  }
}
