/**
 * Colours and glyphs: one place that says how a voice and an outcome look. Every distinction a colour makes is also made
 * by a glyph or a word in plain ASCII, for logs, for pipes and for those who cannot tell the colours apart.
 */
import picocolors from 'picocolors';
import type { Outcome, StoryLine } from '../run-result.js';

export type Paint = (text: string) => string;
export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours that are really sent, or the same functions doing nothing. */
export function colours(enabled: boolean): Colours {
  return picocolors.createColors(enabled);
}

/** Whether to colour a stream: https://no-color.org first, then FORCE_COLOR, then whether a person reads it. */
export function wantsColour(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
  flagNoColour: boolean,
): boolean {
  const force = environment['FORCE_COLOR'];
  if (flagNoColour || (environment['NO_COLOR'] ?? '') !== '') return false;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTerminal && environment['TERM'] !== 'dumb';
}

type Voice = StoryLine['voice'];

/** What goes in, what breaks, what the ring does, what comes out, what is judged. */
export const voices: Readonly<Record<Voice, { readonly glyph: string; readonly label: string }>> = {
  step: { glyph: '>', label: 'step' },
  fault: { glyph: '!', label: 'fault' },
  ring: { glyph: 'o', label: 'ring' },
  client: { glyph: '<', label: 'answer' },
  check: { glyph: '=', label: 'check' },
};

export function voicePaint(c: Colours, voice: Voice): Paint {
  return { step: c.cyan, fault: c.red, ring: c.blue, client: c.green, check: c.magenta }[voice];
}

/** Answers are of equal weight with what the ring does; what was asked and what broke stands out. */
export function voiceTextPaint(c: Colours, voice: Voice): Paint {
  return { step: c.bold, fault: c.red, ring: String, client: String, check: String }[voice];
}

export function outcomePaint(c: Colours, outcome: Outcome): Paint {
  return { pass: c.green, fail: c.red, vacuous: c.yellow, stuck: c.magenta }[outcome];
}
