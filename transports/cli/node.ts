/** `ppnfs node` and `ppnfs coordinator`: one process of a real ring, for operators and their service managers. */
import { COORDINATOR_KEYS, NODE_KEYS } from '../launcher/config-keys.js';
import type { Command } from './command.js';
import type { Context } from './context.js';
import { EXIT } from './exit-codes.js';
import { settingOptions } from './setting-options.js';
import { settingsFrom } from './settings.js';

export const node: Command = {
  usage: 'node',
  describe: 'run one server',
  build: (parser) =>
    settingOptions(parser, NODE_KEYS)
      .usage(
        'Usage: ppnfs node --id ID --coordinator URL --data FOLDER [options]\n\nRuns one server. SIGTERM: it hands over and leaves. SIGINT: it stops as it is, and comes back as it was.\nExit codes: 70 it is broken, 75 it may not take part; the log says why.',
      )
      .example([
        ['ppnfs node --id n1 --coordinator tcp://127.0.0.1:7100 --data ./n1', 'one of a ring on this machine'],
        ['ppnfs node --config /etc/ppnfs.yaml --log-level debug', 'from a file'],
      ]),
  async run(found, context) {
    const { checkNodeConfig } = await import('../launcher/config.js');
    const config = settingsFrom({ keys: NODE_KEYS, check: checkNodeConfig }, found, context);
    const { runNode } = await import('../launcher/run-node.js');
    return started('node', context, () => runNode(config, context.signal));
  },
};

export const coordinator: Command = {
  usage: 'coordinator',
  describe: 'run the embedded coordinator',
  build: (parser) =>
    settingOptions(parser, COORDINATOR_KEYS, { listen: 'port for the servers (default: 127.0.0.1:7100)' })
      .usage(
        'Usage: ppnfs coordinator --data FOLDER [options]\n\nRuns the embedded coordinator, for rings without ZooKeeper. Its address is left in FOLDER/coordinator.txt.',
      )
      .example([['ppnfs coordinator --data ./coordinator', 'one for a ring on this machine']]),
  async run(found, context) {
    const { checkCoordinatorConfig } = await import('../launcher/config.js');
    const config = settingsFrom({ keys: COORDINATOR_KEYS, check: checkCoordinatorConfig }, found, context);
    const { runCoordinator } = await import('../launcher/run-coordinator.js');
    return started('coordinator', context, () => runCoordinator(config, context.signal));
  },
};

/** What keeps it from starting is a sentence, not a stack trace. */
async function started(name: string, { stderr }: Context, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    stderr.write(`ppnfs ${name}: ${sentence(error)}\n`);
    return EXIT.failed;
  }
}

export function sentence(error: unknown): string {
  const { code, message, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') return `${address}:${port} is in use by another process`;
  if (code === 'EACCES' && port !== undefined) return `${address}:${port} may not be used by this user`;
  return message;
}
