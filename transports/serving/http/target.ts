/**
 * What a request's target names: decoded once, normalised once, here (brief §8). `..` is not resolved but left for the
 * core to refuse: whoever asks for it means no file. A leaf.
 */

export type Target =
  | { readonly kind: 'file'; readonly path: string; readonly query: URLSearchParams }
  /** Files under a prefix: a target that ends in a slash. */
  | { readonly kind: 'list'; readonly prefix: string; readonly query: URLSearchParams }
  | { readonly kind: 'page'; readonly page: string }
  | { readonly kind: 'bad'; readonly why: string };

const FILES = '/files';

/** @param text the request target as it came: `/files/a%20b?limit=1`, or the absolute form that proxies use */
export function targetOf(text: string): Target {
  // The absolute form may end with the host: what is meant is the root.
  const target = text.startsWith('/') ? text : text.replace(/^https?:\/\/[^/?]*\/?/i, '/');
  const mark = target.indexOf('?');
  const raw = mark < 0 ? target : target.slice(0, mark);
  if (raw !== FILES && !raw.startsWith(`${FILES}/`)) return { kind: 'page', page: raw };
  let path: string;
  try {
    path = decodeURIComponent(raw.slice(FILES.length)).normalize('NFC');
  } catch {
    return { kind: 'bad', why: 'the path is not percent-encoded UTF-8' };
  }
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  if (path === '' || path === '/') return { kind: 'list', prefix: '/', query };
  return path.endsWith('/') ? { kind: 'list', prefix: path, query } : { kind: 'file', path, query };
}

/** The way back: the target of a file. */
export function targetOfFile(path: string): string {
  return FILES + path.split('/').map(encodeURIComponent).join('/');
}
