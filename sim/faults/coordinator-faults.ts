/**
 * Troubles of the coordinator, and of the sessions that servers have with it.
 */

import { durationText } from '../../core/units.js';
import type { FaultAction, SessionTrouble } from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';
import { isUp } from './cast.js';
import { type Blow, eachOf, type FaultTools, once, victims, type Words } from './strike.js';

export function sessionFault(
  { who, trouble }: Extract<FaultAction, { kind: 'session' }>,
  tools: FaultTools,
  random: RandomStream,
): Blow | undefined {
  const ids = victims(who, tools, isUp, random);
  return eachOf(ids, (id) => tools.world.session(id, trouble), sessionWords(trouble));
}

function sessionWords(trouble: SessionTrouble): Words {
  switch (trouble.kind) {
    case 'expire':
      return { struck: (id) => `the session of ${id} expires at the coordinator`, over: undefined };
    case 'disconnect':
      return {
        struck: (id) => `${id} loses the coordinator`,
        over: (id) => `${id} can reach the coordinator again`,
      };
    case 'lose-reply': {
      const call = trouble.to === 'any' ? 'call' : trouble.to;
      return { struck: (id) => `the reply to ${id}'s next ${call} at the coordinator will be lost`, over: undefined };
    }
    case 'lose-watch':
      return { struck: (id) => `the coordinator's next notice to ${id} will be lost`, over: undefined };
    case 'delay-watch': {
      const late = durationText(trouble.byUs);
      return { struck: (id) => `the coordinator's next notice to ${id} will come ${late} late`, over: undefined };
    }
    case 'stale-read':
      return {
        struck: (id) => `${id} reads from the coordinator what was true a while ago`,
        over: (id) => `${id} reads from the coordinator what is true`,
      };
    case 'ghost':
      return {
        struck: (id) => `what the session of ${id} owns will outlive it`,
        over: (id) => `what ${id}'s former sessions owned goes`,
      };
  }
}

export function coordinatorFault(
  { trouble }: Extract<FaultAction, { kind: 'coordinator' }>,
  { world }: FaultTools,
): Blow | undefined {
  const undo = world.coordinator(trouble);
  if (undo === undefined) return undefined;
  if (trouble.kind === 'leader-change') return once('the coordinator has a new leader: all connections to it break');
  const hits = [{ who: '', text: 'the coordinator answers nobody' }];
  return { hits, undo, ending: 'the coordinator answers again' };
}
