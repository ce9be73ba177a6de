/**
 * Who may import whom inside core. A room is a folder of core, or a group of its root files; a file may import its own
 * room and the rooms listed here for it, types included. Change the table when the architecture changes, and keep it
 * free of arrows that run upwards.
 */
const leaves: readonly string[] = [];
const view = ['leaves'];
const words = [...view, 'view'];
const stream = [...words, 'words'];
const coordination = [...stream, 'stream'];
const membership = [...coordination, 'coordination'];
const chain = [...membership, 'membership'];
const carousel = [...chain, 'chain'];
const files = [...carousel, 'carousel'];
const top = [...files, 'files'];

export const coreFloors: Readonly<Record<string, readonly string[]>> = {
  leaves,
  view,
  words,
  stream,
  coordination,
  membership,
  chain,
  carousel,
  files,
  top,
};

/** Root files of core that are not leaves. Any other root file is one, and may import only other leaves. */
export const coreRootRooms: Readonly<Record<string, string>> = {
  'coordinator-port.ts': 'words',
  'store-port.ts': 'words',
  'ports.ts': 'words',
  'frame.ts': 'words',
  'input.ts': 'words',
  'output.ts': 'words',
  'state.ts': 'words',
  'coordination-state.ts': 'words',
  'membership-state.ts': 'words',
  'learning-state.ts': 'words',
  'reads-state.ts': 'words',
  'writes-state.ts': 'words',
  'copies.ts': 'words',
  'turn.ts': 'words',
  'durability.ts': 'words',
  'full-disks.ts': 'words',
  'step.ts': 'top',
  'node.ts': 'top',
  'arrivals.ts': 'top',
  'install.ts': 'top',
  'route.ts': 'top',
  'invariants.ts': 'top',
  'plausibility.ts': 'top',
  'status.ts': 'top',
};

/**
 * Who may import whom inside transports: a room is a folder; all of them may import core. Root files are the doors to the
 * outside (main.ts, bench.ts) and may import everything.
 */
export const transportsFloors: Readonly<Record<string, readonly string[]>> = {
  leaves: [],
  frames: [],
  links: ['leaves', 'frames'],
  stores: [],
  coordinators: ['leaves'],
  serving: ['leaves', 'frames', 'links', 'stores', 'coordinators'],
  client: ['frames', 'coordinators'],
  driver: ['links', 'stores', 'coordinators', 'serving'],
  launcher: ['leaves', 'frames', 'links', 'stores', 'coordinators', 'serving', 'client', 'driver'],
  bench: ['frames', 'links', 'stores', 'coordinators', 'client', 'launcher'],
  trials: ['coordinators', 'client', 'launcher', 'bench'],
  cli: ['coordinators', 'client', 'launcher', 'bench'],
};

/** Packages that core may import. Everything else it needs, it has to define. */
export const corePackages: readonly string[] = ['rxjs'];

/** The files of sim that live in real time: they measure and report. The rest must give the same run for the same seed. */
export const simRealTime: readonly RegExp[] = [
  /^sim\/cli[^/]*\.ts$/,
  /^sim\/bench[^/]*\.ts$/,
  /^sim\/check-history\.ts$/,
  /^sim\/fault-suite\.ts$/,
  /^sim\/mutants\.ts$/,
];

/** The room of a file of transports; undefined for a root file. */
export function transportsRoom(path: string): string | undefined {
  const [, first = '', ...rest] = path.split('/');
  return rest.length === 0 ? undefined : first;
}

/** The room of a file of core, or undefined for a folder that the table does not know. */
export function coreRoom(path: string): string | undefined {
  const [, first = '', ...rest] = path.split('/');
  if (rest.length === 0) return coreRootRooms[first] ?? 'leaves';
  return first in coreFloors ? first : undefined;
}
