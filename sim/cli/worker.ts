/**
 * A worker thread of the simulator's command line.
 */
import { runScenario } from '../run.js';
import { serveRuns } from './serve-runs.js';

serveRuns(runScenario);
