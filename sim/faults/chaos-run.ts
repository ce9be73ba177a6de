/**
 * Chaos at work: strikes again and again, and keeps book of who is struck until they are back. A server is back when its
 * fault is over, it runs and is in the ring again, and all chains have been full for a calm second: what was destroyed has
 * been filled up again, and as much can be destroyed anew.
 */
import type { MemberId } from '../../core/ids.js';
import type { Fact } from '../../core/output.js';
import { drawUs } from '../random.js';
import type { Chaos, FaultAction } from '../scenario/scenario.js';
import type { RandomStream, World } from '../world-api.js';
import type { Cast } from './cast.js';
import { drawChaos } from './chaos.js';
import { type ChaosScene, type ChaosStrike, isFull, isSound } from './chaos-scene.js';

const LOOK_EVERY_US = 100_000;
const CALM_US = 1_000_000;

export interface ChaosTools {
  readonly world: World;
  readonly cast: Cast;
  /** Strikes now, and undoes after so long; then `ended`. @returns whether there was anything to strike. */
  strike(fault: FaultAction, forUs: number, random: RandomStream, ended: () => void): boolean;
  /** A strike to come. */
  later(us: number, action: () => void): void;
  /** Nothing of what may be drawn could be struck. */
  missed(): void;
}

export class ChaosRun {
  /** Struck servers, and how many of their faults last. */
  readonly #open = new Map<MemberId, number>();
  /** Since when a struck server has been back, µs. */
  readonly #backSinceUs = new Map<MemberId, number>();
  #fullSinceUs: number | undefined;
  readonly #rotten = new Set<MemberId>();
  readonly #leaving = new Set<MemberId>();
  readonly #snapshots = new Set<MemberId>();
  readonly #lasting = new Set<string>();
  readonly #times: RandomStream;
  readonly #draws: RandomStream;

  constructor(
    private readonly chaos: Chaos,
    private readonly span: { readonly fromUs: number; readonly toUs: number },
    private readonly tools: ChaosTools,
    name: string,
  ) {
    this.#times = tools.world.random(`chaos times ${name}`);
    this.#draws = tools.world.random(`chaos draws ${name}`);
  }

  start(): void {
    const { world } = this.tools;
    world.observe({ fact: (server, _incarnation, fact) => this.#heard(server, fact) });
    this.#lookFrom(Math.max(0, this.span.fromUs - CALM_US - LOOK_EVERY_US));
    this.#strikeFrom(this.span.fromUs);
  }

  /** Servers that count as struck. */
  get struck(): ReadonlySet<MemberId> {
    return new Set(this.#open.keys());
  }

  /** A record that was found to be bad is made good from another copy. */
  #heard(server: MemberId, fact: Fact): void {
    if (fact.fact === 'chunk-rotten') this.#rotten.delete(server);
  }

  #lookFrom(us: number): void {
    if (us > this.span.toUs) return;
    this.tools.world.at(us, () => {
      this.#look();
      this.#lookFrom(us + LOOK_EVERY_US);
    });
  }

  #strikeFrom(us: number): void {
    if (us > this.span.toUs) return;
    this.tools.later(us, () => {
      this.#strike();
      this.#strikeFrom(us + drawUs(this.#times, this.chaos.every));
    });
  }

  #look(): void {
    const scene = this.scene();
    const { nowUs } = this.tools.world;
    const there = scene.servers.length - scene.spares.length - scene.gone.length;
    this.#fullSinceUs = isFull(scene, there) ? (this.#fullSinceUs ?? nowUs) : undefined;
    for (const [id, faults] of this.#open) {
      const isBack = faults === 0 && this.#fullSinceUs !== undefined && this.#isBack(scene, id);
      if (!isBack) this.#backSinceUs.delete(id);
      else if (nowUs - this.#sinceUs(id) >= CALM_US) {
        this.#open.delete(id);
        this.#backSinceUs.delete(id);
      }
    }
  }

  #sinceUs(id: MemberId): number {
    const sinceUs = this.#backSinceUs.get(id) ?? this.tools.world.nowUs;
    this.#backSinceUs.set(id, sinceUs);
    return sinceUs;
  }

  /** In the ring again; or, of one that was told to leave, out of it. */
  #isBack(scene: ChaosScene, id: MemberId): boolean {
    return this.#leaving.has(id) ? scene.gone.includes(id) : isSound(scene, id) && !this.#rotten.has(id);
  }

  scene(): ChaosScene {
    const { world, cast } = this.tools;
    const servers = [...world.servers.values()];
    const { view } = world;
    return {
      view,
      servers,
      spares: servers.filter(cast.isSpare).map(({ id }) => id),
      gone: [...this.#leaving].filter((id) => world.servers.get(id)?.process === 'down' && !view.positions.has(id)),
      struck: this.struck,
      isCalm: this.#fullSinceUs !== undefined && world.nowUs - this.#fullSinceUs >= CALM_US,
      snapshots: this.#snapshots,
      lasting: this.#lasting,
      paths: cast.paths,
      atMost: this.chaos.atMost,
    };
  }

  #strike(): void {
    this.#look();
    const drawn = drawChaos(this.chaos.words, this.scene(), this.#draws);
    if (drawn === undefined) {
      this.tools.missed();
      return;
    }
    const forUs = drawUs(this.#draws, this.chaos.lasting);
    const { struck, lasts } = drawn;
    let open = 0;
    let hasStruck = false;
    // Open until all of its faults are over.
    this.#count(struck, 1);
    const ended = (): void => {
      open -= 1;
      if (open > 0) return;
      this.#count(struck, -1);
      if (lasts !== undefined) this.#lasting.delete(lasts);
    };
    if (lasts !== undefined) this.#lasting.add(lasts);
    open += 1;
    for (const fault of drawn.faults) {
      open += 1;
      if (this.tools.strike(fault, forUs, this.#draws, ended)) hasStruck = true;
    }
    ended();
    if (hasStruck) {
      this.#remember(drawn);
      return;
    }
    for (const id of struck) this.#open.delete(id);
    this.tools.missed();
  }

  #count(ids: readonly MemberId[], by: number): void {
    for (const id of ids) this.#open.set(id, (this.#open.get(id) ?? 0) + by);
  }

  #remember({ faults, struck, rotten, leaves }: ChaosStrike): void {
    const [id] = struck;
    if (rotten === true && id !== undefined) this.#rotten.add(id);
    if (leaves === true && id !== undefined) this.#leaving.add(id);
    for (const fault of faults) {
      if (!('who' in fault) || fault.who.kind !== 'list') continue;
      for (const who of fault.who.who) {
        if (who.kind !== 'server') continue;
        if (fault.kind === 'disk' && fault.trouble.kind === 'snapshot') this.#snapshots.add(who.id);
        if (fault.kind === 'restart') this.#leaving.delete(who.id);
      }
    }
  }
}
