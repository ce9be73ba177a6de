/**
 * `npm run -s fault-suite`: all scenarios, and chaos, under many seeds. Only ties the real parts together.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { runProcess } from './cli/run-process.js';
import { suite } from './cli/suite.js';
import { formatScenarioError, loadScenario, ScenarioError } from './scenario/load.js';

const project = new URL('../../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', project), 'utf8')) as { version: string };
const files = readdirSync(new URL('scenarios/', project))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `scenarios/${name}`);

await runProcess(
  {
    loader: {
      load: loadScenario,
      explain: (error) => (error instanceof ScenarioError ? formatScenarioError(error) : undefined),
    },
    workerFile: new URL('./cli/worker.js', import.meta.url),
    version,
    now: () => performance.now(),
  },
  (context) => suite(context, files),
);
