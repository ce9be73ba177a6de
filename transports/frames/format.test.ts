// FORMAT.md says what the code does: its tables are those of kinds.ts and parts.ts, its example is a real frame.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from './codec.js';
import { kinds } from './kinds.js';
import { structures } from './parts.js';

const format = readFileSync(new URL('../../../transports/frames/FORMAT.md', import.meta.url), 'utf8');

const row = (...columns: readonly string[]): string => columns.join(' ').trimEnd();

describe('FORMAT.md', () => {
  it.each(
    Object.entries(kinds).map(([kind, { type, body }]) => [
      kind,
      row('', String(type).padStart(2), kind.padEnd(10), body.listing),
    ]),
  )('has the fields of %s', (_, line) => {
    expect(format.split('\n')).toContain(line);
  });

  it.each(structures.map(({ says, listing }) => [says, row(says.padEnd(13), listing)]))(
    'has the structure %s',
    (_, line) => {
      expect(format.split('\n')).toContain(line);
    },
  );

  it('has an example that is one', () => {
    const { head } = encodeFrame({ kind: 'credit', epoch: 7, count: 1 }, 1);
    expect(format).toContain(head.toString('hex').replace(/../g, '$& ').trim());
  });
});
