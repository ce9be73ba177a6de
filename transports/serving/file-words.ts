/** What every client protocol holds a file's words to: other protocols have to repeat them. A leaf. */

/** Characters. */
export const CONTENT_TYPE_MAX = 256;
const PRINTABLE = /^[\x20-\x7e]+$/;

export const isContentType = (text: string): boolean => text.length <= CONTENT_TYPE_MAX && PRINTABLE.test(text);
