// UUIDv7 as RFC 9562 has it: version and variant in their places, text order is time order.
import { expect, it } from 'vitest';
import { randomStream } from '../random.js';
import { makeOperationId } from './operation-id.js';

it('makes well-formed ids that sort by time, to the microsecond', () => {
  const random = randomStream(7, 'ids');
  const times = [0, 1, 999, 1000, 1_767_225_600_000_000, 1_767_225_600_000_001, 1_767_225_600_001_000];
  const ids = times.map((us) => makeOperationId(us, random));
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect([...ids].sort()).toEqual(ids);
  expect(Number.parseInt((ids[6] as string).replaceAll('-', '').slice(0, 12), 16)).toBe(1_767_225_600_001);
});
