/** Sizes of files as rows name them. A leaf. */

export interface Size {
  /** As in the names of rows: `64 MiB`. */
  readonly text: string;
  readonly bytes: number;
}

export const MB = 1e6;
const MIB = 1024 * 1024;
export const SMALL: Size = { text: '4 KiB', bytes: 4096 };
export const MIDDLE: Size = { text: '1 MiB', bytes: MIB };
export const BULK: Size = { text: '64 MiB', bytes: 64 * MIB };
export const READERS_FILE: Size = { text: '16 MiB', bytes: 16 * MIB };
