/**
 * A store on a disk: one append-only log in segment files holds all that a server keeps. One write makes a turn's work
 * visible, one sync makes it durable, with all that was written before it.
 */
import { statfs } from 'node:fs/promises';
import type { Post, StoreInput, StorePort } from '../../core/ports.js';
import type { Durability } from '../../core/view/view.js';
import { bootName } from './disk/boot.js';
import { type FileSystem, makeFolder, REAL_FILES } from './disk/file-system.js';
import { type DiskLimits, limitsFor } from './disk/limits.js';
import { isLockFile, type Lock, lockFolder } from './disk/lock.js';
import { type Manifest, readManifest } from './disk/manifest.js';
import { Opening, type OpeningSettings } from './disk/opening.js';
import { recoveredOf } from './disk/recovered.js';
import { cutAt, examine } from './disk/recovery.js';
import { SegmentFiles } from './disk/segment-files.js';
import { isReserveFile } from './disk/space.js';
import type { Store, StoreFigures } from './store.js';

export interface DiskStoreOptions {
  /** Of its own; made if it is not there. */
  readonly folder: string;
  readonly durability: Durability;
  /** Bytes it may take; undefined: the whole disk. */
  readonly capacityBytes?: number | undefined;
  readonly limits?: Partial<DiskLimits> | undefined;
  /** For tests that put faults in. */
  readonly system?: Partial<FileSystem> | undefined;
  /** Names the machine's present boot; for tests that let it go by. */
  readonly boot?: string | undefined;
}

/** @throws an Error with a sentence for the operator, when the folder is not a store of this version, or is in use. */
export async function openDiskStore(options: DiskStoreOptions): Promise<Store> {
  const { folder, durability, capacityBytes, boot } = options;
  const system: FileSystem = { ...REAL_FILES, ...options.system };
  await makeFolder(system, folder);
  const lock = await lockFolder(folder);
  try {
    const manifest = await readManifest(system, folder, (name) => isLockFile(name) || isReserveFile(name));
    const { blocks, bsize } = await statfs(folder);
    const settings: OpeningSettings = {
      ...{ folder, durability, capacityBytes, boot: boot ?? bootName(), system },
      limits: limitsFor(Math.min(capacityBytes ?? Number.POSITIVE_INFINITY, blocks * bsize), options.limits),
    };
    return new DiskStore(settings, lock, manifest);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class DiskStore implements Store {
  private opening: Opening | undefined;
  private hasLived = false;
  /** Of the life that begins. */
  private beginning: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly settings: OpeningSettings,
    private readonly lock: Lock,
    private manifest: Manifest,
  ) {}

  get figures(): StoreFigures {
    return this.opening?.figures ?? { liveBytes: 0, diskBytes: 0 };
  }

  begin(post: Post<StoreInput>): Promise<StorePort> {
    if (this.isClosed) return Promise.reject(new Error(`the store in ${this.settings.folder} is closed`));
    const life = this.beginLife(post);
    this.beginning = life.catch(() => undefined);
    return life;
  }

  private async beginLife(post: Post<StoreInput>): Promise<StorePort> {
    const { folder, limits, boot, system } = this.settings;
    await this.endOpening();
    const findings = await examine(system, folder, this.manifest, boot, this.hasLived);
    this.manifest = findings.manifest;
    const files = new SegmentFiles(system, folder, limits.openSegmentsMax);
    const recovered = await recoveredOf(findings, files);
    this.opening = new Opening(this.settings, findings, files);
    this.hasLived = true;
    return this.opening.begin(recovered, post);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    // It writes to the folder: nobody else may have that before it is over.
    await this.beginning;
    await this.opening?.end(true);
    await this.lock.release();
  }

  /** The life before is over. What was asked for in it is on the disk, or is not. */
  private async endOpening(): Promise<void> {
    const { opening } = this;
    if (opening === undefined) return;
    this.opening = undefined;
    const isSafe = await opening.end(false);
    const { log, list } = opening;
    this.manifest = list.manifest;
    if (isSafe) return;
    // After a failed sync nobody knows what of it is on the disk, whatever is read back now.
    const { folder, durability, system } = this.settings;
    const end = durability === 'fsync' ? log.syncedTo : log.end;
    this.manifest = await cutAt(system, folder, this.manifest, end);
  }
}
