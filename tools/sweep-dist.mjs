// tsc leaves the output of a deleted or renamed source behind, and a test that no longer exists would go on running.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Removes from dist what was built from sources that are gone. */
export function sweepDist() {
  for (const room of ['core', 'sim', 'transports', 'tools']) {
    const folder = join(root, 'dist', room);
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const source = /^(.+?)(\.d\.ts|\.js)(\.map)?$/.exec(name)?.[1];
      if (source === undefined || existsSync(join(root, room, `${source}.ts`))) continue;
      rmSync(join(folder, name), { force: true });
    }
  }
}
