/**
 * How wanted a file is: readers served lately, halved with every turn. Decides who rides on and who is parked; the
 * bar rises with the load of the stream (the level of interest of Data Cyclotron, Gonçalves & Kersten 2010).
 */
import type { UploadId } from '../ids.js';
import type { Turn } from '../turn.js';

/** From this heat on a file's chunks are sent all the way round, for whoever comes next. */
const HOT = 3;
/** The bar doubles with every quarter of the transit buffer that is full. */
const BAR_STEPS = 4;

function changeHeat(turn: Turn, upload: UploadId, heat: number): void {
  const { carousel, limits } = turn.state;
  let files = heat > 0 ? carousel.heat.set(upload, heat) : carousel.heat.delete(upload);
  if (files.size > limits.hotFilesMax) files = files.delete((files.first() as readonly [UploadId, number])[0]);
  turn.state.carousel = { ...carousel, heat: files };
}

export function heatOf(turn: Turn, upload: UploadId): number {
  return turn.state.carousel.heat.get(upload) ?? 0;
}

/** Somebody wants it. @returns whether it is hot. */
export function warm(turn: Turn, upload: UploadId, by: number): boolean {
  const heat = heatOf(turn, upload) + by;
  changeHeat(turn, upload, heat);
  return heat >= HOT;
}

/** A turn is over. */
export function cool(turn: Turn, upload: UploadId): void {
  changeHeat(turn, upload, heatOf(turn, upload) >> 1);
}

/** The least heat with which a chunk may ride on. */
export function bar(turn: Turn): number {
  const { stream, view } = turn.state;
  return 1 << Math.floor((BAR_STEPS * stream.transit.size) / view.settings.transitSlots);
}
