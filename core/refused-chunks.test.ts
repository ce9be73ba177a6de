// Which entries are hollow, and until when.
import { expect, it } from 'vitest';
import { deletion, entry } from './conformance/store-life.test-kit.js';
import { RefusedChunks } from './refused-chunks.js';

const first = entry(1);

it('an entry is hollow until every chunk that was refused is here, or nobody wants them', () => {
  const book = new RefusedChunks();
  expect(book.isHollow(first)).toBe(false);
  for (const index of [0, 1]) book.refuse('u1', index);
  book.take('u1', 0);
  book.take('u1', 7);
  expect([first, entry(2), deletion(1, undefined)].map((one) => book.isHollow(one))).toEqual([true, false, false]);
  book.take('u1', 1);
  expect(book.isHollow(first)).toBe(false);
  book.refuse('u1', 0);
  book.drop('u1');
  expect(book.isHollow(first)).toBe(false);
});
