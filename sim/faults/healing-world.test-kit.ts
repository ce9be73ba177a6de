/**
 * A world that heals without a protocol, as simply as can be: who is down or cut off leaves the ring, who is back comes in
 * again, and chains are filled up a while later. It keeps book of whose disk has which shard, so that it can say whether
 * chaos ever destroyed the last copy; that is all it is for.
 */
import type { MemberId } from '../../core/ids.js';
import { type Durability, makeView, type View } from '../../core/view/view.js';
import { FakeWorld } from '../clients/fake-world.test-kit.js';
import type { ClockChange, DiskTrouble, RestartDisk } from '../scenario/scenario.js';
import type { Undo } from '../world-api.js';

/** The view lags behind so long. */
const LOOK_US = 300_000;
const SHARDS = 4;
const CHAIN = 3;
/** So long a newcomer learns, and a rotten record goes unseen. */
const LEARNING_US = 400_000;
const UNSEEN_US = 3_000_000;

export class HealingWorld extends FakeWorld {
  /** Shard → servers whose disks have all of it. */
  readonly copies: Set<MemberId>[];
  /** What went wrong. */
  readonly complaints = new Set<string>();
  /** Most servers that were out of service at one time, and how often all were. */
  mostAway = 0;
  darkness = 0;
  readonly #silenced = new Map<string, boolean>();
  readonly #frozen = new Set<MemberId>();
  readonly #removedUntilUs = new Map<MemberId, number>();
  readonly #leaving = new Set<MemberId>();
  readonly #rotten = new Set<MemberId>();
  readonly #learning = new Map<string, number>();

  constructor(
    ids: readonly MemberId[],
    spares: readonly MemberId[],
    readonly durability: Durability,
  ) {
    super(ids, viewOf(ids, 1, durability, chainsOf(ids)), spares);
    this.copies = this.view.chains.map(({ members }) => new Set(members));
    this.#lookFrom(0);
  }

  override crash(id: MemberId, power = false): void {
    super.crash(id, power);
    if (this.durability === 'memory' || (power && this.durability === 'os')) this.#destroy(id);
  }

  override restart(id: MemberId, disk: RestartDisk = 'kept'): void {
    super.restart(id, disk);
    this.#leaving.delete(id);
    if (disk !== 'kept') this.#destroy(id);
  }

  override leave(id: MemberId): void {
    super.leave(id);
    this.#leaving.add(id);
    this.at(this.nowUs + 500_000, () => super.crash(id));
  }

  override removeMember(id: MemberId): void {
    super.removeMember(id);
    this.#removedUntilUs.set(id, this.nowUs + 300_000);
  }

  /** Torn logs and lost tables cost the copy; rot too, until it is found. */
  override disk(id: MemberId, trouble: DiskTrouble): Undo | undefined {
    if (['torn', 'lost-rename', 'bitrot'].includes(trouble.kind)) this.#destroy(id);
    if (trouble.kind === 'bitrot' && trouble.what === 'chunk') this.#findRot(id);
    return super.disk(id, trouble);
  }

  override clock(id: MemberId, change: ClockChange): Undo | undefined {
    const undo = super.clock(id, change);
    if (change.kind !== 'freeze') return undo;
    this.#frozen.add(id);
    return () => {
      this.#frozen.delete(id);
      undo?.();
    };
  }

  override silence(from: MemberId, to: MemberId, on: boolean): void {
    super.silence(from, to, on);
    this.#silenced.set(`${from} ${to}`, on);
  }

  /** Nobody knows of it before. */
  #findRot(id: MemberId): void {
    this.#rotten.add(id);
    this.at(this.nowUs + UNSEEN_US, () => {
      this.#rotten.delete(id);
      for (const [shard, copies] of this.copies.entries()) {
        if (this.view.chains[shard]?.members.includes(id) && copies.size > 0) copies.add(id);
      }
      const fact = { fact: 'chunk-rotten', upload: 'u', index: 0 } as const;
      for (const observer of this.observers) observer.fact?.(id, 1, fact);
    });
  }

  #destroy(id: MemberId): void {
    for (const [shard, copies] of this.copies.entries()) {
      if (copies.delete(id) && copies.size === 0) this.complaints.add(`the last copy of shard ${shard} is gone`);
    }
  }

  #lookFrom(us: number): void {
    this.at(us, () => {
      this.#heal();
      this.#lookFrom(us + LOOK_US);
    });
  }

  #isThere(id: MemberId): boolean {
    const server = this.servers.get(id);
    if (server?.process !== 'running' || this.#frozen.has(id) || this.#leaving.has(id)) return false;
    if ((this.#removedUntilUs.get(id) ?? 0) > this.nowUs) return false;
    const running = [...this.servers.values()].filter(({ process }) => process === 'running');
    const deaf = running.filter(({ id: other }) => this.#silenced.get(`${other} ${id}`) === true);
    return deaf.length * 2 < running.length;
  }

  #heal(): void {
    const ring = [...this.servers.keys()].filter((id) => this.#isThere(id));
    const known = this.view.ring.filter(({ id }) => !this.#leaving.has(id));
    const away = known.filter(({ id }) => !ring.includes(id)).length;
    if (ring.length === 0) this.darkness += 1;
    else this.mostAway = Math.max(this.mostAway, away);
    const chains = this.view.chains.map(({ members, lost }, shard) => this.#healed(shard, members, lost, ring));
    this.view = viewOf(ring, this.view.epoch + 1, this.durability, chains, this.servers);
  }

  #healed(
    shard: number,
    members: readonly MemberId[],
    lost: View['chains'][number]['lost'],
    ring: readonly MemberId[],
  ) {
    const copies = this.copies[shard] ?? new Set();
    const stay = members.filter((id) => ring.includes(id) && (copies.has(id) || this.#rotten.has(id)));
    const back = stay.length > 0 ? stay : ring.filter((id) => copies.has(id)).slice(0, CHAIN);
    if (back.length === 0) {
      const gone = lost.length > 0 ? lost : members.map((id) => ({ id, incarnation: 1 }));
      return { members: [], learners: [], lost: gone };
    }
    const learner = ring.find((id) => !back.includes(id));
    if (back.length >= CHAIN || learner === undefined) return { members: back, learners: [], lost: [] };
    const key = `${shard} ${learner}`;
    const sinceUs = this.#learning.get(key) ?? this.nowUs;
    this.#learning.set(key, sinceUs);
    if (this.nowUs - sinceUs < LEARNING_US) return { members: back, learners: [learner], lost: [] };
    this.#learning.delete(key);
    if (copies.size > 0) copies.add(learner);
    return { members: [...back, learner], learners: [], lost: [] };
  }
}

const chainsOf = (ids: readonly MemberId[]): View['chains'] =>
  Array.from({ length: SHARDS }, (_, shard) => {
    const members = Array.from({ length: CHAIN }, (__, place) => ids[(shard + place) % ids.length] as MemberId);
    return { members, learners: [], lost: [] };
  });

function viewOf(
  ids: readonly MemberId[],
  epoch: number,
  durability: Durability,
  chains: View['chains'],
  servers?: FakeWorld['servers'],
): View {
  return makeView({
    epoch,
    clusterId: 'test',
    settings: { durability, chainLength: CHAIN, minReplicas: 2, shards: SHARDS, chunkBytes: 100, transitSlots: 4 },
    ring: ids.map((id) => ({ id, incarnation: servers?.get(id)?.incarnation ?? 1, address: `${id}:1` })),
    chains,
  });
}
