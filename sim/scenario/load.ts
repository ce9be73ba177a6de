/**
 * From a scenario file to a Scenario: reads, checks, fills in the defaults.
 * The one door of this folder. Throws ScenarioError for every mistake of the author, and nothing else.
 */
import { ScenarioError } from './errors.js';
import { Problems } from './problems.js';
import { readScenarioText } from './read-file.js';
import { resolveScenario } from './resolve.js';
import type { Scenario } from './scenario.js';
import { fileSchema } from './schema.js';
import { readSource } from './source.js';

export { formatScenarioError } from './errors.js';
export { ScenarioError };

/** @throws ScenarioError */
export function loadScenario(file: string): Scenario {
  return parseScenario(readScenarioText(file), file);
}

/** The same from a text; `file` says where it stands, and what files it names are looked for beside it. */
export function parseScenario(text: string, file: string): Scenario {
  const source = readSource(file, text);
  const problems = new Problems(source);
  const result = fileSchema.safeParse(source.data);
  if (!result.success) for (const issue of result.error.issues) problems.addIssue(issue);
  problems.throwIfAny();
  const scenario = resolveScenario(result.data as NonNullable<typeof result.data>, { file, source, problems });
  problems.throwIfAny();
  return scenario;
}
