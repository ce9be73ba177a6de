/** Real servers in the test's own process: sockets, disks and the embedded coordinator as they are, on free ports. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type CoordinatorService, startCoordinatorService } from '../coordinators/embedded/service.js';
import { checkNodeConfig, type NodeConfig, type RawConfig } from './config.js';
import { type RunningNode, startNode } from './node.js';

export const SILENT = pino({ level: 'silent' });
const LOOK_EVERY_MS = 10;

/** Resolves as soon as it holds; a test that waits in vain ends by the runner's limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
}

export interface Status {
  readonly state: string;
  readonly epoch: number;
  readonly ring: readonly { readonly id: string; readonly incarnation: number }[];
  readonly chains: { readonly full: number; readonly short: number; readonly unavailable: number };
}

export class Nodes {
  readonly folder = mkdtempSync(join(tmpdir(), 'ppnfs-nodes-'));
  readonly running = new Map<string, RunningNode>();
  private service: CoordinatorService | undefined;

  constructor(private readonly settings: RawConfig = {}) {}

  async startCoordinator(port = 0): Promise<CoordinatorService> {
    const folder = join(this.folder, 'coordinator');
    this.service = await startCoordinatorService({ folder, listen: { host: '127.0.0.1', port }, log: SILENT });
    return this.service;
  }

  /** @returns its port */
  async stopCoordinator(): Promise<number> {
    const port = this.service?.at.port ?? 0;
    await this.service?.close();
    return port;
  }

  config(id: string, settings: RawConfig = {}): NodeConfig {
    const checked = checkNodeConfig({
      ...{ id, listen: '127.0.0.1:0', http: '127.0.0.1:0', data: join(this.folder, id) },
      ...{ coordinator: this.service?.name, durability: 'os', shards: '8', ...this.settings, ...settings },
    });
    if (!checked.ok) throw new Error(checked.problems.map(({ key, message }) => `${key} ${message}`).join('; '));
    return checked.config;
  }

  async start(id: string, settings: RawConfig = {}): Promise<RunningNode> {
    const node = await startNode(this.config(id, settings), SILENT);
    this.running.set(id, node);
    void node.ended.then(() => this.running.get(id) === node && this.running.delete(id));
    return node;
  }

  url(id: string, path: string): string {
    return `http://${this.running.get(id)?.http}${path}`;
  }

  async status(id: string): Promise<Status> {
    return (await (await fetch(this.url(id, '/status'))).json()) as Status;
  }

  /** All that run serve clients, in one ring of so many, and every chain is as long as it can be. */
  async whole(servers: number): Promise<void> {
    const isWhole = async (id: string): Promise<boolean> => {
      const ready = await fetch(this.url(id, '/readyz'));
      const { ring, chains } = await this.status(id);
      return ready.status === 200 && ring.length === servers && (chains.full === 8 || servers < 3);
    };
    for (const id of this.running.keys()) await until(() => isWhole(id));
  }

  async put(id: string, path: string, body: Buffer | string): Promise<number> {
    return (await fetch(this.url(id, `/files${path}`), { method: 'PUT', body })).status;
  }

  async get(id: string, path: string): Promise<Buffer> {
    const response = await fetch(this.url(id, `/files${path}`));
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  async stopServers(): Promise<void> {
    const running = [...this.running.values()];
    for (const node of running) node.stop();
    await Promise.all(running.map(({ ended }) => ended));
  }

  /** As when the whole ring is stopped on purpose: the coordinator first, so that no view tells of it. */
  async stop(): Promise<void> {
    await this.service?.close();
    this.service = undefined;
    await this.stopServers();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
