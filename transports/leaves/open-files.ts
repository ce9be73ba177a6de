/**
 * How many connections a process can afford. The system lets it have only so many files open, connections among them, and
 * whoever has no more of them cannot open its own, which ends it: strangers must not be able to bring that about. A leaf.
 */
import { readFileSync } from 'node:fs';

/** Left for a process's own files and links, unless there are very few. */
const OWN_FILES = 256;
/** Of the places at a door, one in so many is for those who are only told that there are too many. */
const TURNED_AWAY_SHARE = 8;

/** Connections that are served, and those beyond that are told of it. */
export interface Places {
  readonly connectionsMax: number;
  readonly turnedAwayMax: number;
}

/** Files that this process may have open; where the system does not say it, as many as it likes. */
export function openFilesMax(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** @param doors that share what there is */
export function connectionsWithin(openFiles: number, wished: number, doors: number): number {
  const own = Math.min(OWN_FILES, openFiles / 2);
  return Math.min(wished, Math.floor((openFiles - own) / doors));
}

/** As many as are wished, or as many as there are files for. */
export function placesWithin(openFiles: number, { connectionsMax, turnedAwayMax }: Places, doors: number): Places {
  const places = connectionsWithin(openFiles, connectionsMax + turnedAwayMax, doors);
  const turnedAway = Math.min(turnedAwayMax, Math.floor(places / TURNED_AWAY_SHARE));
  return { connectionsMax: places - turnedAway, turnedAwayMax: turnedAway };
}
