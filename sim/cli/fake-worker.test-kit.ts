/**
 * A worker that runs fake runs.
 */
import { fakeRunner } from './fake-runs.test-kit.js';
import { serveRuns } from './serve-runs.js';

serveRuns(fakeRunner);
