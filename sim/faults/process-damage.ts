/**
 * Which servers are down or paused, and through which fault: one that ends a crash or a pause ends that one only, and
 * not what another fault has done to the server since.
 */
import type { MemberId } from '../../core/ids.js';
import type { RestartDisk } from '../scenario/scenario.js';
import type { Undo, World } from '../world-api.js';

export class ProcessDamage {
  readonly #latest = new Map<MemberId, object>();

  constructor(private readonly world: World) {}

  /** @returns what starts it again. */
  crash(id: MemberId, power: boolean, disk: RestartDisk = 'kept'): Undo {
    const isMine = this.#mark(id);
    this.world.crash(id, power);
    return () => {
      if (isMine() && this.world.servers.get(id)?.process === 'down') this.restart(id, disk);
    };
  }

  restart(id: MemberId, disk: RestartDisk): void {
    this.#latest.delete(id);
    this.world.restart(id, disk);
  }

  /** @returns what lets it go on. */
  pause(id: MemberId): Undo {
    const isMine = this.#mark(id);
    this.world.pause(id);
    return () => {
      if (isMine() && this.world.servers.get(id)?.process === 'paused') this.world.resume(id);
    };
  }

  resume(id: MemberId): void {
    this.#latest.delete(id);
    this.world.resume(id);
  }

  #mark(id: MemberId): () => boolean {
    const mine = {};
    this.#latest.set(id, mine);
    return () => this.#latest.get(id) === mine;
  }
}
