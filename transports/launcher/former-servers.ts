/**
 * Servers of a launcher that was killed end by themselves, but serve first what they have begun. Whoever starts their ring
 * again at once waits for that: they still have their folders, and their ports.
 */
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { lockFolder } from '../stores/disk/lock.js';

/** More than a server's last requests take. Who is there after that is somebody else. */
const END_MS_MAX = 15_000;
const LOOK_EVERY_MS = 100;

/** @param folders of their stores @param signal nobody wants to know any more */
export async function awaitFormerServers(
  folders: readonly string[],
  progress: (text: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const until = performance.now() + END_MS_MAX;
  let isTold = false;
  for (const folder of folders) {
    while (signal?.aborted !== true && performance.now() < until && (await isInUse(folder))) {
      if (!isTold) progress('waiting for the servers of the run before to end');
      isTold = true;
      await wait(LOOK_EVERY_MS);
    }
  }
}

async function isInUse(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  try {
    const lock = await lockFolder(folder);
    await lock.release();
    return false;
  } catch {
    return true;
  }
}
