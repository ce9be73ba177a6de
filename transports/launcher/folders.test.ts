import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from './folders.js';

let place = '';
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'ppnfs-folders-'));
});
afterAll(() => rm(place, { recursive: true }));

describe('a folder for data', () => {
  it('is made with those above it, and may be there already', async () => {
    const folder = join(place, 'a', 'b');
    await makeFolder(folder);
    await makeFolder(folder);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });

  it('where a file is, is refused with its name', async () => {
    const file = join(place, 'file');
    await writeFile(file, '');
    await expect(makeFolder(file)).rejects.toThrow(`${file} is no folder`);
    await expect(makeFolder(join(file, 'below', 'it'))).rejects.toThrow(`${file} is no folder`);
  });

  it('that is a link to nothing is refused', async () => {
    const link = join(place, 'link');
    await symlink(join(place, 'nothing'), link);
    await expect(makeFolder(join(link, 'below'))).rejects.toThrow(`${link} leads nowhere`);
  });

  it.runIf(process.platform === 'linux')(
    'that the system does not let anybody make is refused, not tried for ever',
    async () => {
      await expect(makeFolder('/proc/ppnfs/n1')).rejects.toThrow('cannot make the folder /proc/ppnfs (ENOENT)');
    },
  );
});
