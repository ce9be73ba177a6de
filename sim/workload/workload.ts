/**
 * The clients of a workload: each does one operation after the other, drawn from a random stream of its own, at the pace
 * that all of them together are to keep.
 */
import { versionText } from '../../core/ids.js';
import { Client, type ClientSetting } from '../clients/client.js';
import { type OperationRecord, seenFile, targetOf } from '../clients/operation.js';
import type { ClientAction, Workload } from '../scenario/scenario.js';
import type { RandomStream, World } from '../world-api.js';
import { byWeight, commonPrefix, pathDrawer } from './draw.js';

type Kind = 'put' | 'put-if-absent' | 'put-if-version' | 'get' | 'stat' | 'delete' | 'delete-if-version' | 'list';

/** A client begins no two operations within less, µs: where answers cost no time, time must go on all the same. */
const PAUSE_LEAST_US = 100;

/** Draws the next operation of one client, which knows the versions it saw last. */
class Plan {
  readonly #versions = new Map<string, string>();
  readonly #kinds: readonly Kind[];
  readonly #kind: (random: RandomStream) => number;
  readonly #path: (random: RandomStream) => string;

  constructor(private readonly workload: Workload) {
    const mix = Object.entries(workload.mix);
    this.#kinds = mix.map(([kind]) => kind as Kind);
    this.#kind = byWeight(mix.map(([, weight]) => weight));
    this.#path = pathDrawer(workload.paths);
  }

  next(random: RandomStream): ClientAction {
    const kind = this.#kinds[this.#kind(random)] as Kind;
    const path = this.#path(random);
    const version = this.#versions.get(path);
    switch (kind) {
      case 'put':
        return this.#put(path, undefined);
      case 'put-if-absent':
        return this.#put(path, 'none');
      // Whoever has seen no version yet looks first.
      case 'put-if-version':
        return version === undefined ? { kind: 'stat', path } : this.#put(path, version);
      case 'delete-if-version':
        return version === undefined ? { kind: 'stat', path } : { kind: 'delete', path, precondition: version };
      case 'delete':
        return { kind: 'delete', path, precondition: undefined };
      case 'get': {
        const { consistency } = this.workload;
        return { kind: 'get', path, fromByte: 0, toByte: undefined, clientBytesPerSecond: undefined, consistency };
      }
      case 'stat':
        return { kind: 'stat', path, consistency: this.workload.consistency };
      case 'list':
        return { kind: 'list', prefix: commonPrefix(this.workload.paths) };
    }
  }

  learn({ answer, order }: OperationRecord): void {
    const path = targetOf(order.action);
    const file = seenFile(answer);
    if (file !== undefined) this.#versions.set(path, versionText(file.version));
    else if (answer?.result === 'absent') this.#versions.delete(path);
    else if (answer?.result === 'done' && answer.outcome.result === 'stored') {
      this.#versions.set(path, versionText(answer.outcome.version));
    }
  }

  #put(path: string, precondition: string | undefined): ClientAction {
    const { minBytes, maxBytes } = this.workload.size;
    const content = { kind: 'imaginary', size: { minBytes, maxBytes } } as const;
    const never = { abandonAfterBytes: undefined, clientBytesPerSecond: undefined };
    return { kind: 'put', path, precondition, content, ...never };
  }
}

export class WorkloadRun {
  /** Clients that have not come to their end. */
  openClients = 0;
  readonly #world: World;
  /** µs between two operations of one client; 0: no pause. */
  readonly #paceUs: number;
  readonly #endUs: number;

  /** @param number of this workload in its scenario, from 1: part of its clients' names. */
  constructor(
    private readonly workload: Workload,
    private readonly number: number,
    private readonly setting: ClientSetting,
  ) {
    const { clients, operationsPerSecond, startUs, forUs } = workload;
    this.#world = setting.world;
    this.#paceUs = operationsPerSecond === undefined ? 0 : Math.round((clients * 1_000_000) / operationsPerSecond);
    this.#endUs = startUs + forUs;
  }

  start(): void {
    for (let i = 1; i <= this.workload.clients; i++) {
      const client = new Client(this.setting, `w${this.number}.${i}`);
      const random = this.#world.random(`workload ${client.name}`);
      // Not all in step: each begins somewhere in its first pace.
      const firstUs = this.workload.startUs + (this.#paceUs > 0 ? random.int(0, this.#paceUs) : 0);
      this.openClients += 1;
      this.#next(client, new Plan(this.workload), random, firstUs);
    }
  }

  /** @param dueUs when its next operation is due; what is overdue begins at once, and is not caught up with. */
  #next(client: Client, plan: Plan, random: RandomStream, dueUs: number): void {
    const us = Math.max(dueUs, this.#world.nowUs);
    if (us >= this.#endUs) {
      this.openClients -= 1;
      return;
    }
    this.#world.at(us, () => {
      const action = plan.next(random);
      const pauseUs = this.#paceUs === 0 ? 0 : random.int(Math.ceil(this.#paceUs / 2), Math.ceil(this.#paceUs * 1.5));
      const order = { purpose: 'workload', name: undefined, action } as const;
      client.run({ order, first: undefined, among: this.workload.via }, (record) => {
        plan.learn(record);
        this.#next(client, plan, random, us + Math.max(pauseUs, PAUSE_LEAST_US));
      });
    });
  }
}
