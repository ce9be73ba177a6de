/** Bytes to send: the same for the same length, and nothing that could be compressed or guessed. A leaf. */

const payloads = new Map<number, Buffer>();
/** As many are kept; every size is asked for again and again. */
const PAYLOADS_MAX = 4;

export function payloadOf(bytes: number): Buffer {
  const known = payloads.get(bytes);
  if (known !== undefined) return known;
  const words = new Uint32Array(Math.ceil(bytes / 4));
  let state = 0x9e37_79b9 ^ bytes;
  for (let i = 0; i < words.length; i++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  const payload = Buffer.from(words.buffer, 0, bytes);
  if (payloads.size >= PAYLOADS_MAX) payloads.clear();
  payloads.set(bytes, payload);
  return payload;
}
