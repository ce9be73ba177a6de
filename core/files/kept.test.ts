import { expect, it } from 'vitest';
import type { Chunk, FileRecord } from '../file.js';
import { initialState } from '../state.js';
import type { Turn } from '../turn.js';
import { forgetKept, isWorthKeeping, keepFile, keptFile } from './kept.js';

const CHUNK_BYTES = 200;

function turnWith(limits: { keptFilesMax: number; keptFileBytesMax: number }): Turn {
  const state = initialState({ id: 'n1', incarnation: 1, address: 'n1:1', clusterId: 'test', seed: 0, limits });
  return { now: 0, state: { ...state }, outputs: [], launched: [], settled: 0, newView: undefined };
}

function fileOf(length: number, sequence = 1): FileRecord {
  const manifest = { upload: `n2.1.${sequence}`, length, chunkBytes: CHUNK_BYTES, sha256: '', contentType: '' };
  return { version: { epoch: 1, sequence }, manifest: { ...manifest, modifiedMs: 0 } };
}

const chunkOf = ({ manifest }: FileRecord, length = manifest.length): Chunk => {
  return { upload: manifest.upload, index: 0, length, checksum: 0, payload: undefined };
};

it('small files are kept, and only when they are whole', () => {
  const turn = turnWith({ keptFilesMax: 2, keptFileBytesMax: 100 });
  const isWorth = (length: number, chunkBytes = length): boolean =>
    isWorthKeeping(turn, fileOf(length), chunkOf(fileOf(length), chunkBytes));
  expect([isWorth(1), isWorth(100), isWorth(101)]).toEqual([true, true, false]);
  // The last chunk of a file of two.
  expect(isWorth(CHUNK_BYTES + 50, 50)).toBe(false);
});

it('the one that was used longest ago makes room', () => {
  const turn = turnWith({ keptFilesMax: 2, keptFileBytesMax: 100 });
  const keep = (path: string, sequence: number): void => {
    const file = fileOf(10, sequence);
    keepFile(turn, path, file, chunkOf(file));
  };
  const sequences = (): unknown => ['/a', '/b', '/c'].map((path) => keptFile(turn, path)?.file.version.sequence);
  keep('/a', 1);
  keep('/b', 2);
  keep('/a', 1);
  keep('/c', 3);
  expect(sequences()).toEqual([1, undefined, 3]);
  keep('/a', 4);
  expect(sequences()).toEqual([4, undefined, 3]);
  forgetKept(turn, '/a');
  keep('/b', 5);
  expect(sequences()).toEqual([undefined, 5, 3]);
  expect([turn.state.reads.kept.size, turn.state.reads.keptByUse.size]).toEqual([2, 2]);
});
