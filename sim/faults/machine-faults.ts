/**
 * Faults of disks and clocks.
 */

import { durationText } from '../../core/units.js';
import type { ClockChange, DiskTrouble, FaultAction } from '../scenario/scenario.js';
import type { RandomStream } from '../world-api.js';
import { isAnything, isUp } from './cast.js';
import { type Blow, eachOf, type FaultTools, victims, type Words } from './strike.js';

export function diskFault(
  { who, trouble }: Extract<FaultAction, { kind: 'disk' }>,
  tools: FaultTools,
  random: RandomStream,
): Blow | undefined {
  // A disk is there whether its server runs or not.
  const ids = victims(who, tools, isAnything, random);
  return eachOf(ids, (id) => tools.world.disk(id, trouble), diskWords(trouble));
}

function diskWords(trouble: DiskTrouble): Words {
  const atPowerLoss = (text: string): Words => ({
    struck: (id) => `when ${id} next loses power, ${text}`,
    over: undefined,
  });
  switch (trouble.kind) {
    case 'snapshot':
      return { struck: (id) => `a copy of ${id}'s disk is kept`, over: undefined };
    case 'torn':
      return atPowerLoss('the last record on its disk is torn');
    case 'lose-unsynced':
      return atPowerLoss('its disk keeps nothing that is not synced');
    case 'lost-rename':
      return atPowerLoss('its newest tables are not there: those before are');
    case 'bitrot': {
      const what = trouble.what === 'chunk' ? 'a chunk' : 'a log record';
      const where = trouble.path === undefined ? '' : ` of ${trouble.path}`;
      return { struck: (id) => `${what}${where} rots on ${id}'s disk`, over: undefined };
    }
    case 'eio':
      return {
        struck: (id) => `${trouble.of === 'read' ? 'reads from' : 'writes to'} ${id}'s disk fail`,
        over: (id) => `${id}'s disk works again`,
      };
    case 'full':
      return { struck: (id) => `${id}'s disk is full`, over: (id) => `${id}'s disk has room again` };
    case 'slow':
      return {
        struck: (id) => `${id}'s disk becomes ${trouble.times} times as slow`,
        over: (id) => `${id}'s disk is as fast as before`,
      };
  }
}

export function clockFault(
  { who, change }: Extract<FaultAction, { kind: 'clock' }>,
  tools: FaultTools,
  random: RandomStream,
): Blow | undefined {
  const ids = victims(who, tools, change.kind === 'freeze' ? isUp : isAnything, random);
  return eachOf(ids, (id) => tools.world.clock(id, change), clockWords(change));
}

function clockWords(change: ClockChange): Words {
  switch (change.kind) {
    case 'skew': {
      const off = `${durationText(Math.abs(change.byUs))} ${change.byUs < 0 ? 'behind' : 'ahead'}`;
      return { struck: (id) => `from its next start on ${id}'s clock is ${off}`, over: undefined };
    }
    case 'drift': {
      const pace = `${change.perMille < 0 ? 'loses' : 'gains'} ${Math.abs(change.perMille)} seconds in a thousand`;
      return { struck: (id) => `${id}'s clock ${pace}`, over: (id) => `${id}'s clock runs evenly again` };
    }
    case 'jump': {
      const leap = `${durationText(Math.abs(change.byUs))} ${change.byUs < 0 ? 'back' : 'forward'}`;
      return { struck: (id) => `${id}'s clock leaps ${leap}`, over: undefined };
    }
    case 'freeze':
      return { struck: (id) => `${id}'s clock stands still`, over: (id) => `${id}'s clock goes on` };
  }
}
