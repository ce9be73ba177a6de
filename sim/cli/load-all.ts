/**
 * Loads every scenario before anything runs: a typing error in the last file shall not cost the runs of the others.
 */
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { Scenario } from '../scenario/scenario.js';

export interface Loader {
  readonly load: (file: string) => Scenario;
  /** The error for people, if it speaks of the scenario; undefined: another kind of error. */
  readonly explain: (error: unknown) => string | undefined;
}

export interface Loaded {
  readonly scenarios: readonly Scenario[];
  /** Ready to print. */
  readonly problems: readonly string[];
}

/** `startedIn`: the folder in which the person stands. npm runs scripts in the project's root. */
export function loadAll(files: readonly string[], loader: Loader, startedIn: string | undefined): Loaded {
  const scenarios: Scenario[] = [];
  const problems: string[] = [];
  for (const file of files) {
    try {
      scenarios.push(loader.load(found(file, startedIn)));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      problems.push((loader.explain(error) ?? `${file}: ${message}`) + forgottenDashes(file));
    }
  }
  return { scenarios, problems };
}

function found(file: string, startedIn: string | undefined): string {
  if (startedIn === undefined || existsSync(file)) return file;
  const there = resolve(startedIn, file);
  return existsSync(there) ? relative(process.cwd(), there) : file;
}

/** `npm run sim x.yaml --seed 7`: npm keeps the flag to itself and hands on its value as a file. */
function forgottenDashes(file: string): string {
  return /^\d+(\.\.\d+)?$/.test(file) ? '\n  flags go behind --, as in: npm run sim <file> -- --seed 7' : '';
}
