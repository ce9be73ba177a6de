/**
 * What a fault is called in figures: its word in the vocabulary, and for the families which of them.
 */
import type { FaultAction } from '../scenario/scenario.js';

export function faultName(fault: FaultAction): string {
  switch (fault.kind) {
    case 'crash':
      return fault.power ? 'crash-power' : 'crash';
    case 'restart':
      return fault.disk === 'kept' ? 'restart' : `restart-${fault.disk}`;
    case 'disk': {
      const { trouble } = fault;
      if (trouble.kind === 'eio') return `disk-eio-${trouble.of}`;
      return trouble.kind === 'bitrot' ? `disk-bitrot-${trouble.what}` : `disk-${trouble.kind}`;
    }
    case 'clock':
      return `clock-${fault.change.kind}`;
    case 'session':
      return fault.trouble.kind === 'lose-reply'
        ? `session-lose-reply-${fault.trouble.to}`
        : `session-${fault.trouble.kind}`;
    case 'coordinator':
      return `coordinator-${fault.trouble.kind}`;
    default:
      return fault.kind;
  }
}
