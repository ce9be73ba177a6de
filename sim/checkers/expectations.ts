/**
 * What a scenario expects beyond the invariants: answers to its client steps, a share of operations that succeed, links
 * that stay light, what never occurs, and heads that are spread evenly.
 */
import type { ContentBook } from '../clients/content.js';
import { answerIs, answerText, type OperationRecord, seenFile, targetOf } from '../clients/operation.js';
import type { Violation } from '../run-result.js';
import type { Expectations, StepExpectation } from '../scenario/scenario.js';
import type { World } from '../world-api.js';
import { type Checker, Findings } from './checker.js';
import type { Tally } from './tally.js';

export class ExpectationChecker implements Checker {
  readonly name = 'expect';
  readonly #found: Findings;
  /** sha256 of what was put under a name. */
  readonly #named = new Map<string, Set<string>>();

  constructor(
    private readonly expect: Expectations,
    private readonly tally: Tally,
    private readonly contents: ContentBook,
    nowUs: () => number,
  ) {
    this.#found = new Findings(this.name, nowUs);
  }

  operationCalled({ order, content }: OperationRecord): void {
    if (order.name === undefined || content === undefined) return;
    const known = this.#named.get(order.name) ?? new Set();
    this.#named.set(order.name, known.add(content.sha256));
  }

  /** @param where the step as its author wrote it, and its place. */
  answered(record: OperationRecord, expected: StepExpectation, where: string): void {
    const { answer, client, server, attempts, order } = record;
    const what = `client ${client}: ${order.action.kind} ${targetOf(order.action)} at ${server}`;
    const got = `${answerText(answer)} after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
    if (answer === undefined) return;
    if (expected.outcome !== undefined && !answerIs(answer, expected.outcome)) {
      this.#found.add(`${what} was to be ${expected.outcome}, was ${got}`, [where]);
    } else if (expected.equals !== undefined) this.#sameBytes(record, expected.equals, what, where);
  }

  finish(world: World): readonly Violation[] {
    this.#okRate();
    this.#linkBytes();
    this.#never();
    if (this.expect.evenHeads) this.#evenHeads(world);
    return this.#found.all();
  }

  #sameBytes({ answer }: OperationRecord, name: string, what: string, where: string): void {
    const seen = seenFile(answer);
    if (seen === undefined) {
      this.#found.add(`${what} was to give the bytes of ${name}, was ${answerText(answer)}`, [where]);
      return;
    }
    if (this.#named.get(name)?.has(seen.manifest.sha256) === true) return;
    const other = this.contents.ofManifest(seen.manifest)[0]?.id ?? seen.manifest.sha256;
    this.#found.add(`${what} was to give the bytes of ${name}, gave those of ${other}`, [where]);
  }

  #okRate(): void {
    const { okRateMin } = this.expect;
    const { done, refused, unknown } = this.tally;
    const all = done + refused + unknown;
    if (okRateMin === undefined || all === 0 || done / all >= okRateMin) return;
    const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
    this.#found.add(
      `${percent(done / all)} of the operations were done, at least ${percent(okRateMin)} were expected`,
      [`${done} done, ${refused} refused, ${unknown} unknown`],
    );
  }

  #never(): void {
    for (const [fact, count] of this.tally.facts) {
      if (!this.expect.never.includes(fact)) continue;
      this.#found.add(`${fact} occurred ${count} ${count === 1 ? 'time' : 'times'}, and was never to occur`);
    }
  }

  #evenHeads({ view }: World): void {
    const heads = view.ring.map(({ id }) => ({
      id,
      count: view.chains.filter(({ members }) => members[0] === id).length,
    }));
    const counts = heads.map(({ count }) => count);
    if (Math.max(...counts) - Math.min(...counts) <= 1) return;
    const text = heads.map(({ id, count }) => `${id} ${count}`).join(', ');
    this.#found.add('some servers head more shards than others', [`shards headed: ${text}`]);
  }

  #linkBytes(): void {
    const carried = this.tally.carried();
    const all = carried.reduce((sum, { bytes }) => sum + bytes, 0);
    const busiest = carried.reduce((most, each) => (each.bytes > most.bytes ? each : most), { link: '', bytes: 0 });
    this.#carriedAtMost(this.expect.linkBytesMaxTimes, busiest.link, busiest.bytes);
    this.#carriedAtMost(this.expect.ringBytesMaxTimes, 'all links together', all);
  }

  #carriedAtMost(timesMax: number | undefined, who: string, bytes: number): void {
    const { largestRead } = this.tally;
    if (timesMax === undefined || bytes <= timesMax * largestRead || largestRead === 0) return;
    const times = (bytes / largestRead).toFixed(2);
    this.#found.add(
      `${who} carried ${times} times the bytes of the largest file read, at most ${timesMax} were expected`,
      [`${bytes} bytes since the first get, for a file of ${largestRead}`],
    );
  }
}
