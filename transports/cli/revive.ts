/**
 * `ppnfs revive`: an operator's order that one member brings a lost shard back with what it has. The only command that
 * can lose what was acknowledged, so it names what may be lost, and does nothing without --yes. The order itself is
 * carried out by coordinators/cluster.ts.
 */
import type { Cluster } from '../coordinators/cluster.js';
import type { Operator } from '../coordinators/operator.js';
import { clientOptions, jsonOption, serversFor } from './client-options.js';
import { type Command, type Found, isSet, textOf } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT } from './exit-codes.js';
import { coloursFor, printJson } from './look.js';

export const revive: Command = {
  usage: 'revive <shard>',
  describe: 'bring a lost shard back from one member, whatever is missing there',
  build: (parser) =>
    clientOptions(jsonOption(parser))
      .usage(
        'Usage: ppnfs revive <shard> --from ID [--yes]\n\nBrings a lost shard back from one member. Without --yes it only says what that would mean.',
      )
      .positional('shard', { type: 'string', describe: 'its number, as "ppnfs status" shows it' })
      .option('from', { type: 'string', requiresArg: true, describe: 'the member whose copy counts' })
      .option('coordinator', { type: 'string', requiresArg: true, describe: 'default: that of the ring of "ppnfs up"' })
      .option('force', {
        type: 'boolean',
        describe: 'also a member that did not keep the shard: it begins with nothing',
      })
      .option('yes', { type: 'boolean', describe: 'do it' })
      .example([
        ['ppnfs revive 17 --from n2', 'what may be lost'],
        ['ppnfs revive 17 --from n2 --yes', 'do it'],
      ]),
  async run(found, context) {
    const shard = shardOf(textOf(found, 'shard') as string);
    const { NotReached, openOperator } = await import('../coordinators/operator.js');
    const operator = openOperator(await coordinatorOf(found, context));
    try {
      return await reviveOrAdvise(operator, shard, found, context);
    } catch (error) {
      if (error instanceof WrongUsage) throw error;
      context.stderr.write(`ppnfs revive: ${error instanceof Error ? error.message : String(error)}\n`);
      return error instanceof NotReached ? EXIT.noServer : EXIT.failed;
    } finally {
      operator.close();
    }
  },
};

function shardOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new WrongUsage(`"${text}" is not the number of a shard: "ppnfs status" shows which are lost`);
}

async function coordinatorOf(found: Found, context: Context) {
  const url = textOf(found, 'coordinator') ?? context.environment['PPNFS_COORDINATOR'];
  const ring = url === undefined ? serversFor(found, context).ring : undefined;
  const address = url ?? ring?.coordinator;
  if (address === undefined) throw new WrongUsage('which coordinator? Say --coordinator tcp://HOST:PORT');
  const { openCoordinator } = await import('../coordinators/open.js');
  try {
    return await openCoordinator(address);
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
}

async function reviveOrAdvise(operator: Operator, shard: number, found: Found, context: Context): Promise<number> {
  const { readCluster, revive: order, whatMayBeLost } = await import('../coordinators/cluster.js');
  const from = textOf(found, 'from');
  if (isSet(found, 'yes') && from !== undefined) {
    const { epoch, mayBeLost } = await order(operator, shard, from, { force: isSet(found, 'force') });
    if (isSet(found, 'json')) printJson(context, { shard, from, epoch, mayBeLost, result: 'done' });
    else context.stdout.write(`shard ${shard} is served again, from ${from} (epoch ${epoch})\n${mayBeLost}\n`);
    return EXIT.done;
  }
  const cluster = await readCluster(operator);
  const keepers = lostKeepers(cluster, shard);
  const wouldCost = (from === undefined ? keepers : [from]).map((id) => whatMayBeLost(cluster, shard, id));
  if (isSet(found, 'json')) printJson(context, { shard, from, keepers, wouldCost, result: 'asked' });
  else {
    const c = coloursFor(context.stdout, context, found);
    const lines = [
      `shard ${shard} was lost with ${keepers.join(', ')}`,
      ...wouldCost.map((text) => c.yellow(`  ${text}`)),
    ];
    context.stdout.write(
      `${lines.join('\n')}\nnothing was done; add ${from === undefined ? '--from ID ' : ''}--yes to do it\n`,
    );
  }
  return from === undefined ? EXIT.wrongUsage : EXIT.done;
}

function lostKeepers({ view }: Cluster, shard: number): readonly string[] {
  if (view === undefined) throw new Error('there is no ring yet: nobody has founded one');
  const chain = view.chains[shard];
  if (chain === undefined) throw new Error(`there is no shard ${shard}: shards are 0 to ${view.chains.length - 1}`);
  if (chain.lost.length === 0) throw new Error(`shard ${shard} is not lost: ${chain.members.join(', ')} keep it`);
  return chain.lost.map(({ id }) => id);
}
