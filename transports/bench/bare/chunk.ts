/** What bare peers move at a time: as much as a server of the ring does by default. */
export const CHUNK_BYTES = 256 * 1024;

/** The first byte from whoever was dialled: its end of the connection stands. */
export const GREETING = '!';
