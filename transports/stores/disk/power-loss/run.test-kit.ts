// A store is used, and the power goes: at many moments of that, leaving this or that, each looked at by a store that is
// opened over it and used again.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Durability } from '../../../../core/view/view.js';
import { isLockFile } from '../lock.js';
import { Faults } from './faults.test-kit.js';
import { drawFate, EVERYTHING, type Fate, imageAt, NOTHING_MORE, safety, unsafeCount } from './image.test-kit.js';
import { type Mark, Promises } from './promises.test-kit.js';
import { Random } from './random.test-kit.js';
import { Server } from './server.test-kit.js';
import { type Image, lay, NOTHING, Process, Trace } from './trace.test-kit.js';

const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** In a folder that is to be made: that, too, may be lost. */
const STORE = join('data', 'store');

export interface Verdict {
  readonly images: number;
  /** What is wrong, each with what it takes to see it again. */
  readonly faults: readonly string[];
}

interface Use {
  readonly durability: Durability;
  readonly random: Random;
  /** The disk fails now and then, or is full. */
  readonly fails: boolean;
  /** Of the machine; with every loss of power there is another. */
  boots: number;
}

/** A few lives of a few processes, and what is left of them at so many moments. */
export async function powerLosses(
  seed: number,
  durability: Durability,
  images: number,
  fails = false,
): Promise<Verdict> {
  const use: Use = { durability, random: new Random(seed), fails, boots: 1 };
  const faults: string[] = [];
  const trace = await aFewProcesses(use, (fault) => faults.push(`${durability}, seed ${seed}: ${fault}`));
  const safeFrom = safety(trace);
  let looked = 0;
  while (looked < images) {
    const one = await lookAt(
      use,
      trace,
      safeFrom,
      1 + use.random.below(trace.steps.length),
      `${durability}, seed ${seed}`,
    );
    faults.push(...one.faults);
    looked++;
    if (one.trace === undefined) continue;
    // The power goes again, while recovery is at it or shortly after; the more often the more recovery has to do.
    const { steps } = one.trace;
    const added = steps.slice(one.from);
    const begun = added.findIndex(({ deed }) => deed.kind === 'mark' && deed.mark.kind === 'began');
    const isCut = added.some(({ deed }, at) => at < begun && deed.kind === 'truncate' && deed.bytes > 0);
    if (!use.random.in100(isCut ? 70 : one.from > 0 ? 40 : 15)) continue;
    const nextSafe = safety(one.trace);
    for (let i = 0; i < 5 && looked < images; i++, looked++) {
      const end = one.from + 1 + use.random.below(isCut && use.random.in100(70) ? begun + 1 : added.length);
      faults.push(...(await lookAt(use, one.trace, nextSafe, end, `${one.name}, then`)).faults);
    }
  }
  return { images: looked, faults };
}

async function aFewProcesses(use: Use, wrong: (fault: string) => void): Promise<Trace> {
  const { random, durability } = use;
  const trace = new Trace(use.boots, NOTHING);
  const root = mkdtempSync(join(parent, 'ppnfs-power-'));
  let folder = root;
  try {
    for (let count = 1 + random.below(3); count > 0; count--) {
      const machine = { folder: join(folder, STORE), durability, boot: `boot ${trace.boot}` };
      const faults = use.fails && random.in100(75) ? new Faults(random) : undefined;
      const server = new Server(trace, new Process(trace, folder, random, faults), machine, random);
      await aFewLives(server, use, trace, wrong);
      if (random.in100(40)) {
        await server.close();
        continue;
      }
      const next = join(root, `${count}`);
      if (count > 1) cpSync(join(folder, 'data'), join(next, 'data'), { recursive: true, filter: isNoLock });
      await server.kill();
      folder = next;
    }
    return trace;
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function aFewLives(server: Server, { random, fails }: Use, trace: Trace, wrong: (fault: string) => void) {
  try {
    await server.open();
    for (let lives = (fails ? 2 : 1) + random.below(2); lives > 0; lives--) {
      const found = await server.begin();
      const promises = Promises.of(trace.marks());
      for (const fault of promises.faults(found, promises.doubts)) wrong(`at ${trace.steps.length}: ${fault}`);
      server.accept(found);
      await server.deeds(8 + random.below(12));
    }
  } catch (error) {
    // A store that cannot be written cannot begin a life.
    if (!fails || !(error as Error).message.includes('the disk')) throw error;
  }
}

const isNoLock = (path: string): boolean => !isLockFile(path.slice(path.lastIndexOf('/') + 1));

interface Look {
  readonly faults: readonly string[];
  readonly name: string;
  /** What was done over it, from a position on; undefined: it could not even be opened. */
  readonly trace: Trace | undefined;
  readonly from: number;
}

/** At what is left at the position `end`. */
async function lookAt(use: Use, trace: Trace, safeFrom: readonly number[], end: number, where: string): Promise<Look> {
  const { random } = use;
  const isKill = random.in100(15);
  const fate = isKill ? EVERYTHING : drawOne(random, unsafeCount(trace, safeFrom, end));
  const name = `${where}: ${isKill ? 'killed' : 'power lost'} at ${end} of ${trace.steps.length}, ${fate.name} kept`;
  const image = imageAt(trace, safeFrom, end, fate, random);
  const left = isKill ? trace.killedAt(end) : afterPower(use, image, trace.marks(end));
  const from = left.steps.length;
  const root = mkdtempSync(join(parent, 'ppnfs-power-'));
  try {
    lay(image, root);
    const faults = await useAgain(use, left, root);
    return { faults: faults.map((fault) => `${name}: ${fault}`), name, trace: left, from };
  } catch (error) {
    return { faults: [`${name}: ${(error as Error).message.replaceAll(root, '')}`], name, trace: undefined, from };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function afterPower(use: Use, image: Image, marks: readonly Mark[]): Trace {
  const isSafe = use.durability === 'fsync' || Promises.of(marks).isClosed;
  return new Trace(++use.boots, image, isSafe ? marks : [...marks, { kind: 'power lost' }]);
}

function drawOne(random: Random, count: number): Fate {
  const choice = random.below(10);
  return choice === 0 ? NOTHING_MORE : choice === 1 ? EVERYTHING : drawFate(random, count);
}

/** Opened, asked for everything, written to, closed, and opened once more. @returns what is wrong */
async function useAgain(use: Use, trace: Trace, root: string): Promise<readonly string[]> {
  const { durability, random } = use;
  const machine = { folder: join(root, STORE), durability, boot: `boot ${trace.boot}` };
  const faults: string[] = [];
  for (const look of ['first', 'second'] as const) {
    const server = new Server(trace, new Process(trace, root, random), machine, random);
    try {
      await server.open();
      const found = await server.begin();
      const promises = Promises.of(trace.marks());
      const wrong = promises.faults(found, promises.doubts);
      faults.push(...wrong.map((fault) => `${look} look: ${fault}`));
      server.accept(found);
      if (look === 'first') {
        await server.goOn();
        await server.deeds(random.below(6));
      }
      await server.close();
    } catch (error) {
      await server.kill();
      throw error;
    }
  }
  return faults;
}
