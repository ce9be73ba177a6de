/**
 * A scenario after loading: every name resolved, every unit a number, every place kept for error messages.
 * Plain data, the contract between the loader (schema, units, selectors) and the runner. Knows no YAML.
 */
import type { Consistency } from '../../core/input.js';
import type { Limits } from '../../core/limits.js';
import type { Durability } from '../../core/view/view.js';
import type { ChaosWord } from './fault-words.js';

/** Uniform over whole microseconds [min, max]. */
export interface Span {
  readonly minUs: number;
  readonly maxUs: number;
}

/** Uniform over whole bytes [min, max]. */
export interface SizeRange {
  readonly minBytes: number;
  readonly maxBytes: number;
}

/** Where a thing stands in the scenario file, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Cluster {
  /** Servers are named n1…nN clockwise. */
  readonly nodes: number;
  /** Servers that are there and not started, named on from nN: for `join`. */
  readonly spares: number;
  /** The register holds their founding view from the start; false: it is empty, and they have to found the cluster. */
  readonly founded: boolean;
  readonly durability: Durability;
  readonly chain: number;
  readonly minReplicas: number;
  readonly shards: number;
  readonly chunkBytes: number;
  /** Transit buffer of one server; slots = max(3, streamBytes / chunkBytes). */
  readonly streamBytes: number;
}

export interface NetworkSettings {
  /** One-way delay of a link, drawn for each frame (order is kept). */
  readonly delay: Span;
  /** Undefined: as fast as can be. */
  readonly bytesPerSecond: number | undefined;
}

/** Who: one server, chosen when the step strikes. */
export type Who =
  | { readonly kind: 'server'; readonly id: string }
  /** Server that plays this role in the present view for this path. */
  | { readonly kind: 'role'; readonly role: 'head' | 'mid' | 'tail' | 'owner'; readonly path: string }
  /** Drawn by the seed among living servers. */
  | { readonly kind: 'any' }
  /** A server that is being caught up for some chain, or that wants to come into the ring. */
  | { readonly kind: 'joining' }
  /** `zk.leader`: the coordinator's leader. */
  | { readonly kind: 'leader' }
  | { readonly kind: 'coordinator' };
/** Several: half, minority, all; or a list. */
export type Group =
  | { readonly kind: 'list'; readonly who: readonly Who[] }
  | { readonly kind: 'half' | 'minority' | 'all' };

/** A link: `a > b` one way (what a sends to b), `a - b` both ways. */
export interface LinkSelector {
  readonly from: Who;
  readonly to: Who;
  readonly bothWays: boolean;
}

/** What a server must have done for a `when` to fire; the words are the core's facts. */
export type ServerDeed =
  | 'started'
  | 'staged'
  | 'ordered'
  | 'appended'
  | 'persisted'
  | 'committed'
  | 'boarded'
  | 'caught';
export type Condition =
  /** `head(/a.txt) has appended first`: server, deed, name (`as`) of an operation; `any` server allowed. */
  | { readonly kind: 'deed'; readonly who: Who; readonly deed: ServerDeed; readonly operation: string }
  /** `first has finished`: an operation was answered, whatever the answer. */
  | { readonly kind: 'finished'; readonly operation: string }
  /** `n2 has installed 3`: a server lives in this epoch or a later one. `any` server allowed. */
  | { readonly kind: 'installed'; readonly who: Who; readonly epoch: number }
  /** `joining has learned` and the like: a server told a fact by this name. */
  | { readonly kind: 'told'; readonly who: Who; readonly fact: string }
  /** `n2 has left`: a server knows that it was removed. */
  | { readonly kind: 'removed'; readonly who: Who };

export type Trigger =
  | { readonly kind: 'at'; readonly us: number }
  /** After the condition holds, plus a delay. */
  | { readonly kind: 'when'; readonly condition: Condition; readonly afterUs: number }
  /** Again and again between two times. */
  | { readonly kind: 'every'; readonly everyUs: number; readonly fromUs: number; readonly toUs: number };

/** Bytes of a put: imaginary with a size, or a real file carried byte for byte. */
export type Content =
  | { readonly kind: 'imaginary'; readonly size: SizeRange }
  | { readonly kind: 'file'; readonly file: string };

export type ClientAction =
  | {
      readonly kind: 'put';
      readonly path: string;
      readonly content: Content;
      readonly precondition: string | undefined;
      /** The client goes away after so many bytes. */
      readonly abandonAfterBytes: number | undefined;
      /** Bytes per second at which the client sends; undefined: as fast as it is let. */
      readonly clientBytesPerSecond: number | undefined;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly precondition: string | undefined }
  | {
      readonly kind: 'get';
      readonly path: string;
      readonly fromByte: number;
      readonly toByte: number | undefined;
      /** Bytes per second at which the client reads. */
      readonly clientBytesPerSecond: number | undefined;
      readonly consistency?: Consistency;
    }
  | { readonly kind: 'stat'; readonly path: string; readonly consistency?: Consistency }
  | { readonly kind: 'list'; readonly prefix: string };

/** What the answer to a client step must be; undefined: anything. */
export interface StepExpectation {
  /** e.g. stored, deleted, found, absent, delivered, listed, precondition-failed, refused, unknown, or a refusal code. */
  readonly outcome: string | undefined;
  /** The bytes are those of the operation with this name. */
  readonly equals: string | undefined;
}

export type RestartDisk = 'kept' | 'wiped' | 'stale';

export type DiskTrouble =
  /** Keeps a copy of the disk as it is, for a restart with a stale one. */
  | { readonly kind: 'snapshot' }
  /** At the next loss of power: the last record that is left is torn · all that is not synced is lost (else the seed
   * decides how much) · the newest base was never renamed into place, and the one before comes back with its log. */
  | { readonly kind: 'torn' | 'lose-unsynced' | 'lost-rename' }
  /** One record that is there turns bad. Of this path, if one is named. */
  | { readonly kind: 'bitrot'; readonly what: 'chunk' | 'log'; readonly path: string | undefined }
  /** Reads, or writes, fail. */
  | { readonly kind: 'eio'; readonly of: 'read' | 'write' }
  /** No room for chunks. */
  | { readonly kind: 'full' }
  /** So many times as long for everything. */
  | { readonly kind: 'slow'; readonly times: number };

export type ClockChange =
  /** From its next start on the clock is so much off, µs. */
  | { readonly kind: 'skew'; readonly byUs: number }
  /** Gains (or loses, negative) so many seconds in a thousand. */
  | { readonly kind: 'drift'; readonly perMille: number }
  /** The clock leaps forward; backward, the wall clock does, which shows at the next start. */
  | { readonly kind: 'jump'; readonly byUs: number }
  /** The clock stands still, and no timer fires. */
  | { readonly kind: 'freeze' };

export type SessionTrouble =
  /** The session ends at the coordinator; its owner hears of it when it may. */
  | { readonly kind: 'expire' }
  | { readonly kind: 'disconnect' }
  /** The next such call is carried out, and its reply is lost with the connection. */
  | { readonly kind: 'lose-reply'; readonly to: 'create' | 'set' | 'delete' | 'any' }
  /** The next notice of a watch is lost (as long as this session lasts), or comes so late. */
  | { readonly kind: 'lose-watch' }
  | { readonly kind: 'delay-watch'; readonly byUs: number }
  /** Its reads are answered by a follower that has seen nothing new since. */
  | { readonly kind: 'stale-read' }
  /** What the session owned stays although the session is over. */
  | { readonly kind: 'ghost' };

export type CoordinatorTrouble =
  /** A new leader: all connections break, calls under way have no known outcome, sessions survive. */
  | { readonly kind: 'leader-change' }
  /** Nobody is answered. */
  | { readonly kind: 'outage' };

export type FaultAction =
  /** The process dies; its connections are reset. `power`: the machine too, and with it what its disk had not synced. */
  | { readonly kind: 'crash'; readonly who: Group; readonly power: boolean }
  /** `stale`: with the disk as it was when a `snapshot` was taken of it. */
  | { readonly kind: 'restart'; readonly who: Group; readonly disk: RestartDisk }
  /** A crash that ends by itself: the server starts again with such a disk. */
  | { readonly kind: 'reboot'; readonly who: Group; readonly power: boolean; readonly disk: RestartDisk }
  /** Spares start and come into the ring. */
  | { readonly kind: 'join'; readonly who: Group }
  /** An operator lets servers leave in good order. */
  | { readonly kind: 'leave'; readonly who: Group }
  /** An operator brings the lost shard of a path back from what this server has. */
  | { readonly kind: 'revive'; readonly path: string; readonly from: Who }
  | { readonly kind: 'disk'; readonly who: Group; readonly trouble: DiskTrouble }
  | { readonly kind: 'clock'; readonly who: Group; readonly change: ClockChange }
  /** Troubles of the coordinator with one server's session, struck for each of them. */
  | { readonly kind: 'session'; readonly who: Group; readonly trouble: SessionTrouble }
  /** Troubles of the coordinator itself. */
  | { readonly kind: 'coordinator'; readonly trouble: CoordinatorTrouble }
  /** Frozen: neither runs nor answers; connections stay. */
  | { readonly kind: 'pause'; readonly who: Group }
  | { readonly kind: 'resume'; readonly who: Group }
  /** Nothing passes between groups, either way; servers not named are with the first group. */
  | { readonly kind: 'split'; readonly groups: readonly Group[] }
  | { readonly kind: 'isolate'; readonly who: Group }
  /** What `from` sends to `to` is lost in silence. */
  | { readonly kind: 'silence'; readonly link: LinkSelector }
  /** Frames wait and come later, in order. */
  | { readonly kind: 'hold'; readonly link: LinkSelector }
  | { readonly kind: 'release'; readonly link: LinkSelector }
  /** The connection is reset: a suffix of what is on it is lost, both ends are told. */
  | { readonly kind: 'reset'; readonly link: LinkSelector }
  | { readonly kind: 'delay'; readonly link: LinkSelector; readonly delay: Span }
  | { readonly kind: 'rate'; readonly link: LinkSelector; readonly bytesPerSecond: number }
  /** Everything broken in the network heals. */
  | { readonly kind: 'heal' }
  /** An operator strikes a living server from the register. */
  | { readonly kind: 'remove'; readonly who: Who };

export interface Step {
  readonly place: Place;
  /** The step as its author wrote it, on one line: for the story. */
  readonly text: string;
  readonly trigger: Trigger;
  readonly action:
    | {
        readonly kind: 'client';
        /** `as`: the name other steps know it by. */
        readonly name: string | undefined;
        /** Server the client talks to; undefined: drawn by the seed. */
        readonly via: Who | undefined;
        readonly action: ClientAction;
        readonly expect: StepExpectation;
        /** So many clients do the same at once (default 1), each at `via` or one drawn. */
        readonly clients: number;
      }
    | {
        readonly kind: 'fault';
        readonly fault: FaultAction;
        /** Undone after so long, where that has a meaning: what lasts, and crashes. */
        readonly forUs: number | undefined;
      }
    | { readonly kind: 'chaos'; readonly chaos: Chaos };
}

/** Faults drawn by the seed, within what the chains must survive. The step's trigger says from when to when. */
export interface Chaos {
  /** Fault words to draw from, each as likely as the others. */
  readonly words: readonly ChaosWord[];
  /** Between two strikes. */
  readonly every: Span;
  /** How long each fault lasts. */
  readonly lasting: Span;
  /** Servers that may be struck at one time: fewer than keep each file. */
  readonly atMost: number;
}

/** How a workload picks paths. */
export type PathChoice =
  | { readonly kind: 'uniform'; readonly count: number }
  /** Zipf with exponent 1 over `count` paths. */
  | { readonly kind: 'zipf'; readonly count: number }
  | { readonly kind: 'list'; readonly paths: readonly string[] };

/** Clients that do operations at random, each one after the other. */
export interface Workload {
  readonly place: Place;
  readonly clients: number;
  /** Weights: put, put-if-absent, put-if-version (of what it last saw), get, stat, delete, delete-if-version, list. */
  readonly mix: Readonly<Record<string, number>>;
  readonly paths: PathChoice;
  readonly size: SizeRange;
  /** Operations per second, all clients of this workload together; undefined: one after the other without pause. */
  readonly operationsPerSecond: number | undefined;
  readonly startUs: number;
  readonly forUs: number;
  /** Servers the clients use, one drawn for each operation; undefined: all. */
  readonly via: readonly string[] | undefined;
  /** Of all its gets and stats. */
  readonly consistency: Consistency;
}

/** Checkers by name; all run always unless a scenario leaves one out with a reason. */
export const CHECKER_NAMES = [
  'linearizable',
  'acknowledged-durable',
  'chain-prefix',
  'one-head',
  'one-view',
  'clockwise-only',
  'conservation',
  'bounded',
  'no-partial-read',
  'executes-once',
  'no-leftovers',
  'min-replicas',
  'was-committed',
  'informed',
  'converges',
  'not-vacuous',
] as const;
export type CheckerName = (typeof CHECKER_NAMES)[number];

export interface Expectations {
  /** All operations finish and all replicas are equal so long after the last fault and operation. */
  readonly convergedWithinUs: number;
  /** Client steps run at the very end, when all is calm. */
  readonly eventually: readonly Step[];
  /** Facts that must have occurred at least once, by their fact name (e.g. `want-joined`, `chunks-resent`). */
  readonly sometimes: readonly string[];
  /** Facts that must not have occurred. */
  readonly never: readonly string[];
  /** At the very end no server heads more than one shard above what another heads. */
  readonly evenHeads: boolean;
  /** Least share of operations that are done (not refused, not unknown), 0..1; undefined: any. */
  readonly okRateMin: number | undefined;
  /** No link carries more than this many times the bytes of the largest file read. */
  readonly linkBytesMaxTimes: number | undefined;
  /** All links together carry no more than this many times the bytes of the largest file read. */
  readonly ringBytesMaxTimes: number | undefined;
  /** Every fault step must have struck (default true). */
  readonly allStepsStrike: boolean;
  /**
   * Acknowledged writes of a chain that was lost as a whole may be gone when it comes back: they are counted. For what
   * is not synced when all k members lose power (`os`), or crash (`memory`). Default false.
   */
  readonly mayLose: boolean;
}

export interface Scenario {
  /** One sentence: the claim. */
  readonly name: string;
  readonly file: string;
  /** Seeds of `--seeds` outside this range are left out for this scenario; undefined: no bound. */
  readonly seedsMax: number | undefined;
  readonly seed: { readonly from: number; readonly to: number };
  readonly cluster: Cluster;
  readonly network: NetworkSettings;
  /** How long a persist and a chunk read take; under `os`, after how long the machine syncs by itself. */
  readonly disk: { readonly persist: Span; readonly read: Span; readonly flush: Span };
  /** How long a call to the coordinator, and separately a watch notice, takes; how long a session lives unheard. */
  readonly coordinator: {
    readonly kind: 'zookeeper' | 'embedded';
    readonly delay: Span;
    readonly notice: Span;
    readonly sessionUs: number;
  };
  /** A client gives up on an operation after this long and repeats writes with the same operation id. */
  readonly clients: { readonly timeoutUs: number; readonly retries: number };
  readonly limits: Partial<Limits>;
  readonly workload: readonly Workload[];
  readonly steps: readonly Step[];
  readonly expect: Expectations;
}
