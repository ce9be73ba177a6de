/**
 * Makes a long story short enough to read: leaves out details, then folds long stretches of answers and of the ring's
 * doings, then the middle. What was asked and what broke is folded last. Whatever is folded is counted.
 */
import type { StoryLine } from '../run-result.js';

/** Lines of a story that a person still reads. */
const STORY_LINES_MAX = 60;
/** A stretch of answers and ring lines longer than this may be folded … */
const STRETCH_LINES_MAX = 5;
/** … down to so many at its beginning, and the last one. */
const STRETCH_LINES_KEPT = 3;

export interface Fold {
  readonly folded: readonly StoryLine[];
}
export interface FoldedStory {
  readonly items: readonly (StoryLine | Fold)[];
  /** Lines of level 1 that were left out. */
  readonly details: number;
}

export function foldStory(story: readonly StoryLine[], verbose: boolean): FoldedStory {
  if (verbose) return { items: story, details: 0 };
  const lines = story.filter((line) => line.level === 0);
  const details = story.length - lines.length;
  if (lines.length <= STORY_LINES_MAX) return { items: lines, details };
  const shorter = foldStretches(lines);
  return { items: shorter.length <= STORY_LINES_MAX ? shorter : foldMiddle(shorter), details };
}

const isBackground = (line: StoryLine): boolean => line.voice === 'ring' || line.voice === 'client';

function foldStretches(lines: readonly StoryLine[]): readonly (StoryLine | Fold)[] {
  const items: (StoryLine | Fold)[] = [];
  let stretch: StoryLine[] = [];
  const flush = (): void => {
    if (stretch.length <= STRETCH_LINES_MAX) items.push(...stretch);
    else
      items.push(
        ...stretch.slice(0, STRETCH_LINES_KEPT),
        { folded: stretch.slice(STRETCH_LINES_KEPT, -1) },
        ...stretch.slice(-1),
      );
    stretch = [];
  };
  for (const line of lines) {
    if (isBackground(line)) stretch.push(line);
    else {
      flush();
      items.push(line);
    }
  }
  flush();
  return items;
}

/** How it began and how it ended. */
function foldMiddle(items: readonly (StoryLine | Fold)[]): readonly (StoryLine | Fold)[] {
  const kept = STORY_LINES_MAX / 2;
  const middle = items.slice(kept, -kept).flatMap((item) => ('folded' in item ? item.folded : [item]));
  return [...items.slice(0, kept), { folded: middle }, ...items.slice(-kept)];
}
