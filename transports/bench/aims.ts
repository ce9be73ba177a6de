/**
 * The figures to aim at (brief §10), and beside which bare peer a row stands. Pure: knows names and numbers. An aim that is
 * a part of a peer's figure holds on any machine, one in MB/s on the two cores that the brief was measured on.
 */
import type { Durability } from '../../core/view/view.js';
import type { FigureName, Figures, Row } from './figures.js';

/** Names of rows, in one place: measures, aims and tests must mean the same. */
export const names = {
  put: (size: string, clients: number): string => `put ${size}, ${clientsText(clients)}`,
  get: (size: string, clients: number): string => `get ${size}, ${clientsText(clients)}`,
  relay: (size: string): string => `relay ${size} through 4 servers`,
  readers: '50 readers of 16 MiB',
  bareChain: (size: string): string => `bare chain of 3, ${size}`,
  bareRelay: (size: string): string => `bare relay through 4, ${size}`,
  bareHttp: (what: string): string => `bare node:http, ${what}`,
  nginx: (what: string): string => `nginx, ${what}`,
  killed: (role: string): string => `pause after kill -9 of the ${role}`,
  frozen: (role: string): string => `pause after SIGSTOP of the ${role}`,
};

const clientsText = (clients: number): string => (clients === 1 ? '1 client' : `${clients} clients`);

interface Aim {
  readonly figure: FigureName;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** As a part of the bare peer beside it. */
  readonly partOfPeer?: number;
}

interface Standard {
  readonly row: string;
  /** Undefined: whatever it is. */
  readonly durability?: Durability;
  /** The bare peer that it is compared with. */
  readonly beside?: string;
  readonly aims: readonly Aim[];
}

const speed = (atLeast: number): Aim => ({ figure: 'mbPerSecond', atLeast });
const rate = (atLeast: number): Aim => ({ figure: 'perSecond', atLeast });
const pause = (atMost: number): Aim => ({ figure: 'pauseMs', atMost });

const BULK = '64 MiB';
const MIDDLE = '1 MiB';
const SMALL = '4 KiB';

const STANDARDS: readonly Standard[] = [
  { row: names.put(BULK, 1), durability: 'fsync', beside: names.bareChain(BULK), aims: [speed(200)] },
  {
    row: names.put(BULK, 1),
    beside: names.bareChain(BULK),
    aims: [speed(300), { figure: 'mbPerSecond', partOfPeer: 0.75 }],
  },
  { row: names.put(MIDDLE, 1), beside: names.bareChain(MIDDLE), aims: [] },
  { row: names.put(MIDDLE, 8), beside: names.bareHttp(names.put(MIDDLE, 8)), aims: [speed(260)] },
  { row: names.put(SMALL, 1), beside: names.bareHttp(names.put(SMALL, 1)), aims: [] },
  { row: names.put(SMALL, 8), durability: 'fsync', beside: names.bareHttp(names.put(SMALL, 8)), aims: [rate(3000)] },
  { row: names.put(SMALL, 8), beside: names.bareHttp(names.put(SMALL, 8)), aims: [rate(5000)] },
  { row: names.get(BULK, 1), beside: names.bareRelay(BULK), aims: [] },
  { row: names.get(BULK, 8), beside: names.bareHttp(names.get(BULK, 8)), aims: [speed(675)] },
  { row: names.get(MIDDLE, 1), beside: names.bareRelay(MIDDLE), aims: [] },
  { row: names.get(MIDDLE, 8), beside: names.bareHttp(names.get(MIDDLE, 8)), aims: [] },
  { row: names.get(SMALL, 1), beside: names.bareHttp(names.get(SMALL, 1)), aims: [] },
  {
    row: names.get(SMALL, 8),
    beside: names.bareHttp(names.get(SMALL, 8)),
    aims: [{ figure: 'perSecond', partOfPeer: 0.4 }],
  },
  { row: names.relay(BULK), beside: names.bareRelay(BULK), aims: [{ figure: 'mbPerSecond', partOfPeer: 0.7 }] },
  {
    row: names.readers,
    aims: [
      { figure: 'seconds', atMost: 1 },
      { figure: 'crossedMb', atMost: 35 },
    ],
  },
  ...['head', 'middle', 'tail', 'entry server'].map((role) => ({ row: names.killed(role), aims: [pause(25)] })),
  ...['head', 'middle', 'tail'].map((role) => ({ row: names.frozen(role), aims: [pause(500)] })),
];

const UNITS: Readonly<Record<FigureName, string>> = {
  mbPerSecond: ' MB/s',
  perSecond: '/s',
  p50Ms: ' ms',
  p99Ms: ' ms',
  seconds: ' s',
  crossedMb: ' MB crossed',
  pauseMs: ' ms',
};

type Unjudged = Omit<Row, 'beside' | 'ratio' | 'aim' | 'isMet'>;

/** Every row beside its peer, where that was measured too, and held against its aims. */
export function judged(rows: readonly Unjudged[]): readonly Row[] {
  return rows.map((row) => {
    const standard = STANDARDS.find(
      ({ row: name, durability }) => name === row.name && (durability === undefined || durability === row.durability),
    );
    const peer = rows.find(({ name }) => name === standard?.beside);
    const ratio = ratioOf(row.figures, peer?.figures);
    const verdicts = (standard?.aims ?? []).map((aim) => ({
      text: aimText(aim),
      isMet: isMet(aim, row.figures, ratio),
    }));
    const known = verdicts.filter((each) => each.isMet !== undefined);
    return {
      ...row,
      ...{ beside: peer?.name, ratio },
      aim: verdicts.length === 0 ? undefined : verdicts.map(({ text }) => text).join(', '),
      isMet: known.length === 0 ? undefined : known.every((each) => each.isMet),
    };
  });
}

function ratioOf(figures: Figures, peer: Figures | undefined): number | undefined {
  for (const name of ['mbPerSecond', 'perSecond'] as const) {
    const [own, other] = [figures[name], peer?.[name]];
    if (own !== undefined && other !== undefined) return own / other;
  }
  return undefined;
}

/** Undefined: the peer was not measured. */
function isMet(
  { figure, atLeast, atMost, partOfPeer }: Aim,
  figures: Figures,
  ratio: number | undefined,
): boolean | undefined {
  if (partOfPeer !== undefined) return ratio === undefined ? undefined : ratio >= partOfPeer;
  const value = figures[figure] ?? Number.NaN;
  return atLeast === undefined ? value <= (atMost ?? Number.NaN) : value >= atLeast;
}

function aimText({ figure, atLeast, atMost, partOfPeer }: Aim): string {
  if (partOfPeer !== undefined) return `≥ ${partOfPeer} of bare`;
  return atLeast === undefined ? `≤ ${atMost}${UNITS[figure]}` : `≥ ${atLeast}${UNITS[figure]}`;
}
