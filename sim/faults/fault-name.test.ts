import { expect, it } from 'vitest';
import type { FaultAction, Group } from '../scenario/scenario.js';
import { faultName } from './fault-name.js';

const who: Group = { kind: 'all' };
const CASES: readonly (readonly [FaultAction, string])[] = [
  [{ kind: 'crash', who, power: false }, 'crash'],
  [{ kind: 'crash', who, power: true }, 'crash-power'],
  [{ kind: 'restart', who, disk: 'kept' }, 'restart'],
  [{ kind: 'restart', who, disk: 'wiped' }, 'restart-wiped'],
  [{ kind: 'disk', who, trouble: { kind: 'torn' } }, 'disk-torn'],
  [{ kind: 'disk', who, trouble: { kind: 'eio', of: 'read' } }, 'disk-eio-read'],
  [{ kind: 'disk', who, trouble: { kind: 'bitrot', what: 'log', path: undefined } }, 'disk-bitrot-log'],
  [{ kind: 'clock', who, change: { kind: 'freeze' } }, 'clock-freeze'],
  [{ kind: 'session', who, trouble: { kind: 'expire' } }, 'session-expire'],
  [{ kind: 'session', who, trouble: { kind: 'lose-reply', to: 'create' } }, 'session-lose-reply-create'],
  [{ kind: 'coordinator', trouble: { kind: 'outage' } }, 'coordinator-outage'],
  [{ kind: 'heal' }, 'heal'],
];

it('faults go by their words, families by family and word', () => {
  for (const [fault, name] of CASES) expect(faultName(fault)).toBe(name);
});
