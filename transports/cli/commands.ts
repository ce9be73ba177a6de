/** Every command, in the order of the help. */
import type { Command } from './command.js';
import { get } from './get.js';
import { leave } from './leave.js';
import { ls } from './ls.js';
import { coordinator, node } from './node.js';
import { put } from './put.js';
import { revive } from './revive.js';
import { rm } from './rm.js';
import { sendRandom } from './send-random.js';
import { stat } from './stat.js';
import { status } from './status.js';
import { up } from './up.js';

/** Only named here, for the help: run.ts hands their words on before anybody reads them. */
const forwarded = (usage: string, describe: string): Command => ({
  usage,
  describe,
  build: (parser) => parser.help(false),
  run: () => Promise.reject(new Error(`${usage} is a program of its own`)),
});

export const commands: readonly Command[] = [
  up,
  node,
  coordinator,
  status,
  put,
  get,
  ls,
  stat,
  rm,
  sendRandom,
  leave,
  revive,
  forwarded('bench', 'measure a ring (a program of its own: see its --help)'),
  forwarded('sim', 'run scenarios in the simulator (a program of its own: see its --help)'),
];
