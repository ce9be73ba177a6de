/**
 * The story of a run: turns steps, faults, facts and answers into lines that a person can follow. Level 0 is what matters
 * (steps, faults, views, what went wrong, the operations of steps), level 1 the rest. Bounded: of each level the first and
 * the last lines are kept. Judges nothing.
 */

import { bytes, counted, duration } from '../core/figures.js';
import {
  compareEntryIds,
  type EntryId,
  type MemberId,
  type OperationId,
  type UploadId,
  versionText,
} from '../core/ids.js';
import type { Fact } from '../core/output.js';
import type { View } from '../core/view/view.js';
import type { Watcher } from './checkers/checker.js';
import type { ContentBook } from './clients/content.js';
import { answerIs, answerText, type OperationRecord, seenFile, targetOf } from './clients/operation.js';
import type { ClientStep, StageWatcher } from './faults/stage.js';
import type { Strike } from './faults/strike.js';
import type { StoryLine, Violation } from './run-result.js';
import type { Step } from './scenario/scenario.js';
import { chainChanges } from './story-chains.js';
import { factText } from './story-facts.js';
import type { World } from './world-api.js';

/** Lines kept of each level: from the beginning, and from the end. */
const FIRST_LINES = 200;
const LAST_LINES = 100;
/** A step that strikes again and again is told so often; its clients one by one up to so many. */
const REPEATED_MAX = 3;
const CLIENTS_MAX = 3;
/** Servers of a view named one by one. */
const RING_MAX = 12;

class Level {
  readonly #first: { readonly order: number; readonly line: StoryLine }[] = [];
  readonly #last: { readonly order: number; readonly line: StoryLine }[] = [];
  #left = 0;

  add(order: number, line: StoryLine): void {
    if (this.#first.length < FIRST_LINES) {
      this.#first.push({ order, line });
      return;
    }
    this.#last.push({ order, line });
    if (this.#last.length < 2 * LAST_LINES) return;
    this.#left += this.#last.splice(0, LAST_LINES).length;
  }

  lines(): readonly { readonly order: number; readonly line: StoryLine }[] {
    const over = Math.max(0, this.#last.length - LAST_LINES);
    const last = this.#last.slice(over);
    const left = this.#left + over;
    const next = last[0];
    if (left === 0 || next === undefined) return [...this.#first, ...last];
    const text = `${counted(left, 'line')} left out here`;
    const gap: StoryLine = { ...next.line, voice: 'check', who: '', text };
    return [...this.#first, { order: next.order - 0.5, line: gap }, ...last];
  }
}

interface OrderedEntry {
  readonly shard: number;
  readonly id: EntryId;
  readonly path: string;
  readonly operation: OperationId;
}

export class Story implements Watcher, StageWatcher {
  readonly #levels = [new Level(), new Level()] as const;
  #order = 0;
  /** Uploads and operations of steps: their fate is told at level 0. */
  readonly #uploads = new Map<UploadId, string>();
  readonly #operations = new Set<OperationId>();
  readonly #contents = new Map<OperationId, { readonly length: number; readonly chunks: number }>();
  /** Entries of steps that nobody has committed. */
  #ordered: OrderedEntry[] = [];
  /** Sides that were told as broken: only these are told as restored. */
  readonly #broken = new Set<string>();
  /** The register's last value. */
  #view: View;
  #wound: { readonly us: number; readonly name: string } | undefined;
  readonly #answered = new Map<Step, Map<string, number>>();

  constructor(
    private readonly world: World,
    private readonly contents: ContentBook,
    private readonly chunkBytes: number,
  ) {
    this.#view = world.view;
  }

  lines(): readonly StoryLine[] {
    const all = this.#levels.flatMap((level) => level.lines());
    return all.sort((a, b) => a.order - b.order).map(({ line }) => line);
  }

  violated({ checker, message }: Violation): void {
    this.#say('check', '', `${checker}: ${message}`, 0);
  }

  /** The runner's own words. */
  phase(text: string): void {
    this.#say('check', '', text, 1);
  }

  stepStruck(step: Step, strikes: number): void {
    this.#say('step', '', step.text, strikes <= REPEATED_MAX ? 0 : 1);
  }

  faultStruck({ name, hits }: Strike): void {
    this.#wound = { us: this.world.nowUs, name };
    for (const { who, text } of hits) this.#say('fault', who, text, 0);
  }

  faultEnded(text: string): void {
    this.#say('fault', '', text, 0);
  }

  stepAnswered(step: ClientStep, record: OperationRecord): void {
    const { clients, expect } = step.action;
    const level = clients <= CLIENTS_MAX ? 0 : 1;
    const { answer, server } = record;
    const took = duration(((record.endUs ?? record.callUs) - record.callUs) / 1000);
    const again = record.attempts > 1 ? `, ${record.attempts} attempts` : '';
    const text = `${record.order.action.kind} ${targetOf(record.order.action)} at ${server}: ${this.#answer(record, expect.equals)}`;
    this.#say('client', record.client, `${text} (${took}${again})`, level);
    if (clients <= CLIENTS_MAX || answer === undefined) return;
    const counts = this.#answered.get(step) ?? new Map<string, number>();
    counts.set(answerText(answer), (counts.get(answerText(answer)) ?? 0) + 1);
    this.#answered.set(step, counts);
    if ([...counts.values()].reduce((sum, count) => sum + count, 0) < clients) return;
    this.#answered.delete(step);
    const parts = [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
    this.#say(
      'client',
      `${clients} clients`,
      `${step.action.action.kind} ${targetOf(step.action.action)}: ${parts}`,
      0,
    );
  }

  operationCalled({ order, operation, content }: OperationRecord): void {
    if (operation === undefined) return;
    if (order.purpose !== 'workload') this.#operations.add(operation);
    if (content === undefined) return;
    this.#contents.set(operation, { length: content.length, chunks: Math.ceil(content.length / this.chunkBytes) });
  }

  operationEnded(record: OperationRecord): void {
    const { order, answer, operation } = record;
    if (operation !== undefined) this.#contents.delete(operation);
    if (order.purpose !== 'workload' && order.purpose !== 'audit') return;
    const isBad = answer?.result === 'refused' || answer?.result === 'unknown';
    const what = `${order.action.kind} ${targetOf(order.action)} at ${record.server}`;
    this.#say('client', record.client, `${what}: ${this.#answer(record, undefined)}`, isBad ? 0 : 1);
  }

  viewWritten(view: View): void {
    const ring = view.ring.map(({ id }) => id);
    const names = ring.length <= RING_MAX ? ring.join(' → ') : counted(ring.length, 'server');
    const since = this.#wound;
    const after =
      since === undefined ? '' : ` (${duration((this.world.nowUs - since.us) / 1000)} after the ${since.name})`;
    this.#wound = undefined;
    const chains = chainChanges(this.#view, view);
    this.#view = view;
    this.#say('ring', '', `view ${view.epoch}: ${names}${after}${chains === '' ? '' : ` · ${chains}`}`, 0);
  }

  fact(server: MemberId, _incarnation: number, fact: Fact): void {
    if (fact.fact === 'upload-started') {
      const content = this.#contents.get(fact.operation);
      if (this.#operations.has(fact.operation)) this.#uploads.set(fact.upload, fact.path);
      const size = content === undefined ? '' : ` (${bytes(content.length)}, ${counted(content.chunks, 'chunk')})`;
      const level = this.#operations.has(fact.operation) ? 0 : 1;
      this.#say('ring', server, `takes in ${fact.path}${size}`, level);
      return;
    }
    if (fact.fact === 'committed') {
      this.#committed(server, fact);
      return;
    }
    if (fact.fact === 'ordered' && this.#operations.has(fact.entry.proposal.operation)) {
      this.#orderedBy(fact);
    }
    if (fact.fact === 'link-broken') this.#broken.add(`${server} ${fact.side}`);
    // At the founding every link comes up: nobody needs to hear of that.
    if (fact.fact === 'link-restored' && !this.#broken.delete(`${server} ${fact.side}`)) return;
    const told = factText(fact, (upload) => this.#uploads.get(upload));
    if (told === undefined) return;
    const isOfStep = told.operation !== undefined && this.#operations.has(told.operation);
    this.#say('ring', server, told.text, told.level === 0 || isOfStep ? 0 : 1);
  }

  /** Ordered again in a later epoch: the entry of the earlier one was lost. */
  #orderedBy({ shard, entry }: Extract<Fact, { fact: 'ordered' }>): void {
    const { operation, path } = entry.proposal;
    this.#ordered = this.#ordered.filter((known) => known.operation !== operation);
    this.#ordered.push({ shard, id: entry.id, path, operation });
  }

  #committed(server: MemberId, { shard, upTo }: Extract<Fact, { fact: 'committed' }>): void {
    if (this.#ordered.length === 0) return;
    const isMeant = (entry: { shard: number; id: EntryId }) =>
      entry.shard === shard && compareEntryIds(entry.id, upTo) <= 0;
    const meant = this.#ordered.filter(isMeant);
    if (meant.length === 0) return;
    this.#ordered = this.#ordered.filter((entry) => !isMeant(entry));
    for (const { path, id } of meant) this.#say('ring', server, `commits ${path} as ${versionText(id)}`, 0);
  }

  #answer({ answer, content }: OperationRecord, equals: string | undefined): string {
    const file = seenFile(answer);
    if (answer?.result === 'delivered') {
      const whole = answer.bytes === answer.manifest.length ? '' : ` of ${bytes(answer.manifest.length)}`;
      const put = this.contents.ofManifest(answer.manifest)[0];
      const same = equals === undefined || put === undefined ? '' : `, bytes of ${put.id.split('@')[0]}`;
      return `${bytes(answer.bytes)}${whole}, version ${versionText(answer.version)}${same}`;
    }
    if (file !== undefined) return `${bytes(file.manifest.length)}, version ${versionText(file.version)}`;
    if (answer !== undefined && answerIs(answer, 'stored') && content !== undefined) {
      const version =
        answer.result === 'done' && answer.outcome.result === 'stored' ? answer.outcome.version : undefined;
      return `stored ${bytes(content.length)}${version === undefined ? '' : ` as ${versionText(version)}`}`;
    }
    return answerText(answer);
  }

  #say(voice: StoryLine['voice'], who: string, text: string, level: 0 | 1): void {
    this.#order += 1;
    this.#levels[level].add(this.#order, { atUs: this.world.nowUs, voice, who, text, level });
  }
}
