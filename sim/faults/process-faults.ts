/**
 * Faults of processes and machines: crash, loss of power, restart, pause; and who comes into the ring and goes.
 */
import { shardOf } from '../../core/view/view.js';
import type { FaultAction, RestartDisk } from '../scenario/scenario.js';
import type { RandomStream, World } from '../world-api.js';
import { COORDINATOR, type Fit, isAnything, isDown, isPaused, isRunning, isUp } from './cast.js';
import { allOf, type Blow, type FaultTools, groupText, once, victims } from './strike.js';

type ProcessFault = Extract<FaultAction, { kind: 'crash' | 'restart' | 'reboot' | 'pause' | 'resume' }>;

const STARTS: Readonly<Record<RestartDisk, string>> = {
  kept: 'starts again',
  wiped: 'starts again with an empty disk',
  stale: 'starts again with the disk it had at its last snapshot',
};

const SUITS: Readonly<Record<ProcessFault['kind'], Fit>> = {
  crash: isUp,
  reboot: isUp,
  restart: isDown,
  pause: isRunning,
  resume: isPaused,
};

export function processFault(fault: ProcessFault, tools: FaultTools, random: RandomStream): Blow | undefined {
  const { processes } = tools;
  const ids = victims(fault.who, tools, SUITS[fault.kind], random);
  if (ids.length === 0) return undefined;
  const all = (text: string) => ids.map((who) => ({ who, text }));
  const names = groupText(ids);
  switch (fault.kind) {
    case 'crash':
    case 'reboot': {
      const disk = fault.kind === 'reboot' ? fault.disk : 'kept';
      const undos = ids.map((id) => processes.crash(id, fault.power, disk));
      const text = fault.power ? 'loses power' : 'crashes';
      return { hits: all(text), undo: allOf(undos), ending: `${names}: ${STARTS[disk]}` };
    }
    case 'pause': {
      const undos = ids.map((id) => processes.pause(id));
      return { hits: all('freezes'), undo: allOf(undos), ending: `${names}: goes on` };
    }
    case 'restart':
      for (const id of ids) processes.restart(id, fault.disk);
      return { hits: all(STARTS[fault.disk]), undo: undefined, ending: '' };
    case 'resume':
      for (const id of ids) processes.resume(id);
      return { hits: all('goes on'), undo: undefined, ending: '' };
  }
}

type MembershipFault = Extract<FaultAction, { kind: 'join' | 'leave' | 'remove' | 'revive' }>;

export function membershipFault(fault: MembershipFault, tools: FaultTools, random: RandomStream): Blow | undefined {
  const { world, cast } = tools;
  switch (fault.kind) {
    case 'join': {
      const ids = cast.several(fault.who, cast.isSpare, random, 'spares');
      if (ids.length === 0) return undefined;
      for (const id of ids) {
        cast.joined(id);
        world.join(id);
      }
      return { hits: ids.map((who) => ({ who, text: 'starts for the first time' })), undo: undefined, ending: '' };
    }
    case 'leave': {
      const ids = victims(fault.who, tools, (server) => isRunning(server) && isIn(world, server.id), random);
      if (ids.length === 0) return undefined;
      for (const id of ids) world.leave(id);
      return { hits: ids.map((who) => ({ who, text: 'is told to leave the ring' })), undo: undefined, ending: '' };
    }
    case 'remove': {
      const id = cast.one(fault.who, (server) => isIn(world, server.id), random);
      if (id === undefined || id === COORDINATOR || world.view.ring.length < 2) return undefined;
      world.removeMember(id);
      return once('is struck from the register by an operator', id);
    }
    case 'revive': {
      const from = cast.one(fault.from, isAnything, random);
      const shard = shardOf(fault.path, world.view.settings.shards);
      if (from === undefined || !world.revive(shard, from)) return undefined;
      return once(`an operator brings shard ${shard} back with what ${from} has of it`);
    }
  }
}

const isIn = (world: World, id: string): boolean => world.view.positions.has(id);
