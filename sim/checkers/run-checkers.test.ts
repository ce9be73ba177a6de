// Checkers of links, clients and the run as a whole: silent on a good run, loud on a doctored one.
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../core/frame.js';
import { ContentBook } from '../clients/content.js';
import { ringView } from '../clients/fake-world.test-kit.js';
import type { FinalAnswer } from '../clients/operation.js';
import type { Expectations, StepExpectation } from '../scenario/scenario.js';
import { ClockwiseOnly } from './clockwise-only.js';
import { Conservation } from './conservation.js';
import * as kit from './doctored.test-kit.js';
import { ExpectationChecker } from './expectations.js';
import { Linearizable } from './linearizable.js';
import { LinkLedger } from './link-ledger.js';
import { NoPartialRead } from './no-partial-read.js';
import { NotVacuous } from './not-vacuous.js';
import { RingHistory } from './ring-history.js';
import { Tally } from './tally.js';
import { ViewBook } from './view-book.js';

const { id, manifest, messages, record, VIEW } = kit;
const nowUs = () => 7;
const route = { epoch: 1, origin: 'n1', lastStop: 'n1' } as const;
const abandon: Frame = { kind: 'abandon', upload: 'u', ...route };
const pong: Frame = { kind: 'pong', epoch: 1 };
const stored = (sequence: number): FinalAnswer =>
  kit.done({ result: 'stored', version: id(sequence), upload: `o${sequence}` });
const EXPECT: Expectations = {
  convergedWithinUs: 1_000_000,
  eventually: [],
  sometimes: [],
  never: [],
  evenHeads: false,
  okRateMin: undefined,
  linkBytesMaxTimes: undefined,
  ringBytesMaxTimes: undefined,
  allStepsStrike: true,
  mayLose: false,
};

describe('clockwise-only', () => {
  function judge(from: string, to: string, frame: Frame, clockwise: boolean): string {
    const checker = new ClockwiseOnly(new ViewBook(VIEW), nowUs);
    checker.sent(from, to, frame, 1, clockwise);
    return messages(checker.finish(kit.world()));
  }

  it('is content with data to the successor, and with pongs the other way', () => {
    expect(judge('n2', 'n3', abandon, true)).toBe('');
    expect(judge('n4', 'n1', abandon, true)).toBe('');
    expect(judge('n3', 'n2', pong, false)).toBe('');
    expect(judge('n1', 'n3', { kind: 'ping', epoch: 1 }, true)).toBe('');
    const [knocking] = VIEW.ring;
    if (knocking !== undefined)
      expect(judge('n9', 'n2', { kind: 'knock', epoch: 1, member: knocking }, false)).toBe('');
  });

  it('sees data that goes backwards, skips a member, or belongs to no view', () => {
    expect(judge('n3', 'n2', abandon, false)).toContain('against the stream');
    expect(judge('n1', 'n3', abandon, true)).toContain('where n1 is followed by n2');
    expect(judge('n1', 'n2', { ...abandon, epoch: 5 }, true)).toContain('which the register never held');
    expect(judge('n1', 'n2', pong, true)).toContain('a pong frame clockwise');
  });
});

describe('conservation', () => {
  function judge(frozen: boolean, change: (ledger: LinkLedger, checker: Conservation) => void): string {
    let now = 0;
    const ledger = new LinkLedger(() => now);
    const checker = new Conservation(ledger, frozen, () => now);
    change(ledger, checker);
    now = 60_000_000;
    return messages(checker.finish(kit.world()));
  }

  it('is content when all is delivered or lost', () => {
    const good = (ledger: LinkLedger) => {
      for (let i = 0; i < 3; i++) ledger.sent('n1', 'n2', abandon, 48);
      for (let i = 0; i < 2; i++) ledger.delivered('n1', 'n2', abandon, 48);
      ledger.lost('n1', 'n2', abandon, 48);
    };
    expect(judge(false, good)).toBe('');
  });

  it('sees frames out of nothing, frames that vanish, and bytes that change', () => {
    const extra = (ledger: LinkLedger, checker: Conservation) => {
      ledger.delivered('n1', 'n2', abandon, 48);
      checker.delivered('n1', 'n2', abandon);
    };
    expect(judge(false, extra)).toContain('more than was sent');
    const vanished = (ledger: LinkLedger) => ledger.sent('n1', 'n2', abandon, 48);
    expect(judge(false, vanished)).toContain('1 frames vanished on n1 > n2');
    expect(judge(true, vanished)).toBe('');
    const changed = (ledger: LinkLedger) => {
      ledger.sent('n1', 'n2', abandon, 48);
      ledger.delivered('n1', 'n2', abandon, 47);
    };
    expect(judge(false, changed)).toContain('do not balance');
  });
});

describe('no-partial-read', () => {
  it('reports what clients saw', () => {
    const checker = new NoPartialRead(nowUs);
    expect(checker.finish(kit.world())).toEqual([]);
    checker.bytesWrong(record({}), 'bytes from 200 came where bytes from 100 belong');
    expect(messages(checker.finish(kit.world()))).toContain('client c1, reading /a at n1: bytes from 200');
  });
});

describe('linearizable', () => {
  const stat = { kind: 'stat', path: '/a' } as const;
  const found = (upload: string, sequence: number): FinalAnswer => ({
    result: 'found',
    file: { version: id(sequence), manifest: manifest(upload) },
  });
  function judge(...records: readonly ReturnType<typeof record>[]): string {
    const book = new ContentBook();
    for (const { content } of records) if (content !== undefined) book.imaginary(content.id, content.length);
    const checker = new Linearizable(book);
    for (const each of records) checker.operationCalled(each);
    return messages(checker.finish(kit.world()));
  }
  const first = record({ operation: 'o1', answer: stored(1), call: 1, end: 2 });
  const second = record({ operation: 'o2', answer: stored(2), call: 3, end: 4 });

  it('is content with reads of the latest', () => {
    const read = record({ action: stat, answer: found('o2', 2), call: 5, end: 6 });
    expect(judge(first, second, read)).toBe('');
  });

  it('sees a stale read, a vanished file, and what was refused come true', () => {
    const stale = record({ action: stat, answer: found('o1', 1), call: 5, end: 6 });
    expect(judge(first, second, stale)).toContain('not linearizable: /a');
    const gone = record({ action: stat, answer: { result: 'absent' }, call: 5, end: 6 });
    expect(judge(first, second, gone)).toContain('not linearizable: /a');
    const refused = record({ operation: 'o2', answer: { result: 'refused', code: 'busy' }, call: 3, end: 4 });
    const read = record({ action: stat, answer: found('o2', 2), call: 5, end: 6 });
    expect(judge(first, refused, read)).toContain('not linearizable: /a');
  });

  it('lets an unknown write happen late, or never', () => {
    const unknown = record({ operation: 'o2', answer: { result: 'unknown', code: 'timeout' }, call: 3, end: 4 });
    const before = record({ action: stat, answer: found('o1', 1), call: 5, end: 6 });
    const after = record({ action: stat, answer: found('o2', 2), call: 7, end: 8 });
    expect(judge(first, unknown, before)).toBe('');
    expect(judge(first, unknown, before, after)).toBe('');
    expect(judge(first, unknown, after, { ...before, call: 9, end: 10 })).toContain('not linearizable');
  });

  it('takes a list as a look at every known path', () => {
    const list = { kind: 'list', prefix: '/' } as const;
    const items = [{ path: '/a', file: { version: id(1), manifest: manifest('o1') } }];
    const full: FinalAnswer = { result: 'listed', items, more: false };
    expect(judge(first, record({ action: list, answer: full, call: 3, end: 4 }))).toBe('');
    const empty: FinalAnswer = { result: 'listed', items: [], more: false };
    expect(judge(first, record({ action: list, answer: empty, call: 3, end: 4 }))).toContain('not linearizable');
    expect(judge(first, record({ action: list, answer: { ...empty, more: true }, call: 3, end: 4 }))).toBe('');
  });
});

describe('linearizable, where a chain may lose', () => {
  it('leaves out what went with its chain, and nothing else', () => {
    const checker = new Linearizable(new ContentBook(), (path) => path === '/a');
    const absent = { answer: { result: 'absent' }, call: 5, end: 6 } as const;
    checker.operationCalled(record({ action: { kind: 'stat', path: '/a' }, ...absent }));
    checker.operationCalled(record({ action: { kind: 'stat', path: '/b' }, ...absent }));
    expect(checker.history().map(({ path }) => path)).toEqual(['/b']);
  });
});

describe('the tally', () => {
  it('counts servers struck, and what became of chains and lives', () => {
    const world = kit.world();
    const ring = new RingHistory(VIEW);
    const tally = new Tally(world, new LinkLedger(nowUs), ring);
    tally.struck('crash', 2);
    tally.struck('crash');
    ring.viewWritten(kit.withLearner(VIEW, 'n4'));
    const promoted = ringView(kit.IDS, [['n1', 'n2', 'n3', 'n4']], 2);
    ring.viewWritten(promoted);
    ring.viewWritten(kit.lostView(['n4'], 3));
    ring.viewWritten(ringView(['n2', 'n4'], [['n2']], 4));
    ring.fact('n2', 1, { fact: 'registered', incarnation: 2 });
    ring.fact('n2', 2, { fact: 'registered', incarnation: 2 });
    expect(tally.figures(3)).toMatchObject({
      faults: { crash: 3 },
      promoted: 1,
      shardsLost: 1,
      shardsRevived: 1,
      restarts: 1,
      losses: 3,
    });
  });
});

describe('not-vacuous', () => {
  function judge(expect: Expectations, isDone: boolean, idle = false): string {
    const world = kit.world();
    const tally = new Tally(world, new LinkLedger(nowUs));
    if (isDone) tally.operationEnded(record({ operation: 'o1', answer: stored(1) }));
    kit.tell([tally], ['n1', kit.ordered(kit.entry(1))]);
    const steps = idle ? [{ text: 'crash: n1', line: 3, why: 'there was nobody to strike' }] : [];
    return messages(new NotVacuous(expect, tally, () => steps, nowUs).finish(world));
  }

  it('is content when something was done and all struck', () => {
    expect(judge({ ...EXPECT, sometimes: ['ordered'] }, true)).toBe('');
    expect(judge({ ...EXPECT, allStepsStrike: false }, true, true)).toBe('');
  });

  it('sees that nothing was done, a step was idle, a fact was missing', () => {
    expect(judge(EXPECT, false)).toBe('no operation succeeded');
    expect(judge(EXPECT, true, true)).toContain('a step never struck: crash: n1');
    expect(judge({ ...EXPECT, sometimes: ['want-joined'] }, true)).toBe('want-joined never occurred');
  });
});

describe('expectations', () => {
  const get = {
    kind: 'get',
    path: '/a',
    fromByte: 0,
    toByte: undefined,
    clientBytesPerSecond: undefined,
  } as const;
  it('sees what was never to occur', () => {
    const judge = (never: readonly string[]): string => {
      const tally = new Tally(kit.world(), new LinkLedger(nowUs));
      kit.tell([tally], ['n1', kit.ordered(kit.entry(1))], ['n1', kit.ordered(kit.entry(2))]);
      const checker = new ExpectationChecker({ ...EXPECT, never }, tally, new ContentBook(), nowUs);
      return messages(checker.finish(kit.world()));
    };
    expect(judge(['link-broken'])).toBe('');
    expect(judge(['link-broken', 'ordered'])).toBe('ordered occurred 2 times, and was never to occur');
  });

  it('sees uneven heads', () => {
    const judge = (...chains: readonly string[][]): string => {
      const world = kit.world(ringView(kit.IDS, chains, 2));
      const tally = new Tally(world, new LinkLedger(nowUs));
      const checker = new ExpectationChecker({ ...EXPECT, evenHeads: true }, tally, new ContentBook(), nowUs);
      return messages(checker.finish(world));
    };
    expect(judge(['n1'], ['n2'], ['n3'], ['n3', 'n4'])).toContain('some servers head more shards than others');
    expect(judge(['n1'], ['n2'], ['n3', 'n1'], ['n4'])).toBe('');
  });

  function judge(
    answer: FinalAnswer,
    expected: StepExpectation,
    wish: Partial<Expectations> = {},
    carried = 0,
  ): string {
    const world = kit.world();
    const ledger = new LinkLedger(nowUs);
    const tally = new Tally(world, ledger);
    const checker = new ExpectationChecker({ ...EXPECT, ...wish }, tally, new ContentBook(), nowUs);
    checker.operationCalled(record({ name: 'first', operation: 'o1' }));
    const read = record({ action: get, answer });
    tally.operationCalled(read);
    if (carried > 0) ledger.delivered('n1', 'n2', abandon, carried);
    tally.operationEnded(read);
    checker.answered(read, expected, 'line 3: get: /a');
    return messages(checker.finish(world));
  }
  const delivered: FinalAnswer = { result: 'delivered', version: id(1), manifest: manifest('o1'), bytes: 250 };
  const refused: FinalAnswer = { result: 'refused', code: 'busy' };

  it('is content with the answer expected, by word or code', () => {
    expect(judge(delivered, { outcome: 'delivered', equals: 'first' })).toBe('');
    expect(judge(refused, { outcome: 'refused', equals: undefined })).toBe('');
    expect(judge(refused, { outcome: 'busy', equals: undefined })).toBe('');
    expect(judge(refused, { outcome: undefined, equals: undefined })).toBe('');
    expect(judge(delivered, { outcome: undefined, equals: undefined }, { linkBytesMaxTimes: 2 }, 500)).toBe('');
  });

  it('sees another answer, other bytes, too few successes and too heavy a link', () => {
    expect(judge({ result: 'absent' }, { outcome: 'delivered', equals: undefined })).toContain('was to be delivered');
    expect(judge({ result: 'absent' }, { outcome: undefined, equals: 'first' })).toContain(
      'was to give the bytes of first',
    );
    const other = { ...delivered, manifest: manifest('o2') };
    expect(judge(other, { outcome: undefined, equals: 'first' })).toContain('gave those of imaginary:o2');
    expect(judge(refused, { outcome: undefined, equals: undefined }, { okRateMin: 0.8 })).toContain('0.0 %');
    expect(judge(delivered, { outcome: undefined, equals: undefined }, { linkBytesMaxTimes: 1.5 }, 500)).toContain(
      'n1 > n2 carried 2.00 times',
    );
    expect(judge(delivered, { outcome: undefined, equals: undefined }, { ringBytesMaxTimes: 1.5 }, 500)).toContain(
      'all links together carried 2.00 times',
    );
  });
});
