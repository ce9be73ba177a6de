/** Planted bugs in what a whole ring does: reading, deciding, replicating, streaming. Data only. */
import type { Mutant } from './mutant.js';

const reading: readonly Mutant[] = [
  {
    name: 'want-of-another-epoch-passes',
    rule: 'A frame of an older epoch is dropped, so that a server that was removed brings no want home.',
    file: 'core/step.ts',
    find: 'else if (frame.epoch < view.epoch) onStaleFrame',
    replace: "else if (frame.epoch < view.epoch && frame.kind !== 'shuttle') onStaleFrame",
    scenarios: ['live-tail-is-struck-from-the-view'],
  },
  {
    name: 'want-checked-by-its-chain-only',
    rule: "Every member stops a want of another epoch, not only the members of its path's chain.",
    file: 'core/step.ts',
    find: 'else if (frame.epoch < view.epoch) onStaleFrame',
    replace: `else if (
    frame.epoch < view.epoch &&
    !(frame.kind === 'shuttle' && isOutsideChains(frame.epoch, turn.state.self))
  ) onStaleFrame`,
    also: [
      {
        file: 'core/step.ts',
        find: '      install(turn, view);',
        replace: '      chainsOf.set(view.epoch, view.chains);\n      install(turn, view);',
      },
      {
        file: 'core/step.ts',
        find: 'const TIMER_TASKS:',
        replace: `const chainsOf = new Map<number, NodeState['view']['chains']>();
const isOutsideChains = (epoch: number, self: string): boolean =>
  chainsOf.get(epoch)?.every(({ members }) => !members.includes(self)) === true;
const TIMER_TASKS:`,
      },
    ],
    scenarios: ['a-server-outside-the-chain-is-struck-from-the-view'],
  },
  {
    name: 'reader-joins-stamped-want',
    rule: "Readers join another server's want only while nobody has stamped it.",
    file: 'core/files/wants.ts',
    find: 'if (frame.stamp !== undefined || frame.awaitedBy',
    replace: 'if (frame.awaitedBy',
    scenarios: ['readers-share-wants'],
  },
  {
    name: 'any-member-stamps',
    rule: 'Only the tail of a chain says what a path holds.',
    file: 'core/files/wants.ts',
    find: 'placeIn(turn, frame.shard)?.isTail !== true',
    replace: 'placeIn(turn, frame.shard) === undefined',
    scenarios: ['readers-share-wants'],
  },
  {
    name: 'known-to-its-sender-only',
    rule: 'Who joins a want and does not know the version that it names has the tail say what the file is.',
    file: 'core/files/wants.ts',
    find: 'return { ...frame, known: known?.version, awaitedBy',
    replace: 'return { ...frame, awaitedBy',
    scenarios: ['readers-share-wants'],
  },
  {
    name: 'write-under-way-overlooked',
    rule: 'A member does not say itself what a path holds while its log has a write of it that may be committed.',
    file: 'core/files/at-hand.ts',
    find: 'place.isTail || !pendingPaths.has(path)',
    replace: 'place.isTail || pendingPaths.size >= 0',
    scenarios: ['a-commit-lost-with-its-link-is-missed-by-nobody'],
  },
  {
    name: 'at-hand-without-a-revolution',
    rule: 'What is at hand is said only after a revolution in the epoch.',
    file: 'core/files/shuttles.ts',
    find: '  else changeReads(turn, { unconfirmed: reads.unconfirmed.set(reader.request, true) });',
    replace: '  else answerConfirmed(turn, [reader.request]);',
    scenarios: ['live-tail-is-struck-from-the-view'],
  },
  {
    name: 'late-riders-count-as-aboard',
    rule: 'A reader that came when the shuttle had left needs a revolution of its own.',
    file: 'core/files/shuttles.ts',
    find: '  const readers = rides.get(key)?.readers ?? [];',
    replace: `  const late = [...turn.state.reads.unconfirmed.keys()];
  const readers = [...(rides.get(key)?.readers ?? []), ...late];`,
    scenarios: ['small-files-are-read-again-and-again'],
  },
  {
    name: 'kept-file-outlives-a-commit',
    rule: 'A kept file is served only while no commit of its path has passed since it was confirmed.',
    file: 'core/files/at-hand.ts',
    find: 'for (const { path } of outcomes) forgetKept(turn, path);',
    replace: 'for (const { path } of outcomes.slice(1)) forgetKept(turn, path);',
    scenarios: ['small-files-are-read-again-and-again'],
  },
  {
    name: 'kept-file-outlives-its-epoch',
    rule: 'A kept file is served only in the epoch in which it was confirmed.',
    file: 'core/files/at-hand.ts',
    find: 'return kept?.epoch === turn.state.view.epoch ?',
    replace: 'return kept !== undefined ?',
    scenarios: ['what-is-at-hand-is-of-its-epoch'],
  },
  {
    name: 'kept-as-of-its-delivery',
    rule: 'A kept file counts as of when its version was heard to hold, not as of when its bytes came.',
    file: 'core/files/at-hand.ts',
    find: 'if (asOf.epoch === epoch && asOf.commits === commits) keepFile',
    replace: 'if (asOf.epoch === epoch && asOf.commits <= commits) keepFile',
    scenarios: ['small-files-are-read-again-and-again'],
  },
  {
    name: 'overdue-ride-counts-as-home',
    rule: 'A ride that takes too long is begun anew; it confirms nothing before it is home.',
    file: 'core/files/shuttles.ts',
    find: '    if (!ride.isOverdue) {',
    replace: '    answerConfirmed(turn, ride.readers);\n    if (!ride.isOverdue) {',
    scenarios: ['a-server-that-is-cut-off-says-nothing-of-what-it-has'],
  },
  {
    name: 'gap-told-by-its-neighbour-only',
    rule: 'A shuttle that came over a link that was restored says so for the rest of its way.',
    file: 'core/files/shuttles.ts',
    find: 'const isGapped = frame.isGapped || links.wasRestored;',
    replace: 'const isGapped = links.wasRestored;',
    scenarios: ['a-commit-lost-far-away-leaves-nobody-with-an-old-file'],
  },
  {
    name: 'lost-commit-overlooked',
    rule: 'In an epoch in which a link was restored nobody relies on having heard every commit.',
    file: 'core/files/shuttles.ts',
    find: 'const isGapped = frame.isGapped || links.wasRestored;',
    replace: 'const isGapped = frame.isGapped && links.wasRestored;',
    scenarios: ['a-commit-lost-with-its-link-is-missed-by-nobody'],
  },
  {
    name: 'tail-serves-everybody',
    rule: 'The bytes come from the member of the chain that the stream passes last before the reader.',
    file: 'core/view/view.ts',
    find: 'if (nearest === undefined || distance(view, member, id) < distance(view, nearest, id)) nearest = member;',
    replace: 'nearest = member;',
    scenarios: ['readers-are-served-by-the-holder-nearest-before-them'],
  },
];

const deciding: readonly Mutant[] = [
  {
    name: 'head-refuses-directly',
    rule: 'A failed precondition is a log entry, told when it is committed.',
    file: 'core/chain/head.ts',
    find: '  const entry: LogEntry = { id, proposal: frame.proposal, outcome };',
    replace: `  if (outcome.result === 'precondition-failed') {
    launch(turn, frame.origin, { kind: 'reminder', operation: frame.proposal.operation, outcome });
    return;
  }
  const entry: LogEntry = { id, proposal: frame.proposal, outcome };`,
    scenarios: ['conditional-puts-race'],
  },
  {
    name: 'acknowledged-at-the-head',
    rule: 'A write is answered when the tail has committed it, not when the head has ordered it.',
    file: 'core/chain/head.ts',
    find: '  appendEntries(turn, frame.shard, [entry]);',
    replace: `  appendEntries(turn, frame.shard, [entry]);
  launch(turn, frame.origin, { kind: 'reminder', operation: frame.proposal.operation, outcome });`,
    scenarios: ['head-crashes-after-persisting'],
  },
  {
    name: 'precondition-judged-by-committed-state',
    rule: 'The head judges preconditions by its whole log, committed or not.',
    file: 'core/chain/shards.ts',
    find: 'if (pending === undefined) return shard.files.get(path);',
    replace: 'if (pending === undefined || shard.log.get(pending) !== undefined) return shard.files.get(path);',
    scenarios: ['conditional-puts-race'],
  },
  {
    name: 'outcome-not-remembered',
    rule: 'A repeated write gets its remembered outcome, and is not ordered again.',
    file: 'core/chain/head.ts',
    find: 'if (remembered !== undefined) {',
    replace: 'if (remembered !== undefined && remembered.fingerprint !== fingerprint) {',
    scenarios: ['tail-crashes-after-committing'],
  },
  {
    name: 'pending-write-ordered-again',
    rule: 'A repeated write that is in the log already waits for its commit.',
    file: 'core/chain/head.ts',
    find: '  if (shard.pendingOperations.has(operation)) return;\n',
    replace: '',
    scenarios: ['tail-crashes-after-appending'],
  },
  {
    name: 'too-few-replicas-told',
    rule: 'A commit on fewer members than min-replicas is told to nobody.',
    file: 'core/files/proposals.ts',
    find: 'if (chainLength < turn.state.view.settings.minReplicas) {',
    replace: 'if (chainLength < 0) {',
    scenarios: ['put-on-a-shortened-chain-is-unknown'],
  },
];

const replicating: readonly Mutant[] = [
  {
    name: 'late-chunk-without-its-entry',
    rule: 'An entry whose chunk the disk did not take is written once more behind that chunk.',
    file: 'core/chain/rewriting.ts',
    find: 'rewrites = rewrites.set(sequence, persist(turn, shardId, [entry]));',
    replace: 'rewrites = rewrites.set(sequence, CHUNK_MISSING);',
    also: [
      {
        file: 'core/chain/rewriting.ts',
        find: "import { isAnswered, persist } from '../durability.js';",
        replace: "import { isAnswered } from '../durability.js';",
      },
    ],
    scenarios: ['entries-whose-chunks-a-full-disk-did-not-take-are-written-once-more'],
  },
  {
    name: 'acknowledged-before-durable',
    rule: 'Entries are committed when they are durable, not when they are appended.',
    file: 'core/chain/replication.ts',
    find: '  persist(turn, shardId, entries);\n',
    replace: `  persist(turn, shardId, entries);
  changeShard(turn, shardId, { durable: last.sequence });
`,
    scenarios: ['ring-of-three'],
  },
  {
    name: 'committed-before-all-have-it',
    rule: 'The tail commits what is durable with every member, not with itself alone.',
    file: 'core/chain/commit.ts',
    find: 'commitLimit(shard, durableTo(turn, shardId))',
    replace: 'commitLimit(shard, Math.max(shard.durable, durableTo(turn, shardId)))',
    scenarios: ['ring-of-three'],
  },
  {
    name: 'durable-said-for-oneself-alone',
    rule: 'A member says what is durable with it and with everybody before it.',
    file: 'core/chain/durable-prefix.ts',
    find: 'return Math.min(durable, Math.max(durableBefore, committed.sequence));',
    replace: 'return Math.max(durable, Math.min(durableBefore, committed.sequence));',
    scenarios: ['ring-of-three'],
  },
  {
    name: 'suffix-not-resent',
    rule: 'All that is not known to be committed is sent again on a new edge of the chain.',
    file: 'core/chain/replication.ts',
    find: 'Math.min(passableTo(turn, shard), shard.committed.sequence)',
    replace: 'Math.min(passableTo(turn, shard), shard.sentTo)',
    scenarios: ['middle-crashes-after-appending'],
  },
  {
    name: 'resend-not-deduplicated',
    rule: 'An entry that is sent again is known by its identity, and not appended again.',
    file: 'core/chain/replication.ts',
    find: '    if (entry.id.sequence <= shard.last.sequence) compare(shard, entry);',
    replace: `    const next = { ...entry, id: { ...shard.last, sequence: shard.last.sequence + 1 } };
    if (shard.log.has(entry.id.sequence)) waiting = waiting.set(next.id.sequence, next);
    else if (entry.id.sequence <= shard.last.sequence) compare(shard, entry);`,
    scenarios: ['links-reset-again-and-again'],
  },
  {
    name: 'chunk-missing-entry-appended',
    rule: 'A member appends an entry only when it has all its chunks.',
    file: 'core/chain/replication.ts',
    find: 'return missingOf(turn, change.manifest).length === 0;',
    replace: 'return missingOf(turn, change.manifest).length >= 0;',
    scenarios: ['chunks-lost-with-links-are-fetched'],
  },
  {
    name: 'commit-announced-once',
    rule: 'A commit is announced until its frame has come home.',
    file: 'core/chain/commit.ts',
    find: 'shard.announcing.entries(from)',
    replace: 'shard.announcing.entries(from === 0 ? Number.MAX_SAFE_INTEGER : from)',
    scenarios: ['links-reset-again-and-again'],
  },
  {
    name: 'abandoned-upload-kept',
    rule: 'The bytes of an abandoned upload are forgotten everywhere.',
    file: 'core/chain/held.ts',
    find: "?.phase === 'staged') drop(turn, upload, 'abandoned');",
    replace: "?.phase === 'retired') drop(turn, upload, 'abandoned');",
    scenarios: ['an-upload-abandoned-midway-leaves-nothing'],
  },
  {
    name: 'staged-upload-outlives-its-owner',
    rule: 'Staged bytes go when their owner loses its place in the view.',
    file: 'core/chain/held.ts',
    find: 'if (!hasOwner(turn, upload)) drop(',
    replace: "if (upload === '' && !hasOwner(turn, upload)) drop(",
    scenarios: ['entry-crashes-midway'],
  },
  {
    name: 'new-tail-does-not-commit',
    rule: 'Whoever is tail after a removal commits what it holds durably.',
    file: 'core/chain/chains.ts',
    find: '    announce(turn, shardId, 0);\n    passOn(turn, shardId);\n',
    replace: '    announce(turn, shardId, 0);\n    if (shardId < 0) passOn(turn, shardId);\n',
    scenarios: ['tail-crashes-and-nothing-follows'],
  },
  {
    name: 'parcel-of-a-former-view-is-kept',
    rule: 'A parcel of an older epoch is dropped: its file may be replaced already.',
    file: 'core/route.ts',
    find: "  else if (frame.kind === 'commit') answerCommit(turn, frame);",
    replace:
      "  else if (frame.kind === 'parcel') onParcel(turn, frame);\n  else if (frame.kind === 'commit') answerCommit(turn, frame);",
    scenarios: ['small-files-and-large-ones-over-each-other-leave-nothing-behind'],
  },
  {
    name: 'parcel-sent-again',
    rule: 'Bytes go with a proposal once: repeated, it may be of a file that is replaced already.',
    file: 'core/files/proposals.ts',
    find: 'operation.isParcel && attempt === 1',
    replace: 'operation.isParcel',
    scenarios: ['a-small-file-put-again-in-a-new-view-leaves-nothing'],
  },
];

const streaming: readonly Mutant[] = [
  {
    name: 'credit-of-another-epoch-counts',
    rule: 'A credit of an older epoch counts for nothing: a new view gives all of them afresh.',
    file: 'core/stream/flow.ts',
    find: 'if (epoch !== view.epoch) return;',
    replace: 'if (epoch > view.epoch) return;',
    scenarios: ['full-ring-loses-members'],
  },
  {
    name: 'bubble-rule-off',
    rule: 'A frame is inserted only while the successor has two free slots.',
    file: 'core/stream/flow.ts',
    find: 'const INSERTION_CREDITS = 2;',
    replace: 'const INSERTION_CREDITS = 1;',
    scenarios: ['small-ring-full-of-uploads'],
  },
  {
    name: 'transit-credit-not-returned',
    rule: 'A transit slot is given back when its frame leaves.',
    file: 'core/stream/flow.ts',
    find: "if (lane === 'transit') giveCredit(turn);\n    else release(turn);",
    replace: "if (lane !== 'transit') release(turn);",
    scenarios: ['small-ring-full-of-uploads'],
  },
  {
    name: 'repair-goes-first',
    rule: "Clients' and readers' frames take turns with repair.",
    file: 'core/stream/flow.ts',
    find: "return inserted % 2 === 0 ? 'insert' : 'repair';",
    replace: "return inserted < 0 ? 'insert' : 'repair';",
    scenarios: ['clients-are-served-while-chains-are-filled'],
  },
  {
    name: 'insertion-without-quota',
    rule: 'Between two visits of the fairness token a server inserts a quota of frames, no more.',
    file: 'core/stream/flow.ts',
    find: 'return stream.inserted < limits.quotaFrames ? nextToInsert(stream) : undefined;',
    replace: 'return limits.quotaFrames > 0 ? nextToInsert(stream) : undefined;',
    scenarios: ['a-narrow-link-is-shared-fairly'],
  },
];

export const serving: readonly Mutant[] = [...reading, ...deciding, ...replicating, ...streaming];
