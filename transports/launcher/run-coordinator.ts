/** The embedded coordinator as a process: its log, and its end when it is asked to stop or its disk fails. */
import { once } from 'node:events';
import { startCoordinatorService } from '../coordinators/embedded/service.js';
import { createLog } from '../serving/log.js';
import type { CoordinatorConfig } from './config.js';
import { makeFolder } from './folders.js';

/** `software` in sysexits.h: its disk failed, or another one took its state over. */
const BROKEN = 70;

/** @returns the exit code. @throws with a sentence for the operator: then nothing was started */
export async function runCoordinator(config: CoordinatorConfig, stop: AbortSignal): Promise<number> {
  const { data, listen, logLevel, logPretty } = config;
  const log = createLog({ level: logLevel, pretty: logPretty, bindings: { server: 'coordinator' } });
  await makeFolder(data);
  const service = await startCoordinatorService({ folder: data, listen, log });
  log.info({ coordinator: service.name, data }, 'listening');
  const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort');
  const broken = await Promise.race([service.broken, stopped.then(() => undefined)]);
  if (broken !== undefined) log.fatal({ why: broken.message }, 'the coordinator ends');
  else log.info('the coordinator ends');
  await service.close();
  return broken === undefined ? 0 : BROKEN;
}
