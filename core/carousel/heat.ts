/**
 * How wanted a file is. Askers of the moment decide whether its chunks go all the way round; turns in which somebody
 * new asked decide whether they go round again. The bar rises with the load of the stream (the level of interest of
 * Data Cyclotron, Gonçalves & Kersten 2010), so a burst of readers is served by one turn and only steady interest rides.
 */
import type { UploadId } from '../ids.js';
import type { Heat } from '../state.js';
import { revolutionMs, type Turn } from '../turn.js';

/** So many asking at about the same time: the next chunks pass everybody who may want them. */
const ASKERS_FOR_A_ROUND = 2;
/** Turns of interest that are remembered. */
const LEVEL_MAX = 8;
/** The bar doubles with every quarter of the transit buffer that is full, from here. */
const BAR_STEPS = 4;
const BAR_MIN = 2;

const COLD: Heat = { level: 0, askers: 0, askedAtMs: 0, asked: false };

function changeHeat(turn: Turn, upload: UploadId, heat: Heat): void {
  const { carousel, limits } = turn.state;
  const isCold = heat.level === 0 && !heat.asked;
  let files = isCold ? carousel.heat.delete(upload) : carousel.heat.set(upload, heat);
  if (files.size > limits.hotFilesMax) files = files.delete((files.first() as readonly [UploadId, Heat])[0]);
  turn.state.carousel = { ...carousel, heat: files };
}

export function levelOf(turn: Turn, upload: UploadId): number {
  return turn.state.carousel.heat.get(upload)?.level ?? 0;
}

/**
 * A server asks for chunks of the file.
 * @param isNew for readers that have just come, not for more of what is being read
 * @returns whether the chunks should pass everybody who may want them
 */
export function warm(turn: Turn, upload: UploadId, isNew: boolean): boolean {
  const heat = turn.state.carousel.heat.get(upload) ?? COLD;
  const isBurst = turn.now - heat.askedAtMs < revolutionMs(turn);
  const askers = isBurst ? heat.askers + 1 : 1;
  changeHeat(turn, upload, { ...heat, askers, askedAtMs: turn.now, asked: heat.asked || isNew });
  return askers >= ASKERS_FOR_A_ROUND;
}

/** The file's first chunk has gone round: did anybody new ask meanwhile? */
export function endTurn(turn: Turn, upload: UploadId): void {
  const heat = turn.state.carousel.heat.get(upload) ?? COLD;
  const level = heat.asked ? Math.min(LEVEL_MAX, heat.level + 1) : heat.level >> 1;
  changeHeat(turn, upload, { ...heat, level, asked: false });
}

/** The least level with which a chunk rides on. */
export function bar(turn: Turn): number {
  const { stream, view } = turn.state;
  return BAR_MIN << Math.floor((BAR_STEPS * stream.transit.size) / view.settings.transitSlots);
}
