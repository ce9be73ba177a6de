/**
 * How chaos strikes each fault word: whom, how hard, and who counts as struck by it. Looks at the scene only; whether the
 * strike is survivable, chaos.ts judges.
 */
import type { MemberId } from '../../core/ids.js';
import { chainOf, neighbour, shardOf } from '../../core/view/view.js';
import type { ChaosWord } from '../scenario/fault-words.js';
import type {
  ClockChange,
  CoordinatorTrouble,
  DiskTrouble,
  FaultAction,
  LinkSelector,
  RestartDisk,
  SessionTrouble,
} from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';
import { type ChaosScene, type ChaosStrike, type Draw, isSound, mayLoseAllPower, named, only } from './chaos-scene.js';

/** A loss of power is one of the whole ring so often, where that may be. */
const ALL_POWER_SHARE = 0.2;
const MS = 1_000;
const SECOND = 1_000_000;

const pick = <T>(items: readonly T[], random: RandomStream): T | undefined =>
  items.length === 0 ? undefined : items[random.int(0, items.length - 1)];
const isHeads = (random: RandomStream): boolean => random.int(0, 1) === 1;

const running = ({ servers }: ChaosScene): readonly MemberId[] =>
  servers.filter(({ process }) => process === 'running').map(({ id }) => id);
const unstruck = (scene: ChaosScene): readonly MemberId[] => running(scene).filter((id) => !scene.struck.has(id));
const membersLeft = (scene: ChaosScene): readonly MemberId[] => unstruck(scene).filter((id) => isSound(scene, id));

/** Costs a server its place or its data. */
const counted =
  (faultsOf: (id: MemberId, random: RandomStream, scene: ChaosScene) => readonly FaultAction[]): Draw =>
  (scene, random) => {
    const id = pick(unstruck(scene), random);
    return id === undefined ? undefined : { faults: faultsOf(id, random, scene), struck: [id] };
  };

/** Does a running server no lasting harm. `word`: it lasts, and a server has it once at a time. */
const harmless =
  (faultOf: (id: MemberId, random: RandomStream) => FaultAction, word?: string): Draw =>
  (scene, random) => {
    const free = running(scene).filter((id) => word === undefined || !scene.lasting.has(`${word} ${id}`));
    const id = pick(free, random);
    if (id === undefined) return undefined;
    const strike: ChaosStrike = { faults: [faultOf(id, random)], struck: [] };
    return word === undefined ? strike : { ...strike, lasts: `${word} ${id}` };
  };

const disk = (id: MemberId, trouble: DiskTrouble): FaultAction => ({ kind: 'disk', who: only(id), trouble });
const clock = (id: MemberId, change: ClockChange): FaultAction => ({ kind: 'clock', who: only(id), change });
const powerLoss = (id: MemberId): FaultAction => ({ kind: 'crash', who: only(id), power: true });
const session = (trouble: SessionTrouble, word?: string): Draw =>
  harmless((id) => ({ kind: 'session', who: only(id), trouble }), word);

/** Shows only where power is lost: so it is. */
const atPowerLoss = (kind: 'torn' | 'lose-unsynced' | 'lost-rename'): Draw =>
  counted((id) => [disk(id, { kind }), powerLoss(id)]);

const powerLosses: Draw = (scene, random) => {
  if (mayLoseAllPower(scene) && random.unit() < ALL_POWER_SHARE) {
    const struck = scene.servers.filter(({ process }) => process !== 'down').map(({ id }) => id);
    return { faults: [{ kind: 'crash', who: { kind: 'all' }, power: true }], struck };
  }
  return counted((id) => [powerLoss(id)])(scene, random);
};

const reboot = counted((id, random, { snapshots }) => {
  const disks: readonly RestartDisk[] = snapshots.has(id) ? ['kept', 'wiped', 'stale'] : ['kept', 'wiped'];
  return [{ kind: 'reboot', who: only(id), power: isHeads(random), disk: pick(disks, random) ?? 'kept' }];
});

/** Leaves more than enough behind, so that all else can still be struck. */
const leave: Draw = (scene, random) => {
  const { view, atMost } = scene;
  const id = pick(membersLeft(scene), random);
  if (id === undefined || view.ring.length <= view.settings.chainLength + atMost) return undefined;
  return { faults: [{ kind: 'leave', who: only(id) }], struck: [id], leaves: true };
};

/** A spare comes, or who has left comes back. */
const join: Draw = ({ spares, gone }, random) => {
  const id = pick([...spares, ...gone], random);
  if (id === undefined) return undefined;
  const who = only(id);
  const fault: FaultAction = spares.includes(id) ? { kind: 'join', who } : { kind: 'restart', who, disk: 'kept' };
  return { faults: [fault], struck: [] };
};

const remove: Draw = (scene, random) => {
  const id = pick(membersLeft(scene), random);
  return id === undefined ? undefined : { faults: [{ kind: 'remove', who: named(id) }], struck: [id] };
};

/** The smaller side is struck. The coordinator is with the larger one, or reached by both. */
const partition: Draw = (scene, random) => {
  const free = [...membersLeft(scene)];
  const most = Math.min(scene.atMost - scene.struck.size, Math.ceil(scene.view.ring.length / 2) - 1);
  if (most < 1 || free.length < most) return undefined;
  const struck = Array.from({ length: random.int(1, most) }, () => {
    const [id] = free.splice(random.int(0, free.length - 1), 1);
    return id as MemberId;
  });
  const who = only(...struck);
  return { faults: [isHeads(random) ? { kind: 'isolate', who } : { kind: 'split', groups: [who] }], struck };
};

/** Between neighbours, where the frames are. */
function link({ view }: ChaosScene, random: RandomStream): LinkSelector | undefined {
  if (view.ring.length < 2) return undefined;
  const [first, second] = [pick(view.ring, random)?.id ?? '', random.int(0, 2)];
  const next = neighbour(view, first, 1).id;
  const [from, to] = second === 1 ? [next, first] : [first, next];
  return { from: named(from), to: named(to), bothWays: second === 2 };
}

const endsOf = ({ from, to }: LinkSelector): readonly MemberId[] =>
  [from, to].flatMap((who) => (who.kind === 'server' ? [who.id] : []));

/** Either end may lose its place. */
const deafLink =
  (kind: 'silence' | 'hold'): Draw =>
  (scene, random) => {
    const one = link(scene, random);
    if (one === undefined || endsOf(one).some((id) => scene.struck.has(id))) return undefined;
    return { faults: [{ kind, link: one }], struck: endsOf(one) };
  };

const poorLink =
  (faultOf: (link: LinkSelector, random: RandomStream) => FaultAction): Draw =>
  (scene, random) => {
    const one = link(scene, random);
    return one === undefined ? undefined : { faults: [faultOf(one, random)], struck: [] };
  };

/** A chunk at the tail, which is read from: or a log record, found when the server starts again. */
const bitrot: Draw = (scene, random) => {
  if (isHeads(random)) {
    return counted((id) => [
      disk(id, { kind: 'bitrot', what: 'log', path: undefined }),
      { kind: 'reboot', who: only(id), power: false, disk: 'kept' },
    ])(scene, random);
  }
  const { view, struck } = scene;
  const path = pick(scene.paths, random);
  if (path === undefined) return undefined;
  const { members } = chainOf(view, shardOf(path, view.settings.shards));
  const tail = members.at(-1);
  // The other copies must be where nothing is amiss.
  if (tail === undefined || members.length < 2 || members.some((id) => struck.has(id) || !isSound(scene, id))) {
    return undefined;
  }
  return { faults: [disk(tail, { kind: 'bitrot', what: 'chunk', path })], struck: [tail], rotten: true };
};

/** Either way, and never nothing. */
const eitherWay = (amount: number, random: RandomStream): number => (isHeads(random) ? amount : -amount);

const leap = (random: RandomStream): number => eitherWay(pick([1, 10, 3_600], random) ?? 1, random) * SECOND;

const ofCoordinator =
  (kind: CoordinatorTrouble['kind']): Draw =>
  ({ lasting }) =>
    lasting.has(kind) ? undefined : { faults: [{ kind: 'coordinator', trouble: { kind } }], struck: [], lasts: kind };

export const CHAOS_DRAWS: Readonly<Record<ChaosWord, Draw>> = {
  crash: counted((id) => [{ kind: 'crash', who: only(id), power: false }]),
  'power-loss': powerLosses,
  reboot,
  pause: counted((id) => [{ kind: 'pause', who: only(id) }]),
  join,
  leave,
  remove,
  snapshot: harmless((id) => disk(id, { kind: 'snapshot' })),
  torn: atPowerLoss('torn'),
  'lose-unsynced': atPowerLoss('lose-unsynced'),
  'lost-rename': atPowerLoss('lost-rename'),
  bitrot,
  eio: counted((id, random) => [disk(id, { kind: 'eio', of: isHeads(random) ? 'read' : 'write' })]),
  full: counted((id) => [disk(id, { kind: 'full' })]),
  'slow-disk': harmless((id, random) => disk(id, { kind: 'slow', times: random.int(3, 30) }), 'slow-disk'),
  skew: harmless((id, random) => clock(id, { kind: 'skew', byUs: eitherWay(random.int(10, 5_000), random) * MS })),
  drift: harmless(
    (id, random) => clock(id, { kind: 'drift', perMille: eitherWay(random.int(5, 150), random) }),
    'drift',
  ),
  jump: counted((id, random) => [clock(id, { kind: 'jump', byUs: leap(random) })]),
  freeze: counted((id) => [clock(id, { kind: 'freeze' })]),
  partition,
  silence: deafLink('silence'),
  hold: deafLink('hold'),
  reset: poorLink((one) => ({ kind: 'reset', link: one })),
  delay: poorLink((one, random) => {
    const minUs = random.int(5, 30) * MS;
    return { kind: 'delay', link: one, delay: { minUs, maxUs: 2 * minUs } };
  }),
  rate: poorLink((one, random) => ({ kind: 'rate', link: one, bytesPerSecond: random.int(1, 10) * 1_000_000 })),
  expire: session({ kind: 'expire' }),
  disconnect: session({ kind: 'disconnect' }, 'disconnect'),
  'lose-reply': harmless((id, random) => {
    const to = pick(['create', 'set', 'delete', 'any'] as const, random) ?? 'any';
    return { kind: 'session', who: only(id), trouble: { kind: 'lose-reply', to } };
  }),
  'lose-watch': session({ kind: 'lose-watch' }),
  'delay-watch': harmless((id, random) => {
    const trouble = { kind: 'delay-watch', byUs: random.int(100, 3_000) * MS } as const;
    return { kind: 'session', who: only(id), trouble };
  }),
  'stale-read': session({ kind: 'stale-read' }, 'stale-read'),
  ghost: session({ kind: 'ghost' }),
  'leader-change': ofCoordinator('leader-change'),
  outage: ofCoordinator('outage'),
};
