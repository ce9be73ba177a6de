import { describe, expect, it } from 'vitest';
import { connectionsWithin, openFilesMax, placesWithin } from './open-files.js';

const WISHED = { connectionsMax: 1024, turnedAwayMax: 64 };

describe('files that may be open', () => {
  it('are a number that a process can work with', () => {
    expect(openFilesMax()).toBeGreaterThan(100);
  });

  it.each([Number.POSITIVE_INFINITY, 20_000, 2_432])('leave room for all connections that are wished: %d', (files) => {
    expect(placesWithin(files, WISHED, 2)).toEqual(WISHED);
  });

  it.each([2_431, 1_024, 513, 512, 256, 64])('leave room for a part of them: %d', (files) => {
    const { connectionsMax, turnedAwayMax } = placesWithin(files, WISHED, 2);
    expect(connectionsMax).toBeGreaterThan(turnedAwayMax);
    expect(turnedAwayMax).toBeGreaterThan(0);
    // What is left for its own files.
    expect(files - 2 * (connectionsMax + turnedAwayMax)).toBeGreaterThanOrEqual(Math.min(256, files / 2));
  });

  it('are one door’s alone where there is only one', () => {
    expect(connectionsWithin(1_024, 4_096, 1)).toBe(768);
  });
});
