/**
 * How one run ended: the outcome, its figures, and for a run that did not pass what was violated and how to see it
 * again. Returns lines; prints nothing.
 */

import { bytes, count, counted, duration, perSecond } from '../../core/figures.js';
import type { Figures, Outcome, RunResult } from '../run-result.js';
import { reproduceCommand } from './command.js';
import { type Colours, outcomePaint } from './palette.js';
import type { Look } from './story.js';
import { padRight, printable, wrap } from './text.js';
import { INTERNAL_ERROR, violationLines } from './violations.js';

const outcomeWords: Readonly<Record<Outcome, string>> = {
  pass: 'everything held',
  fail: 'an expectation or invariant failed',
  vacuous: 'nothing was really tested',
  stuck: 'the system did not converge',
};

const LABEL_WIDTH = 12;

export function verdictLines(result: RunResult, look: Look): readonly string[] {
  const { colours: c, width } = look;
  return [
    c.dim('─'.repeat(width)),
    ...outcomeLine(result, c),
    '',
    ...(cameToAResult(result) ? [...figureLines(result, look), ''] : []),
    ...troubleLines(result, look),
  ];
}

/** A run that threw has no figures to show. */
const cameToAResult = ({ violations }: RunResult): boolean => violations[0]?.checker !== INTERNAL_ERROR;

/** With --quiet: one line, and what went wrong. */
export function quietVerdictLines(result: RunResult, look: Look): readonly string[] {
  const first = `${badge(result.outcome, look.colours)} ${printable(result.scenario)} · seed ${result.seed}`;
  return result.outcome === 'pass' ? [first] : [first, '', ...troubleLines(result, look)];
}

/** The outcome as a coloured word. */
export function badge(outcome: Outcome, c: Colours): string {
  return outcomePaint(c, outcome)(c.bold(outcome.toUpperCase()));
}

function outcomeLine(result: RunResult, c: Colours): readonly string[] {
  return [`  ${badge(result.outcome, c)}  ${outcomeWords[result.outcome]} ${c.dim(`(seed ${result.seed})`)}`];
}

function troubleLines(result: RunResult, look: Look): readonly string[] {
  if (result.outcome === 'pass') return [];
  return [
    ...violationLines(result.violations, look),
    `  See it again:  ${look.colours.cyan(reproduceCommand(result.file, result.seed))}`,
  ];
}

function figureLines(result: RunResult, look: Look): readonly string[] {
  const { figures } = result;
  const speed = perSecond(result.events, result.wallMs);
  const heal = figures.longestHealUs;
  const rows: [string, readonly string[]][] = [
    [
      'operations',
      [`${count(figures.done)} done`, `${count(figures.refused)} refused`, `${count(figures.unknown)} unknown`],
    ],
    [
      'bytes',
      [
        `${bytes(figures.bytesStored)} stored`,
        `${bytes(figures.bytesRead)} read`,
        `${bytes(figures.bytesOnLinks)} on links`,
      ],
    ],
    [
      'ring',
      [
        counted(figures.epochs, 'epoch'),
        heal === undefined ? 'no view changed' : `longest heal ${duration(heal / 1000)}`,
      ],
    ],
    ...healingRow(figures),
    ['faults', kindCounts(figures.faults)],
    [
      'run',
      [
        counted(result.events, 'event'),
        `${duration(result.virtualMs)} virtual`,
        `${duration(result.wallMs)} wall`,
        ...(speed === undefined ? [] : [`${speed} events/s`]),
      ],
    ],
    ['trace', [result.traceHash]],
    ...(look.verbose ? ([['facts', kindCounts(figures.facts)]] as [string, readonly string[]][]) : []),
  ];
  return rows.flatMap(([label, parts]) => row(label, parts.join(' · '), look));
}

/** Nothing, where nothing had to heal. */
function healingRow({ promoted, shardsLost, shardsRevived, restarts, losses }: Figures): [string, readonly string[]][] {
  const parts = [
    ...(promoted > 0 ? [`${counted(promoted, 'learner')} promoted`] : []),
    ...(shardsLost > 0 ? [`${counted(shardsLost, 'chain')} lost`, `${count(shardsRevived)} brought back`] : []),
    ...(restarts > 0 ? [counted(restarts, 'restart')] : []),
    ...(losses > 0 ? [`${counted(losses, 'acknowledged write')} lost, as allowed`] : []),
  ];
  return parts.length === 0 ? [] : [['healing', parts]];
}

function row(label: string, text: string, { colours: c, width }: Look): readonly string[] {
  return wrap(text, width - LABEL_WIDTH - 2).map(
    (part, index) => `  ${c.dim(padRight(index === 0 ? label : '', LABEL_WIDTH))}${part}`,
  );
}

/** `2 crash`, `1 split`: by name, so that the order does not depend on what happened first. */
export function kindCounts(counts: Readonly<Record<string, number>>): readonly string[] {
  const kinds = Object.entries(counts).filter(([, howMany]) => howMany > 0);
  if (kinds.length === 0) return ['none'];
  return kinds.sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, howMany]) => `${count(howMany)} ${printable(kind)}`);
}
