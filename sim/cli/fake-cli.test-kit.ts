/**
 * The command as a process of its own, over fake runs: for what only a process shows (streams, signals, exit codes).
 */
import { fakeLoader } from './fake-runs.test-kit.js';
import { runProcess } from './run-process.js';

await runProcess({
  loader: fakeLoader,
  workerFile: new URL('./fake-worker.test-kit.js', import.meta.url),
  version: '1.2.3',
  now: () => performance.now(),
});
