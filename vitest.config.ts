import { defineConfig } from 'vitest/config';
import { sweepDist } from './tools/sweep-dist.mjs';

sweepDist();

// The tests that run are the built ones, against the built code: c8 then counts the very files that Node executed, and
// its figures are true. Everything in dist except the tests is loaded by Node itself, untouched by vitest.
export default defineConfig({
  test: {
    include: ['dist/**/*.test.js'],
    exclude: ['node_modules/**'],
    pool: 'forks',
    server: { deps: { external: [/\/dist\/(?!.*\.test\.js$)/] } },
    // One worker a core: by default one core is left to vitest itself, and of two that is half.
    maxWorkers: '100%',
    setupFiles: ['./tools/take-coverage.mjs', './tools/property-seed.mjs'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
