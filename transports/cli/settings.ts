/**
 * The configuration of a process, put together from flags, a file and the environment, in that order of precedence,
 * and checked as a whole. Every complaint names where the culprit stands.
 */
import { nearest } from '../../core/suggest.js';
import type { Checked, RawConfig } from '../launcher/config.js';
import type { ConfigProblem } from '../launcher/config-fields.js';
import { type Found, textOf } from './command.js';
import { type ConfigFile, ConfigFileError, readConfigFile } from './config-file.js';
import { type Context, WrongUsage } from './context.js';

const PREFIX = 'PPNFS_';
/** Variables that other commands read. */
const OTHERS = ['PPNFS_SERVER', 'PPNFS_DATA', 'PPNFS_COORDINATOR', 'PPNFS_CONFIG'];

/** `min-replicas` → `PPNFS_MIN_REPLICAS`. */
export const variableOf = (key: string): string => PREFIX + key.toUpperCase().replaceAll('-', '_');

export interface Wanted<Config> {
  readonly keys: readonly string[];
  readonly check: (raw: RawConfig) => Checked<Config>;
}

/** @throws WrongUsage that tells of everything that is wrong */
export function settingsFrom<Config>({ keys, check }: Wanted<Config>, found: Found, context: Context): Config {
  const { environment } = context;
  const file = fileOf(found, environment);
  const fromFile = file?.values ?? {};
  const raw: Record<string, unknown> = { ...fromFile };
  const origins = new Map<string, string>();
  for (const key of keys) {
    const flag = found[key] === false ? undefined : textOf(found, key);
    const variable = environment[variableOf(key)];
    if (flag !== undefined) {
      raw[key] = flag;
      origins.set(key, `--${key}`);
    } else if (!Object.hasOwn(fromFile, key) && variable !== undefined) {
      raw[key] = variable;
      origins.set(key, variableOf(key));
    }
  }
  warnOfStrangers(keys, context);
  const checked = check(raw);
  if (checked.ok) return checked.config;
  const lines = checked.problems.map((problem) => problemLine(problem, origins.get(problem.key), fromFile, file));
  throw new WrongUsage(lines.join('\n'), lines.length > 1 ? `${lines.length} problems; nothing was started` : '');
}

function fileOf(found: Found, environment: Context['environment']): ConfigFile | undefined {
  const name = textOf(found, 'config') ?? environment['PPNFS_CONFIG'];
  if (name === undefined || name === '') return undefined;
  try {
    return readConfigFile(name);
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    throw new WrongUsage(error.lines.join('\n'));
  }
}

function problemLine(
  { key, message, suggestion, isKey }: ConfigProblem,
  origin: string | undefined,
  fromFile: RawConfig,
  file: ConfigFile | undefined,
): string {
  const meant = suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
  if (origin !== undefined) return `${origin}: ${message}${meant}`;
  if (file !== undefined && Object.hasOwn(fromFile, key)) {
    const about = isKey ? '' : `${key}: `;
    return `${file.placeOf(key, isKey ? 'key' : 'value')}: ${about}${message}${meant}`;
  }
  return `${key}: ${message}${meant} (--${key}, "${key}:" in the file, or ${variableOf(key)})`;
}

/** A stray variable is no error (container systems set some of their own), but a misspelt one should not go unseen. */
function warnOfStrangers(keys: readonly string[], { environment, stderr }: Context): void {
  const known = [...keys.map(variableOf), ...OTHERS];
  for (const name of Object.keys(environment)) {
    if (!name.startsWith(PREFIX) || known.includes(name)) continue;
    const meant = nearest(
      name.slice(PREFIX.length),
      known.map((each) => each.slice(PREFIX.length)),
    );
    if (meant !== undefined)
      stderr.write(`ppnfs: the variable ${name} means nothing here; did you mean ${PREFIX}${meant}?\n`);
  }
}
