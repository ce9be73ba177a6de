// What the file store may tell its clients and what not, in small stories; and tampering with true histories is found.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFileHistory, explainFileHistory } from './check-file-history.js';
import { fileHistory, plans } from './histories.test-kit.js';
import type { DeleteOperation, FileOperation, PutOperation, ReadOperation } from './history.js';

type Times = readonly [call: number, end: number | null];
const path = '/a.txt';

const done = (version: string): PutOperation['result'] => ({ outcome: 'done', version });
const failed = { outcome: 'precondition-failed' } as const;
const absent = { outcome: 'absent' } as const;

const put = (
  [call, end]: Times,
  content: string,
  result: PutOperation['result'],
  ifVersion?: string,
): FileOperation => ({
  ...{ client: 'n1', path, kind: 'put', call, end, content, result },
  ...(ifVersion === undefined ? {} : { precondition: { ifVersion } }),
});
const remove = ([call, end]: Times, result: DeleteOperation['result'], ifVersion?: string): FileOperation => ({
  ...{ client: 'n2', path, kind: 'delete', call, end, result },
  ...(ifVersion === undefined ? {} : { precondition: { ifVersion } }),
});
const get = ([call, end]: Times, shown: typeof absent | readonly [string, string]): FileOperation => ({
  ...{ client: 'n3', path, kind: 'get', call, end },
  result: 'outcome' in shown ? shown : { outcome: 'found', content: shown[0], version: shown[1] },
});
const unknown = null;
const deleted = (found: boolean): DeleteOperation['result'] => ({ outcome: 'done', found });

const verdict = (...operations: FileOperation[]): string => checkFileHistory(operations).verdict;
const yes = 'linearizable';
const no = 'not linearizable';

describe('reads', () => {
  it('show the last put', () => {
    expect(verdict(put([0, 1], 'a', done('v1')), put([2, 3], 'b', done('v2')), get([4, 5], ['b', 'v2']))).toBe(yes);
  });

  it('a stale one contradicts', () => {
    expect(verdict(put([0, 1], 'a', done('v1')), put([2, 3], 'b', done('v2')), get([4, 5], ['a', 'v1']))).toBe(no);
  });

  it('may show the old or the new file during a put, but never the old after the new', () => {
    const during = [put([0, 1], 'a', done('v1')), put([2, 9], 'b', done('v2'))];
    expect(verdict(...during, get([3, 4], ['a', 'v1']), get([5, 6], ['b', 'v2']))).toBe(yes);
    expect(verdict(...during, get([3, 4], ['b', 'v2']), get([5, 6], ['a', 'v1']))).toBe(no);
  });

  it('must not lose an acknowledged put', () => {
    expect(verdict(put([0, 1], 'a', done('v1')), get([2, 3], absent))).toBe(no);
  });

  it('must name the version that the put was given', () => {
    expect(verdict(put([0, 1], 'a', done('v1')), get([2, 3], ['a', 'v2']))).toBe(no);
  });

  it('must agree on the version of a put without an answer', () => {
    const lost = put([0, null], 'a', unknown);
    expect(verdict(lost, get([2, 3], ['a', 'v1']), get([4, 5], ['a', 'v1']))).toBe(yes);
    expect(verdict(lost, get([2, 3], ['a', 'v1']), get([4, 5], ['a', 'v2']))).toBe(no);
  });

  it('must not invent', () => {
    expect(verdict(get([0, 1], ['a', 'v1']))).toBe(no);
  });

  it('without an answer say nothing', () => {
    const read: ReadOperation = { client: 'n3', path, kind: 'stat', call: 0, end: null, result: null };
    expect(verdict(read, get([0, 1], absent))).toBe(yes);
  });
});

describe('a put with unknown outcome', () => {
  const lost = put([0, null], 'a', unknown);

  it('may take effect later', () => {
    expect(verdict(lost, get([1, 2], absent), put([3, 4], 'b', done('v2')), get([5, 6], ['a', 'v1']))).toBe(yes);
  });

  it('takes effect at most once', () => {
    const seen = [get([1, 2], ['a', 'v1']), put([3, 4], 'b', done('v2'))];
    expect(verdict(lost, ...seen, get([5, 6], ['b', 'v2']))).toBe(yes);
    expect(verdict(lost, ...seen, get([5, 6], ['a', 'v1']))).toBe(no);
  });

  it('may be why a conditional put failed, though nobody ever saw it', () => {
    expect(verdict(lost, put([1, 2], 'b', failed, 'none'))).toBe(yes);
    expect(verdict(put([3, null], 'a', unknown), put([1, 2], 'b', failed, 'none'))).toBe(no);
  });

  it('cannot be the file whose version another answer gave', () => {
    expect(verdict(lost, put([1, 2], 'b', done('v1')), remove([3, 4], deleted(true), 'v1'))).toBe(yes);
    expect(verdict(lost, remove([1, 2], deleted(true), 'v1'), put([3, 4], 'b', done('v1')))).toBe(no);
  });

  it('may have the version that nobody was told of', () => {
    expect(verdict(lost, remove([1, 2], deleted(true), 'v7'))).toBe(yes);
    expect(verdict(put([0, 1], 'a', done('v1')), remove([2, 3], deleted(true), 'v7'))).toBe(no);
  });

  it('is bound by its own precondition', () => {
    const conditional = put([2, null], 'b', unknown, 'none');
    expect(verdict(put([0, 1], 'a', done('v1')), conditional, get([3, 4], ['b', 'v2']))).toBe(no);
    expect(verdict(conditional, get([3, 4], ['b', 'v2']))).toBe(yes);
  });
});

describe('preconditions', () => {
  it('refused by a value not yet visible, and then absent: the refusal told of state that was never there', () => {
    expect(verdict(put([2, 3], 'b', failed, 'none'), get([4, 5], absent))).toBe(no);
    // The value was there, and the read after the refusal has to show it.
    const pending = put([0, 9], 'a', done('v1'));
    expect(verdict(pending, put([2, 3], 'b', failed, 'none'), get([4, 5], ['a', 'v1']))).toBe(yes);
    expect(verdict(pending, put([2, 3], 'b', failed, 'none'), get([4, 5], absent))).toBe(no);
    // Also if the put never got its answer.
    expect(verdict(put([0, null], 'a', unknown), put([2, 3], 'b', failed, 'none'), get([4, 5], absent))).toBe(no);
  });

  it.each<[string, boolean, boolean, boolean]>([
    // condition, holds when absent, holds at v1, holds at v2
    ['none', true, false, false],
    ['any', false, true, true],
    ['v1', false, true, false],
  ])('%s', (ifVersion, whenAbsent, atOne, atTwo) => {
    const one = put([0, 1], 'a', done('v1'));
    const two = put([2, 3], 'b', done('v2'));
    const befores: [FileOperation[], boolean][] = [
      [[], whenAbsent],
      [[one], atOne],
      [[one, two], atTwo],
    ];
    for (const [before, holds] of befores) {
      expect(verdict(...before, put([4, 5], 'c', done('v3'), ifVersion))).toBe(holds ? yes : no);
      expect(verdict(...before, put([4, 5], 'c', failed, ifVersion))).toBe(holds ? no : yes);
      expect(verdict(...before, remove([4, 5], deleted(before.length > 0), ifVersion))).toBe(holds ? yes : no);
      expect(verdict(...before, remove([4, 5], failed, ifVersion))).toBe(holds ? no : yes);
    }
  });

  it('an unconditional one never fails', () => {
    expect(verdict(put([0, 1], 'a', failed))).toBe(no);
    expect(verdict(remove([0, 1], failed))).toBe(no);
  });
});

describe('deletes', () => {
  it('delete and recreate', () => {
    const story = [put([0, 1], 'a', done('v1')), remove([2, 3], deleted(true)), put([4, 5], 'b', done('v2'), 'none')];
    expect(verdict(...story, get([6, 7], ['b', 'v2']))).toBe(yes);
    expect(verdict(...story, get([6, 7], ['a', 'v1']))).toBe(no);
    expect(verdict(...story, get([6, 7], absent))).toBe(no);
    expect(verdict(...story, put([6, 7], 'c', done('v3'), 'v1'))).toBe(no);
  });

  it('found nothing, where something was', () => {
    expect(verdict(remove([0, 1], deleted(false)))).toBe(yes);
    expect(verdict(put([0, 1], 'a', done('v1')), remove([2, 3], deleted(false)))).toBe(no);
    expect(verdict(remove([2, 3], deleted(true)))).toBe(no);
  });

  it('with unknown outcome may come late', () => {
    const story = [put([0, 1], 'a', done('v1')), remove([2, null], unknown), get([4, 5], ['a', 'v1'])];
    expect(verdict(...story, get([6, 7], absent))).toBe(yes);
    expect(verdict(...story, get([6, 7], absent), get([8, 9], ['a', 'v1']))).toBe(no);
  });
});

describe('the verdict', () => {
  const elsewhere: FileOperation = { ...get([50, 51], absent), path: '/b.txt' };

  const explained = (...operations: FileOperation[]): string =>
    explainFileHistory(checkFileHistory([elsewhere, ...operations])).join('\n');
  const one = put([0, 1], 'a', done('v1'));
  const two = put([2, 3], 'b', done('v2'));

  it('names the path and what contradicts', () => {
    expect(explained(one, two, get([4, 5], ['a', 'v1']))).toMatchInlineSnapshot(`
      "not linearizable: /a.txt
        the path holds a from the end of the first to the call of the second, which leaves no room for the rest:
          [0..1] client n1: put a → done, version v1
          [4..5] client n3: get → a (version v1)
          [2..3] client n1: put b → done, version v2"
    `);
    expect(explained(one, two, get([4, 5], ['c', 'v3']))).toContain('no put can have made what this shows');
    expect(explained(one, get([4, 5], ['b', 'v2']), put([6, 7], 'b', done('v2')))).toContain('before its put');
    expect(explained(one, get([4, 5], ['a', 'v2']))).toContain('one content with two versions');
  });

  it('or what fits, and what then does not', () => {
    expect(
      explained(one, remove([2, null], unknown), put([4, 5], 'b', failed, 'v1'), get([6, 7], ['a', 'v1'])),
    ).toMatchInlineSnapshot(`
      "not linearizable: /a.txt
        the path holds a from the end of the first to the call of the second, which leaves no room for the rest:
          [0..1] client n1: put a → done, version v1
          [6..7] client n3: get → a (version v1)
          [4..5] client n1: put b if version v1 → precondition failed"
    `);
    expect(explained(one, remove([2, null], unknown), remove([4, 5], deleted(true), 'none'))).toMatchInlineSnapshot(`
      "not linearizable: /a.txt
        2 operations fit an order, of which the last are
          [0..1] client n1: put a → done, version v1
          [2..] client n2: delete → no answer
        the file is then absent
        so that none of these fits:
          [4..5] client n2: delete if version none → done"
    `);
  });

  it('linearizable: names the path that took most steps', () => {
    const found = checkFileHistory([elsewhere, put([0, 1], 'a', done('v1')), get([2, 3], ['a', 'v1'])]);
    expect(found).toMatchObject({ verdict: yes, path });
    expect(explainFileHistory(found)).toEqual([yes]);
    expect(checkFileHistory([])).toMatchObject({ verdict: yes, path: undefined });
  });

  it('undecided: names the limit', () => {
    const found = checkFileHistory([put([0, 1], 'a', done('v1'))], { stepsMax: 0, visitedBytesMax: 1e6 });
    expect(explainFileHistory(found).join()).toContain('undecided: the history of /a.txt is beyond stepsMax');
  });

  it.each<[string, FileOperation[]]>([
    ['end 0 is before call 1', [put([1, 0], 'a', done('v1'))]],
    ['call is 0.5', [put([0.5, 1], 'a', done('v1'))]],
    ['end is Infinity', [put([0, Number.POSITIVE_INFINITY], 'a', done('v1'))]],
    ['an end or a result, but not both', [put([0, 1], 'a', null)]],
    ['content a was put before', [put([0, 1], 'a', done('v1')), put([2, 3], 'a', done('v2'))]],
  ])('no history at all: %s', (message, operations) => {
    expect(() => checkFileHistory(operations)).toThrow(message);
  });
});

describe('histories of many operations', () => {
  const shape = { count: { minLength: 60, maxLength: 120 }, callMax: 300, lengthMax: 10, oneFalseIn: 0, picks: 10 };

  it('true ones are linearizable; with the results of two reads swapped they are not', () => {
    let swapped = 0;
    fc.assert(
      fc.property(plans(shape), (planned) => {
        const operations = fileHistory(planned);
        expect(checkFileHistory(operations)).toMatchObject({ verdict: yes });
        const tampered = swapReads(operations);
        if (tampered === undefined) return;
        swapped += 1;
        expect(checkFileHistory(tampered)).toMatchObject({ verdict: no, path: '/file' });
      }),
      { numRuns: 200 },
    );
    expect(swapped).toBeGreaterThan(50);
  });
});

/**
 * Swaps the results of two reads that show different puts, one of which was called only after the other read had ended:
 * after the swap, a read shows what was not put yet. Undefined if there are none.
 */
function swapReads(operations: readonly FileOperation[]): FileOperation[] | undefined {
  const isRead = (each: FileOperation): each is ReadOperation => each.kind === 'get' || each.kind === 'stat';
  const calls = new Map(operations.flatMap((each) => (each.kind === 'put' ? [[each.content, each.call]] : [])));
  for (const early of operations.filter(isRead)) {
    for (const late of operations.filter(isRead)) {
      if (early.end === null || late.result?.outcome !== 'found') continue;
      if ((calls.get(late.result.content) ?? 0) <= early.end) continue;
      const swap = (each: FileOperation): FileOperation => {
        if (each === early) return { ...early, result: late.result };
        return each === late ? { ...late, result: early.result } : each;
      };
      return operations.map(swap);
    }
  }
  return undefined;
}
