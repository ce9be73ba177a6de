/**
 * Every bound of the wire format, with its unit, in one place. What a door lets in must fit in here: a frame that its
 * own sender could not have read would break every link it is put on. A leaf.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

export const FRAME_LIMITS = {
  /** Bytes of a frame's control part. The largest are pages of lists and lessons: 256 files with the longest of paths. */
  controlBytesMax: 4 * MIB,
  /** Bytes of one chunk, so also the largest chunk size that a cluster can be founded with. */
  chunkBytesMax: 16 * MIB,
  /** What a connection reads into before a chunk has come. */
  scratchBytes: 64 * KIB,
  /** What it reads into afterwards has so much more room than the largest chunk so far: for heads and control frames. */
  slabRoomBytes: 4 * KIB,
  /** UTF-16 units of a member's id, a cluster's, an address, an upload's id, an operation's, a fingerprint, a digest. */
  nameCharsMax: 256,
  /** UTF-16 units of a content type. */
  contentTypeCharsMax: 1024,
  /** Members of a ring, and of one chain. */
  membersMax: 1024,
  shardsMax: 65_536,
  transitSlotsMax: 65_536,
  /** Items in any other list: entries, outcomes, files of a page, ranges. */
  itemsMax: 65_536,
} as const;
