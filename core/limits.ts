/**
 * Every bound of a server, with its unit, in one place. What a whole cluster must agree on is in the view's settings.
 * A leaf: changing a number here changes no meaning.
 */

export interface Limits {
  /** How often a server says it lives, over each of its two links. */
  readonly heartbeatMs: number;
  /** A link on which nothing was heard for so long is dead. */
  readonly silenceMs: number;
  /** How long a dial may take. */
  readonly dialMs: number;
  /** Broken links are gathered for so long before a view is proposed, and looked at again so often. */
  readonly gatherMs: number;
  /** A smaller part of the ring waits so long for the larger, silent one before it goes on alone. */
  readonly patienceMs: number;
  /** Dials under way at once while looking for a living predecessor. */
  readonly probesMax: number;
  /** Connections a server keeps at once. */
  readonly linksMax: number;
  /** Data frames handed to the outgoing link and not yet drained by it. */
  readonly wireFramesMax: number;
  /** Data frames a server may insert between two visits of the token. */
  readonly quotaFrames: number;
  /** How long the ring's first member holds the token while nobody inserts anything. */
  readonly tokenIdleMs: number;
  /** The first member reissues the token when it has not come back for so long. */
  readonly tokenLostMs: number;
  /** Chunks of one upload between two markers; at most two such windows are unconfirmed. */
  readonly uploadWindowChunks: number;
  /** A client that neither sends nor takes anything for so long is given up. */
  readonly clientIdleMs: number;
  /** Client operations at one server at once; one more is refused as busy. */
  readonly operationsMax: number;
  /** Puts of small files whose bytes go with their proposal, past all data: in the whole ring, each server its part. 0: never. */
  readonly parcelsMax: number;
  /** How long a client waits for an answer, from its last byte. */
  readonly operationMs: number;
  /** What was asked of the ring and did not come back is asked again so often, plus hopMs for each member. */
  readonly retryMs: number;
  /** Allowance for one link, added to whatever waits for a revolution. */
  readonly hopMs: number;
  /** Uncommitted entries of one shard; the head refuses more as busy. */
  readonly logEntriesMax: number;
  /** Entries in one replicate frame, outcomes in one commit frame. */
  readonly batchEntriesMax: number;
  /** A member waits so long for chunks that are still on their way before it fetches them. */
  readonly chunkGraceMs: number;
  /** Chunks that a member asks for at once, of all shards that it learns, to complete its entries or its tables. */
  readonly repairChunksMax: number;
  /** At once, of all these shards, at most as many bytes as so many full chunks have; of each at least one. */
  readonly repairFullChunksMax: number;
  /** Bytes of replaced or deleted versions stay so long after their last use. */
  readonly retiredGraceMs: number;
  /** Remembered outcomes of one shard; the oldest goes first and raises the floor. */
  readonly outcomesMax: number;
  /** Refused attempts the head remembers, per shard and epoch. */
  readonly refusalsMax: number;
  /** How far ahead of the server's clock the birth time of an operation id may lie. */
  readonly operationAheadMs: number;
  /** Chunks ahead of a reader that are kept for it or asked for. */
  readonly readWindowChunks: number;
  /** Chunks kept for readers beyond their windows because they pass anyway, all readings of a server together. */
  readonly catchAheadChunks: number;
  /** Servers whose readers wait for one want. */
  readonly wantSharersMax: number;
  /** Wants that one shuttle carries. */
  readonly shuttleWantsMax: number;
  /** Small files that one server outside their chains keeps for further readers. */
  readonly keptFilesMax: number;
  /** Bytes of the largest file that is kept so. */
  readonly keptFileBytesMax: number;
  /** Chunks waiting to be boarded, and boardings remembered, at one holder. */
  readonly boardingsMax: number;
  /** Chunks read from the store or ready to be inserted for boarding at once. */
  readonly boardingReadsMax: number;
  /** One idle chunk is boarded per ring in so many milliseconds, when nobody waits for anything. 0: never. */
  readonly idleChunkMs: number;
  /** Files whose heat a holder remembers. */
  readonly hotFilesMax: number;
  /** A session with the coordinator on which nothing was heard for so long counts as over (hazard 3). */
  readonly sessionMs: number;
  /** The register is read again so often, in case a watch was lost. */
  readonly pollMs: number;
  /** A coordinator that does not connect, or an entry that is in the way, is tried again so often. */
  readonly reconnectMs: number;
  /** An entry in our way that another store made is looked at so often, reconnectMs apart: then that server lives. */
  readonly foreignLooksMax: number;
  /** Joins, promotions and placement are proposed so often, all that are due in one change. */
  readonly planMs: number;
  /** A learner that holds up its tail for so long is given up. */
  readonly holdMs: number;
  /** Back-off before a server that was removed asks for a seat again; doubled each time, up to 64 times. */
  readonly readmitMs: number;
  /** A lost shard waits so long for its other lost members before one brings it back alone. */
  readonly reviveMs: number;
  /** A ring of which nobody answers is dead after so long. */
  readonly deadRingMs: number;
  /** Latest committed entries of a shard that a chain member keeps for learners. */
  readonly historyEntriesMax: number;
  /** A base is written when so many entries came behind the last one, or as many as it has files and outcomes. */
  readonly baseEntriesMin: number;
  /** Shards for which one server is caught up at once. */
  readonly learningMax: number;
  /** Files and outcomes in one page of a lesson. */
  readonly lessonPageMax: number;
  /** Paths in one page of a list. */
  readonly listPageMax: number;
}

export const DEFAULT_LIMITS: Limits = {
  heartbeatMs: 100,
  silenceMs: 350,
  dialMs: 200,
  gatherMs: 2,
  patienceMs: 1500,
  probesMax: 4,
  linksMax: 16,
  wireFramesMax: 2,
  quotaFrames: 16,
  tokenIdleMs: 20,
  tokenLostMs: 3000,
  uploadWindowChunks: 8,
  clientIdleMs: 30_000,
  operationsMax: 256,
  parcelsMax: 40,
  operationMs: 10_000,
  retryMs: 400,
  hopMs: 5,
  logEntriesMax: 256,
  batchEntriesMax: 64,
  chunkGraceMs: 10,
  repairChunksMax: 128,
  repairFullChunksMax: 16,
  retiredGraceMs: 5_000,
  outcomesMax: 4_096,
  refusalsMax: 1_024,
  operationAheadMs: 60_000,
  readWindowChunks: 16,
  catchAheadChunks: 256,
  wantSharersMax: 64,
  shuttleWantsMax: 64,
  keptFilesMax: 1_024,
  keptFileBytesMax: 16_384,
  boardingsMax: 4_096,
  boardingReadsMax: 4,
  idleChunkMs: 250,
  hotFilesMax: 1_024,
  sessionMs: 2_000,
  pollMs: 1_000,
  reconnectMs: 200,
  foreignLooksMax: 100,
  planMs: 500,
  holdMs: 1_500,
  readmitMs: 250,
  reviveMs: 2_000,
  deadRingMs: 3_000,
  historyEntriesMax: 512,
  baseEntriesMin: 256,
  learningMax: 16,
  lessonPageMax: 256,
  listPageMax: 256,
};
