// vitest ends its workers without letting V8 write its coverage: ask for it after each test file.
import v8 from 'node:v8';
import { afterAll } from 'vitest';

afterAll(() => {
  if (process.env.NODE_V8_COVERAGE) v8.takeCoverage();
});
