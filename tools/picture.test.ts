// The picture of core's floors in ARCHITECTURE.md shows every file, each on the floor that floors.ts gives it.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { coreFloors, coreRoom } from './floors.js';

const text = readFileSync('ARCHITECTURE.md', 'utf8');
const [, picture = ''] = /Inside `core\/`, each floor.*?\n```\n(.*?)\n```/s.exec(text) ?? [];

/** Floors from the top, each with the names on it: a line that begins with no floor goes on with the last one. */
function floorsShown(): ReadonlyMap<string, ReadonlySet<string>> {
  const shown = new Map<string, Set<string>>();
  let names = new Set<string>();
  for (const line of picture.split('\n')) {
    const [, floor, rest = line] = /^ (\w+)\/? +(.*)$/.exec(line) ?? [];
    if (floor !== undefined) {
      names = new Set();
      shown.set(floor, names);
    }
    for (const name of rest.match(/[\w-]+/g) ?? []) names.add(name);
  }
  return shown;
}

it('every file of core stands in the picture', () => {
  const shown = floorsShown();
  const missing = readdirSync('core', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.test(-kit)?\.ts$/.test(path))
    .filter((path) => {
      const name = path.replace(/^.*\/|\.ts$/g, '');
      return shown.get(coreRoom(`core/${path}`) ?? '')?.has(name) !== true;
    });
  expect(missing).toEqual([]);
  expect([...shown.keys()].reverse()).toEqual(Object.keys(coreFloors));
});
