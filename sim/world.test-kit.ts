// Worlds with a protocol of the test's own: the core's state, and a step that says what the test wants it to say.
import { type CoordinatorReply, VIEW_KEY } from '../core/coordinator-port.js';
import type { Input } from '../core/input.js';
import type { Stepped } from '../core/node.js';
import type { Output } from '../core/output.js';
import { initialState, type NodeState } from '../core/state.js';
import type { Cluster } from './scenario/scenario.js';
import { createWorld, type Machine, type WorldScenario } from './world.js';
import type { World } from './world-api.js';

const ms = (min: number, max = min) => ({ minUs: min * 1000, maxUs: max * 1000 });

export function scenarioOf(nodes: number, cluster: Partial<Cluster> = {}): WorldScenario {
  return {
    cluster: {
      nodes,
      spares: 0,
      founded: true,
      durability: 'fsync',
      chain: 3,
      minReplicas: 2,
      shards: 16,
      chunkBytes: 65_536,
      streamBytes: 1 << 20,
      ...cluster,
    },
    network: { delay: ms(1, 3), bytesPerSecond: undefined },
    disk: { persist: ms(1), read: ms(1), flush: ms(500, 2_000) },
    coordinator: { kind: 'embedded', sessionUs: 2_000_000, delay: ms(2), notice: ms(1) },
    limits: {},
  };
}

/** What a server says to read the register: at its start, and again once it is connected or a watch has fired. */
export function readingTheRegister({ kind }: Input): readonly Output[] {
  if (kind === 'start') return [{ kind: 'open-session', session: 1 }];
  if (kind !== 'session' && kind !== 'watch-fired') return [];
  return [{ kind: 'call-coordinator', session: 1, call: 1, request: { op: 'read', key: VIEW_KEY, watch: true } }];
}

export type Script = (state: NodeState, input: Input) => readonly Output[];

/** Every server says what the script answers; what each heard is noted as `n1 5ms kind`. */
export class ScriptedWorld {
  readonly world: World;
  readonly heard: string[] = [];

  constructor(script: Script, nodes = 2, cluster: Partial<Cluster> = {}, seed = 1) {
    const step = (state: NodeState, input: Input): Stepped => {
      this.heard.push(`${state.self}.${state.incarnation} ${input.now - this.world.birthMs}ms ${described(input)}`);
      return { state, outputs: script(state, input) };
    };
    const lives = new Map<string, number>();
    const machine: Machine = {
      step,
      initialState: (identity) => {
        const incarnation = (lives.get(identity.id) ?? -1) + 1;
        lives.set(identity.id, incarnation);
        return initialState({ ...identity, incarnation });
      },
    };
    this.world = createWorld({ scenario: scenarioOf(nodes, cluster), seed, machine });
  }

  /** What one server heard. */
  of(id: string): readonly string[] {
    return this.heard.filter((line) => line.startsWith(id)).map((line) => line.slice(line.indexOf(' ') + 1));
  }
}

function described(input: Input): string {
  if (input.kind === 'frame') return `frame ${input.frame.kind === 'credit' ? input.frame.count : input.frame.kind}`;
  if (input.kind === 'client-request') return `request ${input.request}`;
  if (input.kind === 'session') return input.state;
  return input.kind === 'coordinator-reply' ? epochIn(input.reply) : input.kind;
}

function epochIn(reply: CoordinatorReply): string {
  const value = reply.result === 'value' ? reply.stored.value : undefined;
  return value?.kind === 'view' ? `view ${value.view.epoch}` : reply.result;
}

/** Runs all events before or at this time, and lets it become that late. */
export function runTo(world: World, us: number): void {
  world.at(us, () => undefined);
  while (world.nextEventUs !== undefined && world.nextEventUs <= us) world.step();
}
