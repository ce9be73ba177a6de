/** What the trials' command lines have in common: flags, exit codes, and how a failure is told. */
import { parseArgs } from 'node:util';
import type { Durability } from '../../core/view/view.js';

/** 0 passed, 1 failed, 2 wrong usage. */
export class UsageError extends Error {}

type Flags = Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>;
type Given<Asked extends Flags> = {
  readonly [Name in keyof Asked]?: Asked[Name]['type'] extends 'string' ? string : boolean;
};

/** @throws UsageError */
export function flagsOf<Asked extends Flags>(options: Asked): Given<Asked> {
  try {
    return parseArgs({ options }).values as Given<Asked>;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @throws UsageError */
export function countOf(name: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const count = Number(given);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`--${name} takes a whole number from 1, not ${given}`);
  return count;
}

/** @throws UsageError */
export function durabilityOf(given: string | undefined): Durability {
  if (given === undefined || given === 'os') return 'os';
  if (given === 'fsync') return 'fsync';
  throw new UsageError(`--durability is os or fsync, not ${given}: memory alone does not outlive kill -9`);
}

/** @param main true: passed */
export async function runMain(main: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await main()) ? 0 : 1;
  } catch (error) {
    const isWrongUse = error instanceof UsageError;
    process.stderr.write(`${error instanceof Error ? (isWrongUse ? error.message : error.stack) : String(error)}\n`);
    process.exitCode = isWrongUse ? 2 : 1;
  }
}

export const progress = (text: string): void => void process.stderr.write(`${text}\n`);
