/** Planted bugs in what a ring does when members come and go: learning, rule J, recovery, revival. Data only. */
import type { Mutant } from './mutant.js';

const holding: readonly Mutant[] = [
  {
    name: 'sending-again-is-progress',
    rule: 'A learner that says nothing stalls its shard, however often it is sent the same.',
    file: 'core/chain/teaching.ts',
    find: 'const isIdle = !isRepeated && ',
    replace: 'const isIdle = isRepeated || ',
    scenarios: ['a-learner-that-says-nothing-is-given-up-however-often-it-is-sent-the-same'],
  },
  {
    name: 'slow-head-held-against-the-learner',
    rule: 'A learner stalls its shard when it lacks what is durable up to the tail, not what the head has not synced.',
    file: 'core/chain/teaching.ts',
    find: 'teaching.acknowledged < durableTo(turn, shardId);',
    replace: 'teaching.acknowledged < shardOfTurn(turn, shardId).durable;',
    scenarios: ['a-slow-head-is-not-held-against-the-learner'],
  },
  {
    name: 'recovered-end-believed',
    rule: 'What a learner has recovered beyond what is committed or durable with everybody before its tail counts for nothing.',
    file: 'core/chain/teaching.ts',
    find: 'reachesBackTo(shard, last) && isCommittable(turn, shardId, last)',
    replace: 'reachesBackTo(shard, last) && (isCommittable(turn, shardId, last) || last.sequence > 0)',
    scenarios: ['a-tail-comes-back-with-more-than-its-head-has-synced'],
  },
  {
    name: 'the-dead-waited-for',
    rule: 'Of a server that has said nothing of its broken links nobody thinks that it lives, whatever else it has said.',
    file: 'core/view/arcs.ts',
    find: 'credible: first?.brokenIn === true || last?.brokenOut === true',
    replace: 'credible: first !== undefined || last !== undefined',
    scenarios: ['a-server-that-has-spoken-dies-and-is-gone-at-once'],
  },
  {
    name: 'hollow-records-believed',
    rule: 'A record whose chunk the disk refused counts for nothing until its entry is written again behind it.',
    file: 'core/store-port.ts',
    find: 'return hollow && id.sequence > base && id.sequence < end',
    replace: 'return hollow && id.sequence < base && id.sequence < end',
    scenarios: ['a-chain-loses-power-while-one-of-its-disks-is-full'],
  },
  {
    name: 'written-again-for-nothing',
    rule: 'An entry that was written again behind its chunk counts, also where that stands behind another without its chunk.',
    file: 'core/store-port.ts',
    find: 'const { sequence } = record.id;',
    replace: 'const { sequence } = record.id;\n    if (sequence === id.sequence) continue;',
    scenarios: ['a-record-written-again-behind-a-hollow-one-outlives-the-power'],
  },
  {
    name: 'promotion-without-a-hold',
    rule: 'A learner counts as caught up only while its tail holds for it (rule J).',
    file: 'core/chain/teaching.ts',
    find: '  change(turn, shardId, { holdSinceMs: turn.now, holdFrom: durable, progressAtMs: turn.now });',
    replace: `  if (durable >= 0) change(turn, shardId, { isReady: true, progressAtMs: turn.now });
  changeMembership(turn, { ready: readyLearners(turn) });`,
    scenarios: ['a-learner-comes-in-under-a-storm-of-writes'],
  },
  {
    name: 'effective-tail-commits-its-whole-log',
    rule: 'A tail that holds for a learner commits only what the learner has persisted.',
    file: 'core/chain/commit.ts',
    find: '  return Math.min(durable, teaching.acknowledged);',
    replace: '  return durable;',
    scenarios: ['a-learner-comes-in-under-a-storm-of-writes'],
  },
  {
    name: 'effective-tail-stamps-its-whole-log',
    rule: 'The tail stamps what is committed, not what it has only appended.',
    file: 'core/files/wants.ts',
    find: '  const file = shardOfTurn(turn, frame.shard).files.get(frame.path);',
    replace: `  const own = shardOfTurn(turn, frame.shard);
  const pending = own.log.get(own.pendingPaths.get(frame.path) ?? -1);
  const stored = pending?.outcome.result === 'stored' && pending.proposal.change.kind === 'put';
  const latest = pending?.proposal.change as { readonly manifest: FileRecord['manifest'] };
  const file =
    pending === undefined
      ? own.files.get(frame.path)
      : stored
        ? { version: pending.id, manifest: latest.manifest }
        : undefined;`,
    scenarios: ['readers-see-no-step-back-when-a-learner-becomes-the-tail'],
  },
  {
    name: 'hold-ended-inside-the-epoch',
    rule: 'A hold ends with a newer view, and in no other way.',
    file: 'core/chain/teaching.ts',
    find: '    change(turn, shardId, { isStalled: true });',
    replace: `    change(turn, shardId, { holdSinceMs: 0 });
    commitDurable(turn, shardId);`,
    scenarios: ['a-learner-that-stalls-when-it-is-ready-loses-its-turn'],
  },
  {
    name: 'facts-of-another-epoch-believed',
    rule: 'What a server says speaks of its own epoch only.',
    file: 'core/view/facts.ts',
    find: 'each.epoch === view.epoch && each.clusterId',
    replace: 'each.epoch <= view.epoch && each.clusterId',
    scenarios: ['a-learner-comes-in-under-a-storm-of-writes'],
  },
];

const learning: readonly Mutant[] = [
  {
    name: 'compared-by-sequence-without-epoch',
    rule: 'Two entries are the same when epoch and sequence are.',
    file: 'core/chain/teaching.ts',
    find: 'if (known === undefined || compareEntryIds(known, last) !== 0) return false;',
    replace: 'if (known === undefined || known.sequence !== last.sequence) return false;',
    scenarios: ['equal-sequences-of-two-epochs-are-told-apart'],
  },
  {
    name: 'deletions-forgotten-in-catch-up',
    rule: 'What a learner holds beyond the tables of its tail goes.',
    file: 'core/chain/learning.ts',
    find: '    files,\n    outcomes,\n    floor,\n    last: at,',
    replace: `    files: [...old.entries()].reduce((all, [path, file]) => (all.has(path) ? all : all.set(path, file)), files),
    outcomes,
    floor,
    last: at,`,
    scenarios: ['deletions-during-catch-up-are-not-forgotten'],
  },
  {
    name: 'outcomes-not-learned',
    rule: 'The remembered outcomes are a part of what a learner is taught.',
    file: 'core/chain/learning.ts',
    find: '    outcomes,\n    floor,\n    last: at,',
    replace: '    outcomes: outcomes.size > 0 ? SortedMap.empty() : outcomes,\n    floor,\n    last: at,',
    scenarios: ['tables-are-taught-with-outcomes-and-bytes'],
  },
  {
    name: 'tables-learned-without-their-bytes',
    rule: 'A learner acknowledges nothing whose chunks it lacks.',
    file: 'core/chain/learning.ts',
    find: '  if (gone.has(manifest.upload)) return [];',
    replace: '  if (manifest.length > 0 || gone.has(manifest.upload)) return [];',
    scenarios: ['tables-are-taught-with-outcomes-and-bytes'],
  },
];

const reviving: readonly Mutant[] = [
  {
    name: 'suspect-log-revives-at-once',
    rule: 'A log that may lack its end heads a shard only when all its members have reported.',
    file: 'core/view/revival.ts',
    find: 'log !== undefined && (haveAllReported || !log.suspect));',
    replace: 'log !== undefined);',
    scenarios: ['a-suspect-log-waits-for-the-others'],
  },
  {
    name: 'empty-disk-heads-a-shard',
    rule: 'An empty disk heads nothing.',
    file: 'core/chain/recovery.ts',
    find: '  if (recovered.life < lost || recovered.since > lost) return undefined;',
    replace: '  if (recovered.life > 0 && recovered.life < lost) return undefined;',
    scenarios: ['an-empty-disk-heads-nothing'],
  },
  {
    name: 'lost-shard-told-of-before-the-disk-knows-its-life',
    rule: 'Whoever tells of its log of a lost shard has its life on the disk, durably.',
    file: 'core/chain/facts.ts',
    find: '  if (!membership.isOnDisk) return [];',
    replace: '  if (!membership.isOnDisk && view.epoch < 0) return [];',
    scenarios: ['a-disk-speaks-for-a-lost-shard-only-when-it-knows-its-life'],
  },
  {
    name: 'in-sync-before-the-disk-knows-its-life',
    rule: 'A learner that has nothing to write acknowledges that it is caught up when its life is on the disk, durably.',
    file: 'core/chain/learning.ts',
    find: '  if (!turn.state.membership.isOnDisk) return;',
    replace: '  if (!turn.state.membership.isOnDisk && shardId < 0) return;',
    scenarios: ['a-learner-with-nothing-to-write-is-in-sync-when-its-disk-knows-its-life'],
  },
  {
    name: 'stale-disk-speaks-after-a-life-with-it',
    rule: 'A disk that did not know a lost life never speaks for it, not even when it was a member in a later life.',
    file: 'core/membership/planning.ts',
    find: 'own.incarnation > recovered.life) first',
    replace: 'own.incarnation > recovered.life && view.epoch < 0) first',
    scenarios: ['a-stale-disk-does-not-speak-in-its-next-life-either'],
  },
  {
    name: 'checksum-not-verified-on-recovery',
    rule: 'A record whose checksum is wrong ends the log.',
    file: 'core/store-port.ts',
    find: 'if (!sound || id.sequence > last + 1)',
    replace: 'if ((!sound && at < 0) || id.sequence > last + 1)',
    scenarios: ['a-rotten-record-is-never-believed'],
  },
];

export const healing: readonly Mutant[] = [...holding, ...learning, ...reviving];
