/** The Range header (RFC 9110 §14): one range of bytes; whatever else it says is answered with the whole file. A leaf. */

export type WantedRange =
  | { readonly kind: 'whole' }
  /** Bytes [from, to); to undefined: up to the end. */
  | { readonly kind: 'from'; readonly from: number; readonly to: number | undefined }
  /** The last so many bytes. */
  | { readonly kind: 'last'; readonly bytes: number };

const WHOLE: WantedRange = { kind: 'whole' };

const position = (digits: string): number => Math.min(Number(digits), Number.MAX_SAFE_INTEGER - 1);

export function rangeOf(header: string | undefined): WantedRange {
  const match = header === undefined ? null : /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header);
  if (match === null) return WHOLE;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? WHOLE : { kind: 'last', bytes: position(last) };
  const from = position(first);
  if (last === '') return { kind: 'from', from, to: undefined };
  const to = position(last) + 1;
  return to > from ? { kind: 'from', from, to } : WHOLE;
}
