/**
 * Carries out one fault: finds whom it hits, does it, and says how to undo it. One file a family.
 */
import type { FaultAction } from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';
import { coordinatorFault, sessionFault } from './coordinator-faults.js';
import { clockFault, diskFault } from './machine-faults.js';
import { linkFault, partFault } from './network-faults.js';
import { membershipFault, processFault } from './process-faults.js';
import type { Blow, FaultTools, Strike } from './strike.js';

/** @returns undefined if there was nobody or nothing to strike. */
export function strikeFault(fault: FaultAction, tools: FaultTools, random: RandomStream): Strike | undefined {
  const blow = blowOf(fault, tools, random);
  return blow === undefined ? undefined : { name: faultName(fault), ...blow };
}

function blowOf(fault: FaultAction, tools: FaultTools, random: RandomStream): Blow | undefined {
  switch (fault.kind) {
    case 'crash':
    case 'reboot':
    case 'restart':
    case 'pause':
    case 'resume':
      return processFault(fault, tools, random);
    case 'join':
    case 'leave':
    case 'remove':
    case 'revive':
      return membershipFault(fault, tools, random);
    case 'split':
    case 'isolate':
    case 'heal':
      return partFault(fault, tools, random);
    case 'disk':
      return diskFault(fault, tools, random);
    case 'clock':
      return clockFault(fault, tools, random);
    case 'session':
      return sessionFault(fault, tools, random);
    case 'coordinator':
      return coordinatorFault(fault, tools);
    default:
      return linkFault(fault, tools, random);
  }
}

/** Under which name a fault is counted and told of: its word, but for partitions, which are of two kinds. */
export function faultName(fault: FaultAction): string {
  switch (fault.kind) {
    case 'crash':
      return fault.power ? 'power-loss' : 'crash';
    case 'disk':
      return fault.trouble.kind === 'slow' ? 'slow-disk' : fault.trouble.kind;
    case 'clock':
      return fault.change.kind;
    case 'session':
    case 'coordinator':
      return fault.trouble.kind;
    default:
      return fault.kind;
  }
}
