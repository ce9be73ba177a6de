/**
 * Numbers as people read them. No locale: the same figures print the same on every machine.
 */

/** 1234567 → `1,234,567`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 1 → `1 server`, 2 → `2 servers`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Bytes in binary units, one decimal. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let scaled = value;
  let unit = 0;
  // 1023.95 would print as 1024.0 of the smaller unit.
  while (scaled >= (unit === 0 ? 1024 : 1023.95) && unit < units.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? count(scaled) : scaled.toFixed(1)} ${units[unit]}`;
}

/** A length of time in milliseconds, with three digits that matter at most. */
export function duration(ms: number): string {
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${count(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** A point in virtual time: `2.013s`. */
export function virtualTime(us: number): string {
  return `${(us / 1_000_000).toFixed(3)}s`;
}

/** How many a second, to three digits; undefined where no time went by. */
export function perSecond(howMany: number, ms: number): string | undefined {
  if (!(ms > 0)) return undefined;
  const rate = (howMany * 1000) / ms;
  if (rate < 99.95) return rate.toFixed(1);
  const step = 10 ** Math.max(0, Math.floor(Math.log10(rate)) - 2);
  return count(Math.round(rate / step) * step);
}
