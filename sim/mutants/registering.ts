/** Planted bugs in the dealings with the coordinator: sessions, entries, watches, lives, the register. Data only. */
import type { Mutant } from './mutant.js';

const informing: readonly Mutant[] = [
  {
    name: 'frame-of-a-higher-epoch-dropped',
    rule: 'A new view is the first frame of its epoch on every link, and is installed at once.',
    file: 'core/step.ts',
    find: '      turn.newView = frame.view;',
    replace: '      if (frame.view.epoch < 0) turn.newView = frame.view;',
    also: [
      {
        file: 'core/step.ts',
        find: '  if (wrong !== undefined) links.refuseLink(turn, linkId, wrong);',
        replace:
          '  if (frame.epoch > view.epoch) return;\n  if (wrong !== undefined) links.refuseLink(turn, linkId, wrong);',
      },
      {
        file: 'core/membership/repair.ts',
        find: '  if (epoch > turn.state.view.epoch) coordination.readView(turn);',
        replace: '  if (epoch < 0) coordination.readView(turn);',
      },
    ],
    scenarios: ['a-late-watch-holds-nobody-up'],
  },
  {
    name: 'watch-armed-after-the-read',
    rule: 'The register is read and watched in one call: no change falls between the two.',
    file: 'core/coordination/register.ts',
    find: "  call(turn, 'read-view', { op: 'read', key: VIEW_KEY, watch: true });",
    replace: "  call(turn, 'read-view', { op: 'read', key: VIEW_KEY, watch: false });",
    also: [
      {
        file: 'core/coordination/register.ts',
        find: '  change(turn, { readAtMs: turn.now });',
        replace: `  call(turn, 'sync', { op: 'read', key: VIEW_KEY, watch: true });
  change(turn, { readAtMs: turn.now });`,
      },
    ],
    scenarios: ['whom-only-the-coordinator-reaches-hears-of-every-view'],
  },
  {
    name: 'watch-armed-once',
    rule: 'A watch that has fired is armed again.',
    file: 'core/coordination/register.ts',
    find: 'key: VIEW_KEY, watch: true });',
    replace: 'key: VIEW_KEY, watch: turn.state.coordination.read === undefined });',
    scenarios: ['whom-only-the-coordinator-reaches-hears-of-every-view'],
  },
  {
    name: 'lost-race-retried-blindly',
    rule: 'A proposal that lost its race is void: the next one is computed from the view that won.',
    file: 'core/coordination/register.ts',
    find: '  if (read?.epoch !== proposal.epoch - 1) return;\n  change(turn, { proposal: undefined });',
    replace: '  if (read === undefined) return;',
    also: [
      {
        file: 'core/coordination/register.ts',
        find: '    if (coordination.proposal?.epoch !== value.view.epoch + 1) change(turn, { proposal: undefined });',
        replace: '    if (coordination.proposal?.epoch === 0) change(turn, { proposal: undefined });',
      },
    ],
    scenarios: ['two-servers-crash-at-once'],
  },
];

const standing: readonly Mutant[] = [
  {
    name: 'no-registration-after-expiry',
    rule: 'A new session owns nothing: the server registers again.',
    file: 'core/coordination/session.ts',
    find: "    ...{ entry: 'none', written: undefined, writing: undefined, registered: false, retryAtMs: 0 },",
    replace: '    ...{ writing: undefined, registered: false, retryAtMs: 0 },',
    scenarios: ['a-session-that-expires-in-calm-is-made-good'],
  },
  {
    name: 'anothers-entry-taken-for-ones-own',
    rule: "A server holds an entry only if its present life made it: another's goes with another's session.",
    file: 'core/coordination/registration.ts',
    find: '  if (life === coordination.life && owner === coordination.owner) {',
    replace: '  if (life !== owner) {',
    scenarios: ['a-quick-restart-replaces-its-former-entry'],
  },
  {
    name: 'entry-of-a-former-session-kept',
    rule: 'An entry that a former session of the same life made goes with that session, and is replaced.',
    file: 'core/coordination/registration.ts',
    find: '  if (life === coordination.life && owner === coordination.owner) {',
    replace: '  if (life === coordination.life && owner.length > 0) {',
    scenarios: ['an-entry-that-outlives-its-session-is-replaced'],
  },
  {
    name: 'lives-counted-by-the-disk-alone',
    rule: 'The number of a life is higher than any before it, whatever became of the disk.',
    file: 'core/coordination/life.ts',
    find: 'Math.max(coordination.livesBefore, reply.stored.value.count) + 1;',
    replace: 'coordination.livesBefore + 1;',
    scenarios: ['a-wiped-disk-comes-back-as-a-learner'],
  },
  {
    name: 'removal-does-not-end-a-life',
    rule: 'Who is removed serves nobody any more, and comes back in another life only.',
    file: 'core/install.ts',
    find: "  if (!belongs && status === 'member') {",
    replace: "  if (!belongs && status === 'member' && view.epoch < 0) {",
    scenarios: ['paused-head-wakes-after-its-removal'],
  },
];

const founding: readonly Mutant[] = [
  {
    name: 'founding-unknown-to-its-disk',
    rule: 'A founder asks for the register only when its own disk knows, durably, that it may be the founder.',
    file: 'core/coordination/founding.ts',
    find: '  else if (founding.isOnDisk) found(turn, founding.clusterId);',
    replace: '  if (turn.state.coordination.founding?.isDue) found(turn, turn.state.coordination.founding.clusterId);',
    scenarios: ['a-founder-loses-power-before-its-disk-knows-of-the-founding'],
  },
];

export const registering: readonly Mutant[] = [...informing, ...standing, ...founding];
