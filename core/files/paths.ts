/** Paths, checked once at the door (brief §8). A leaf. */

/** UTF-8 bytes. */
export const PATH_BYTES_MAX = 1024;

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Lone surrogates are not text and have no UTF-8 form. */
function isText(path: string): boolean {
  for (const character of path) {
    const code = character.codePointAt(0) as number;
    if (code < 0x20 || code === 0x7f || (code >= 0x80 && code < 0xa0) || (code >= 0xd800 && code < 0xe000))
      return false;
  }
  return true;
}

/** `/a/b`: absolute, NFC, no empty, `.` or `..` segment, no control character, 1,024 bytes at most. */
export function isPath(path: string): boolean {
  if (!path.startsWith('/') || !isText(path) || utf8Bytes(path) > PATH_BYTES_MAX || path.normalize('NFC') !== path) {
    return false;
  }
  return path
    .slice(1)
    .split('/')
    .every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** A prefix of paths: any text that can begin one. */
export function isPrefix(prefix: string): boolean {
  return prefix.startsWith('/') && isText(prefix) && utf8Bytes(prefix) <= PATH_BYTES_MAX;
}
