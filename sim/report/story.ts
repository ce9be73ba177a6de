/**
 * The story of one run: a header, then a line a happening with its virtual time, voice, speaker and words.
 * Returns lines; prints nothing.
 */

import { counted, virtualTime } from '../../core/figures.js';
import type { StoryLine } from '../run-result.js';
import type { Scenario } from '../scenario/scenario.js';
import { type Fold, foldStory } from './fold.js';
import { type Colours, voicePaint, voices, voiceTextPaint } from './palette.js';
import { padLeft, padRight, printable, textWidth, wrap } from './text.js';

export interface Look {
  readonly colours: Colours;
  readonly width: number;
  readonly verbose: boolean;
}

const TIME_WIDTH = 9;
const WHO_WIDTH_MAX = 12;

/** What is run, and how to read the lines that follow. */
export function storyHeader(
  scenario: Pick<Scenario, 'name' | 'file' | 'cluster'>,
  seed: number,
  look: Look,
): readonly string[] {
  const { colours: c, width } = look;
  const { nodes, chain } = scenario.cluster;
  const facts = `${printable(scenario.file)} · seed ${seed} · ${counted(nodes, 'server')}, chains of ${chain}`;
  const legend = Object.entries(voices).map(
    ([voice, { glyph, label }]) => `${voicePaint(c, voice as StoryLine['voice'])(glyph)} ${c.dim(label)}`,
  );
  return [
    ...wrap(printable(scenario.name), width - 2).map((line) => `  ${c.bold(line)}`),
    ...wrap(facts, width - 2).map((line) => `  ${c.dim(line)}`),
    '',
    `${' '.repeat(TIME_WIDTH + 2)}${legend.join('   ')}`,
    '',
  ];
}

export function storyLines(story: readonly StoryLine[], look: Look): readonly string[] {
  const { items, details } = foldStory(story, look.verbose);
  const whoWidth = Math.min(
    WHO_WIDTH_MAX,
    items.reduce((widest, item) => Math.max(widest, 'who' in item ? textWidth(printable(item.who)) : 0), 0),
  );
  const lines = items.flatMap((item) =>
    'folded' in item ? foldLine(item, look.colours) : happening(item, whoWidth, look),
  );
  if (details === 0) return lines;
  return [...lines, aside(`${counted(details, 'detail')} left out: --verbose shows them`, look.colours)];
}

function happening(line: StoryLine, whoWidth: number, look: Look): readonly string[] {
  const { colours: c, width } = look;
  const paint = voicePaint(c, line.voice);
  const textPaint = voiceTextPaint(c, line.voice);
  const who = printable(line.who);
  const lead = Math.max(whoWidth, textWidth(who));
  const indent = TIME_WIDTH + 2 + 2 + lead + (lead > 0 ? 2 : 0);
  const start =
    `${c.dim(padLeft(virtualTime(line.atUs), TIME_WIDTH))}  ${paint(voices[line.voice].glyph)} ` +
    (lead > 0 ? `${paint(padRight(who, lead))}  ` : '');
  return wrap(printable(line.text), Math.max(20, width - indent)).map(
    (part, index) => (index === 0 ? start : ' '.repeat(indent)) + textPaint(part),
  );
}

function foldLine({ folded }: Fold, c: Colours): string {
  const kinds = Object.entries(voices).flatMap(([voice, { label }]) => {
    const howMany = folded.filter((line) => line.voice === voice).length;
    if (howMany === 0) return [];
    return [
      voice === 'ring' || voice === 'check'
        ? `${howMany} of ${voice === 'ring' ? 'the ring' : 'checks'}`
        : counted(howMany, label),
    ];
  });
  return aside(`${counted(folded.length, 'line')} folded (${kinds.join(', ')}): --verbose shows them`, c);
}

function aside(text: string, c: Colours): string {
  return c.dim(`${padLeft('...', TIME_WIDTH)}  ${text}`);
}
