/** Which boot of the machine this is: what was not synced before another one may be lost. */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** Boot times that were computed may differ by so much and be the same. */
const COARSE_MS = 60_000;

export function bootName(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `since ${Math.round((Date.now() - uptime() * 1000) / COARSE_MS)}`;
  }
}
