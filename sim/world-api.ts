/**
 * What the runner, the faults, the clients and the checkers may do with the simulated world and see of it.
 * Implemented by world.ts over the models; nobody above knows the models.
 */
import type { Key, Stored } from '../core/coordinator-port.js';
import type { Frame } from '../core/frame.js';
import type { Incarnation, MemberId, RequestId, ShardId } from '../core/ids.js';
import type { Input } from '../core/input.js';
import type { Fact, Output } from '../core/output.js';
import type { NodeState } from '../core/state.js';
import type { View } from '../core/view/view.js';
import type {
  ClockChange,
  CoordinatorTrouble,
  DiskTrouble,
  RestartDisk,
  SessionTrouble,
  Span,
} from './scenario/scenario.js';

export type ClientInput = Extract<
  Input,
  { kind: 'client-request' | 'client-chunk' | 'client-end' | 'client-gone' | 'client-ready' }
>;
/** A client's input without its time: the world fills that in. */
export type ClientMessage = ClientInput extends infer T ? (T extends unknown ? Omit<T, 'now'> : never) : never;
export type ClientOutput = Extract<Output, { kind: 'client-accept' | 'client-file' | 'client-data' | 'answer' }>;

/** A random stream of its own name: taking one user away does not move the others. */
export interface RandomStream {
  /** Whole number in [min, max]. */
  int(min: number, max: number): number;
  /** In [0, 1). */
  unit(): number;
}

export interface ServerHandle {
  readonly id: MemberId;
  readonly incarnation: Incarnation;
  readonly process: 'running' | 'paused' | 'down';
  /** State of the last step; kept when the process is down. */
  readonly state: NodeState;
}

/** Called as things happen, in order; must not call back into the world except through `at`. */
export interface Observer {
  fact?(server: MemberId, incarnation: Incarnation, fact: Fact): void;
  /** A frame was handed to a link. `clockwise`: from the accepting to the dialling end. */
  sent?(from: MemberId, to: MemberId, frame: Frame, bytes: number, clockwise: boolean): void;
  delivered?(from: MemberId, to: MemberId, frame: Frame, bytes: number): void;
  /** Lost with a broken connection, a crash or a silenced direction. */
  lost?(from: MemberId, to: MemberId, frame: Frame, bytes: number): void;
  /** After each step of a server. */
  stepped?(server: ServerHandle, input: Input, outputs: readonly Output[]): void;
  /** The register has a new value. */
  viewWritten?(view: View): void;
  /** A server's step threw: a broken invariant. The run is over, no further event happens. */
  broke?(server: MemberId, error: unknown): void;
}

/** Ends a trouble; harmless when it is over already. */
export type Undo = () => void;

export interface World {
  /** Virtual time, µs since the start of the run. */
  readonly nowUs: number;
  /** Inputs that went through step so far. */
  readonly events: number;
  /** Milliseconds since 1970 at virtual time 0. */
  readonly birthMs: number;
  readonly servers: ReadonlyMap<MemberId, ServerHandle>;
  /** The register's present value. */
  readonly view: View;
  /** What the coordinator holds at present. */
  readonly coordinatorValues: ReadonlyMap<Key, Stored>;
  /** Runs `action` at a virtual time (not before now), in order of time, then of scheduling. */
  at(us: number, action: () => void): void;
  random(name: string): RandomStream;
  observe(observer: Observer): void;

  /** A client's message reaches a server (after no delay; dropped if the process is down, late if paused). */
  tell(server: MemberId, message: ClientMessage): void;
  /** Where a server's words to this client conversation go; told once with undefined if the process dies. */
  listen(server: MemberId, request: RequestId, listener: (output: ClientOutput | undefined) => void): void;

  /** `power`: the machine loses power, and its disk what was not synced. */
  crash(id: MemberId, power?: boolean): void;
  restart(id: MemberId, disk?: RestartDisk): void;
  /** A spare server starts. */
  join(id: MemberId): void;
  /** A running server is told to leave in good order. */
  leave(id: MemberId): void;
  /** An operator's compare-and-set: a lost shard comes back with what this server has. @returns false if it is not lost. */
  revive(shard: ShardId, from: MemberId): boolean;
  /** @returns undefined if there was nothing to strike. */
  disk(id: MemberId, trouble: DiskTrouble): Undo | undefined;
  clock(id: MemberId, change: ClockChange): Undo | undefined;
  session(id: MemberId, trouble: SessionTrouble): Undo | undefined;
  coordinator(trouble: CoordinatorTrouble): Undo | undefined;
  pause(id: MemberId): void;
  resume(id: MemberId): void;
  /** An operator's compare-and-set without this member. */
  removeMember(id: MemberId): void;
  /** Network faults; `coordinator` is a name like any server's. Directions: what `from` sends to `to`. */
  silence(from: MemberId, to: MemberId, on: boolean): void;
  hold(from: MemberId, to: MemberId, on: boolean): void;
  reset(a: MemberId, b: MemberId): void;
  /** Undefined: as the scenario's network says. */
  setDelay(from: MemberId, to: MemberId, delay: Span | undefined): void;
  setRate(from: MemberId, to: MemberId, bytesPerSecond: number | undefined): void;
  healNetwork(): void;

  /** Runs the next event; false if there is none. */
  step(): boolean;
  /** Time of the next event, µs. */
  readonly nextEventUs: number | undefined;
  /** Hash over all events so far, 16 hex digits. */
  traceHash(): string;
}
