/**
 * Random numbers from a seed in the state: the core may not ask the world for any (brief §6).
 * Mulberry32. Good enough to spread retries and to tell operation ids apart, not for secrets. A leaf.
 */

/** @returns a number in [0, 2^32) and the seed for the next draw. */
export function nextRandom(seed: number): { readonly value: number; readonly seed: number } {
  const next = (seed + 0x6d2b79f5) >>> 0;
  let t = next;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return { value: (t ^ (t >>> 14)) >>> 0, seed: next };
}
