/**
 * `npm run sim <file…> [-- flags]`: the simulator's command line. Only ties the real parts together.
 */
import { readFileSync } from 'node:fs';
import { runProcess } from './cli/run-process.js';
import { formatScenarioError, loadScenario, ScenarioError } from './scenario/load.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

await runProcess({
  loader: {
    load: loadScenario,
    explain: (error) => (error instanceof ScenarioError ? formatScenarioError(error) : undefined),
  },
  workerFile: new URL('./cli/worker.js', import.meta.url),
  version,
  now: () => performance.now(),
});
