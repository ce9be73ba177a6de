// Whoever has connections closed by the thousand does not fill the log.
import { expect, it } from 'vitest';
import { tellViolations, VIOLATIONS_TOLD_MAX } from './violations.js';

it('tells of some in any time, and how many more there were', () => {
  const lines: object[] = [];
  let nowMs = 0;
  const log = { warn: (line: object) => void lines.push(line) };
  const tell = tellViolations(log as never, () => nowMs);
  for (let i = 0; i < 1000; i++) tell('127.0.0.1 port 1', 'no preface');
  expect(lines).toHaveLength(VIOLATIONS_TOLD_MAX);
  nowMs = 10_000;
  tell('127.0.0.1 port 2', 'TLS');
  expect(lines.slice(VIOLATIONS_TOLD_MAX)).toEqual([
    { connections: 1000 - VIOLATIONS_TOLD_MAX },
    { where: '127.0.0.1 port 2', why: 'TLS' },
  ]);
});
