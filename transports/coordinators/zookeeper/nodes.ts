/**
 * Keys as paths of znodes, values as their bytes: JSON, laid out so that `zkCli.sh get` shows it readably. A large view is
 * compressed. Must never write what ZooKeeper would refuse (1 MiB for a znode with everything around it).
 */
import { deflateSync, inflateSync } from 'node:zlib';
import type { CoordinatorValue, Key } from '../../../core/coordinator-port.js';
import { decodeValue, plainValue, VALUE_BYTES_MAX } from '../values.js';

/** Folders below the root; the register stands beside them. */
export const FOLDERS = ['lives', 'members', 'statistics'] as const;

const COMPRESS_FROM_BYTES = 512 * 1024;
/** Of what was compressed: larger than any view that is possible. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;
const OPENING_BRACE = 0x7b;

/** @throws URIError for what is no text. */
export function pathOf(root: string, key: Key): string {
  return `${root}/${key.split('/').map(escapeName).join('/')}`;
}

export function keyOf(root: string, path: string): Key {
  const names = path.slice(root.length + 1);
  try {
    return names.split('/').map(decodeURIComponent).join('/');
  } catch {
    // Somebody else's: no key is written so.
    return names;
  }
}

/** ZooKeeper takes neither control characters nor the names `.` and `..`. Ordinary names stay as they are. */
function escapeName(name: string): string {
  return /^\.{1,2}$/.test(name) ? name.replaceAll('.', '%2E') : encodeURIComponent(name);
}

/** @throws if it is too large. */
export function bytesOf(value: CoordinatorValue): Buffer {
  const text = Buffer.from(textOf(value));
  const bytes = text.length < COMPRESS_FROM_BYTES ? text : deflateSync(text);
  if (bytes.length <= VALUE_BYTES_MAX) return bytes;
  throw new Error(
    `a ${value.kind} of ${text.length} bytes (${bytes.length} compressed) is more than a znode holds ` +
      `(${VALUE_BYTES_MAX}): found the cluster with fewer shards`,
  );
}

/** @throws with what is wrong, if it is no value. */
export function valueIn(bytes: Buffer): CoordinatorValue {
  const isText = bytes[0] === OPENING_BRACE;
  return decodeValue(String(isText ? bytes : inflateSync(bytes, { maxOutputLength: INFLATED_BYTES_MAX })));
}

/** Of a view, one line for each member and each chain. */
function textOf(value: CoordinatorValue): string {
  const plain = plainValue(value);
  if (value.kind !== 'view') return JSON.stringify(plain);
  const fields = Object.entries(plain['view'] as object).flatMap(([name, field]) => {
    if (field === undefined) return [];
    const lines = Array.isArray(field)
      ? `[\n${field.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]`
      : undefined;
    return [`${JSON.stringify(name)}: ${lines ?? JSON.stringify(field)}`];
  });
  return `{"kind": "view", "view": {\n${fields.join(',\n')}\n}}\n`;
}
