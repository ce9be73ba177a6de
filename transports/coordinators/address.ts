/**
 * Where a coordinator is: its address as a URL, and the file that the embedded one leaves behind for others to find it.
 * Must never guess: what is no address is an error that says what one looks like.
 */
import { readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type HostPort, hostPortText } from '../leaves/host-port.js';

export const ADDRESS_FILE = 'coordinator.txt';

export const tcpUrl = (address: HostPort): string => `tcp://${hostPortText(address)}`;

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
