/** Results in words: one line each for people, one value each for tools. */
import { bytes } from '../../core/figures.js';
import type { Absent, FileInfo, OutcomeUnknown, Refused } from '../client/client.js';
import { printable } from './look.js';

/** What went wrong with one path. */
export function troubleLine(path: string, result: Absent | Refused | OutcomeUnknown): string {
  const shown = printable(path);
  switch (result.result) {
    case 'absent':
      return `${shown}: no such file`;
    case 'refused':
      return `${shown}: ${result.detail} [${result.code}]`;
    case 'unknown':
      return (
        `${shown}: outcome unknown: ${result.detail} [${result.code}]\n` +
        `  it may have happened, or happen yet: repeat the same with --operation ${result.operation} to learn`
      );
  }
}

export const fileLine = ({ path, version, length, sha256 }: Omit<FileInfo, 'contentType' | 'modifiedMs'>): string =>
  `${printable(path)}  ${bytes(length)}  version ${version}  sha256 ${sha256}`;

/** `2026-03-01 17:05:09`, in the time of this machine. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return '-';
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
