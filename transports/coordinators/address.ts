/**
 * Where a coordinator is: addresses as texts, and the file that the embedded one leaves behind for others to find it.
 * Must never guess: what is no address is an error that says what one looks like.
 */
import { readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export const ADDRESS_FILE = 'coordinator.txt';

/** `HOST:PORT`, a literal IPv6 address in brackets; undefined if it is none. */
export function parseHostPort(text: string): Address | undefined {
  const [, bracketed, plain, digits = ''] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

export function hostPortText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export const tcpUrl = (address: Address): string => `tcp://${hostPortText(address)}`;

/** Leaves the address in this folder, whole or not at all. */
export async function writeAddressFile(folder: string, url: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, ADDRESS_FILE);
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(`${url}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** The URL that is left there. @throws with a sentence for the operator. */
export function readAddressFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isAbsent ? 'it is not there: has the coordinator been started?' : String(error);
    throw new Error(`cannot read the coordinator's address from ${path}: ${why}`);
  }
  if (!/^[a-z]+:\/\/\S+$/.test(text)) {
    throw new Error(`${path} holds no coordinator's address: expected one line such as tcp://127.0.0.1:7100`);
  }
  return text;
}
