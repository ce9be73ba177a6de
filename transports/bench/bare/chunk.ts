/** What bare peers move at a time: as much as a server of the ring does by default. */
export const CHUNK_BYTES = 256 * 1024;
