/** `ppnfs up`: a whole ring on this machine, until Ctrl-C. */
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { RingConfig } from '../launcher/config.js';
import { RING_KEYS } from '../launcher/config-keys.js';
import type { RunningRing } from '../launcher/ring.js';
import { DEFAULT_FOLDER, jsonOption } from './client-options.js';
import { type Command, type Found, isSet } from './command.js';
import type { Context } from './context.js';
import { EXIT } from './exit-codes.js';
import { type Colours, coloursFor, printJson, table } from './look.js';
import { sentence } from './node.js';
import { programName } from './program-name.js';
import { settingOptions } from './setting-options.js';
import { settingsFrom } from './settings.js';

export const up: Command = {
  usage: 'up',
  describe: 'run a whole ring on this machine',
  build: (parser) =>
    settingOptions(jsonOption(parser), RING_KEYS, {
      data: 'one folder for everything (default: ./ppnfs-data)',
      coordinator: 'one that runs already (default: an embedded one is started)',
    })
      .usage(
        'Usage: ppnfs up [options]\n\nRuns a ring on this machine, each server a process of its own, until Ctrl-C. Nothing is lost by\nstopping: the next "up" finds all files.',
      )
      .example([
        ['ppnfs up', 'five servers'],
        ['ppnfs up --nodes 3 --data /tmp/ring --durability os', 'three, faster, less durable'],
      ]),
  async run(found, context) {
    const [{ checkRingConfig }, { startRing }] = await Promise.all([
      import('../launcher/config.js'),
      import('../launcher/ring.js'),
    ]);
    const config = settingsFrom({ keys: RING_KEYS, check: checkRingConfig }, found, context);
    const c = coloursFor(context.stderr, context, found);
    const say = (text: string): void => context.stderr.write(`${c.dim(text)}\n`);
    const serverEnded = (id: string, why: string): void =>
      context.stderr.write(`${c.red(`${id} has ended: ${why}`)}\n`);
    let ring: RunningRing;
    try {
      ring = await startRing(config, { progress: say, serverEnded }, await logOf(config), context.signal);
    } catch (error) {
      if (context.signal.aborted) {
        say('stopped before the ring was whole');
        return EXIT.interrupted;
      }
      context.stderr.write(`ppnfs up: ${sentence(error)}\n`);
      return EXIT.failed;
    }
    tell(ring, found, context);
    const { signal } = context;
    const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort');
    const how = await Promise.race([ring.ended.then(() => 'ended'), stopped.then(() => 'stopped')]);
    say(how === 'ended' ? 'every server has ended' : `stopping; all files stay in ${ring.data}`);
    await ring.stop();
    return how === 'ended' ? EXIT.failed : EXIT.done;
  },
};

/** What the launcher and its coordinator have to say; the servers have logs of their own beside it. */
async function logOf({ data, logLevel }: RingConfig) {
  const folder = join(data, 'logs');
  const [{ pino }, { makeFolder }] = await Promise.all([import('pino'), import('../launcher/folders.js')]);
  await makeFolder(folder);
  return pino({ level: logLevel }, pino.destination({ dest: join(folder, 'up.log'), sync: true }));
}

function tell(ring: RunningRing, found: Found, context: Context): void {
  const { servers, coordinator, data } = ring;
  if (isSet(found, 'json')) {
    printJson(context, { servers, coordinator, data });
    return;
  }
  const c: Colours = coloursFor(context.stdout, context, found);
  const [first] = servers;
  const where = resolve(DEFAULT_FOLDER) === data ? '' : ` --data ${data}`;
  const ppnfs = programName(context.environment);
  const rows = servers.map(({ id, http, ring: at, pid }) => [
    `  ${c.bold(id)}`,
    c.cyan(http),
    `ring ${at}`,
    `process ${pid}`,
  ]);
  const lines = [
    c.green(`a ring of ${servers.length} is up`),
    ...table(rows),
    `coordinator ${coordinator} · files and logs in ${data}`,
    '',
    'in another terminal:',
    `  ${c.bold(`${ppnfs} put README.md /docs/${where}`)}    store a file`,
    `  ${c.bold(`${ppnfs} status --watch${where}`)}          see the ring; then kill a server and watch it heal`,
    `  ${c.bold(`curl ${first?.http}/files/docs/README.md`)}`,
    'Ctrl-C stops it.',
  ];
  context.stdout.write(`${lines.join('\n')}\n`);
}
