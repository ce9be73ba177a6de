/**
 * `ppnfs revive`: an operator's order that one member brings a lost shard back with what it has. The only command that
 * can lose what was acknowledged, so it names what may be lost, and does nothing without --yes.
 */
import { type CoordinatorReply, MEMBERS, VIEW_KEY } from '../../core/coordinator-port.js';
import { compareEntryIds, versionText } from '../../core/ids.js';
import type { KeptLog, Registration } from '../../core/view/registration.js';
import { revivedBy } from '../../core/view/revival.js';
import type { Chain, View } from '../../core/view/view.js';
import type { Operator } from '../coordinators/operator.js';
import { clientOptions, jsonOption, serversFor } from './client-options.js';
import { type Command, type Found, isSet, textOf, wholeNumberOf } from './command.js';
import { type Context, WrongUsage } from './context.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { coloursFor, printJson, table } from './look.js';

/** Somebody else changes the view at the same time: decided anew so often. */
const TRIES_MAX = 5;

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
      .option('yes', { type: 'boolean', describe: 'do it' })
      .example([
        ['ppnfs revive 17 --from n2', 'what may be lost'],
        ['ppnfs revive 17 --from n2 --yes', 'do it'],
      ]),
  async run(found, context) {
    const shard = wholeNumberOf({ shard: textOf(found, 'shard') }, 'shard', 0, 65_535) as number;
    const from = textOf(found, 'from');
    const { NotReached, openOperator } = await import('../coordinators/operator.js');
    const operator = openOperator(await coordinatorOf(found, context));
    try {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const code = await reviveOnce(operator, shard, from, found, context);
        if (code !== undefined) return code;
      }
      context.stderr.write('ppnfs revive: the view changes all the time; nothing was done\n');
      return EXIT.failed;
    } catch (error) {
      if (!(error instanceof NotReached)) throw error;
      context.stderr.write(`ppnfs revive: ${error.message}\n`);
      return EXIT.noServer;
    } finally {
      operator.close();
    }
  },
};

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

/** @returns undefined: the view has changed meanwhile, look again */
async function reviveOnce(
  operator: Operator,
  shard: number,
  from: string | undefined,
  found: Found,
  context: Context,
): Promise<ExitCode | undefined> {
  const register = await operator.call({ op: 'read', key: VIEW_KEY, watch: false });
  if (register.result !== 'value' || register.stored.value.kind !== 'view')
    throw new WrongUsage('there is no ring yet');
  const { view } = register.stored.value;
  const chain = view.chains[shard];
  if (chain === undefined) throw new WrongUsage(`shards of this ring go from 0 to ${view.chains.length - 1}`);
  if (chain.lost.length === 0) throw new WrongUsage(`shard ${shard} is not lost: ${chain.members.join(', ')} serve it`);
  const claims = claimsOf(chain, shard, registrationsOf(await operator.call({ op: 'list', under: MEMBERS })));
  const next = from === undefined ? undefined : revivedBy(view, shard, from);
  if (!isSet(found, 'yes') || next === undefined)
    return advise({ view, shard, from, claims, canDo: next !== undefined }, found, context);
  const set = {
    op: 'set',
    key: VIEW_KEY,
    value: { kind: 'view', view: next },
    expected: register.stored.version,
  } as const;
  const reply = await operator.call(set);
  if (reply.result === 'conflict') return undefined;
  if (reply.result !== 'done') {
    context.stderr.write('ppnfs revive: the coordinator was lost before it answered: look at "ppnfs status"\n');
    return EXIT.unknown;
  }
  if (isSet(found, 'json')) printJson(context, { shard, from, epoch: next.epoch, result: 'done' });
  else context.stdout.write(`shard ${shard} is served again, from what ${from} has (epoch ${next.epoch})\n`);
  return EXIT.done;
}

/** What one of the lost members has of the shard. */
interface Claim {
  readonly member: string;
  readonly incarnation: number;
  readonly isBack: boolean;
  readonly kept: KeptLog | undefined;
}

function registrationsOf(reply: CoordinatorReply): readonly Registration[] {
  if (reply.result !== 'values') return [];
  return reply.stored.flatMap(({ value }) => (value.kind === 'registration' ? [value.registration] : []));
}

function claimsOf({ lost }: Chain, shard: number, registrations: readonly Registration[]): readonly Claim[] {
  return lost.map(({ id, incarnation }) => {
    const registration = registrations.find(({ member }) => member === id);
    const kept = registration?.kept.find((log) => log.shard === shard);
    return { member: id, incarnation, isBack: registration !== undefined, kept };
  });
}

interface Advice {
  readonly view: View;
  readonly shard: number;
  readonly from: string | undefined;
  readonly claims: readonly Claim[];
  readonly canDo: boolean;
}

function advise({ shard, from, claims, canDo }: Advice, found: Found, context: Context): ExitCode {
  const risks = from === undefined ? [] : risksOf(from, claims);
  const problem = from === undefined ? 'say --from ID: whose copy counts?' : canDo ? '' : `${from} is not in the ring`;
  if (isSet(found, 'json')) {
    printJson(context, { shard, from, result: 'asked', problem, claims, risks });
  } else {
    const c = coloursFor(context.stdout, context, found);
    const rows = claims.map(({ member, incarnation, isBack, kept }) => [
      `  ${member}`,
      `life ${incarnation}`,
      !isBack ? c.red('not back') : kept === undefined ? c.yellow('back, has not said what it has') : keptText(kept),
    ]);
    const lines = [`shard ${shard} was lost with:`, ...table(rows), ...risks.map((risk) => c.yellow(risk))];
    context.stdout.write(`${lines.join('\n')}\n`);
    if (problem !== '') context.stderr.write(`ppnfs revive: ${problem}\n`);
    else context.stdout.write('nothing was done; add --yes to do it\n');
  }
  return problem === '' ? EXIT.done : EXIT.wrongUsage;
}

const keptText = ({ last, suspect }: KeptLog): string => {
  const what = last.sequence === 0 ? 'nothing' : `entries up to ${versionText(last)}`;
  return suspect ? `${what}, and something may be missing at their end` : what;
};

/** In plain words, what somebody may miss afterwards. */
function risksOf(from: string, claims: readonly Claim[]): readonly string[] {
  const own = claims.find(({ member }) => member === from)?.kept;
  const risks: string[] = [];
  if (own === undefined || own.last.sequence === 0) {
    risks.push(`${from} has nothing of this shard: every file in it would be gone for good`);
  } else if (own.suspect) risks.push(`what was acknowledged after ${versionText(own.last)} would be gone for good`);
  for (const { member, kept } of claims) {
    if (member === from) continue;
    if (kept === undefined) risks.push(`whatever ${member} alone has would be gone for good`);
    else if (own === undefined || compareEntryIds(kept.last, own.last) > 0) {
      risks.push(`${member} has more, up to ${versionText(kept.last)}: that would be gone for good`);
    }
  }
  return risks;
}
