/** Frames, facts and answers in words: how the outcome of a golden script reads. */
import type { LogEntry, Outcome } from '../file.js';
import type { Frame, LinkFrame, RingFrame, Stamp, Want } from '../frame.js';
import type { Answer, Fact } from '../output.js';
import type { View } from '../view/view.js';
import { type Names, rangesText, version } from './names.test-kit.js';

export function outcomeText(outcome: Outcome): string {
  switch (outcome.result) {
    case 'stored':
      return `stored as version ${version(outcome.version)}`;
    case 'deleted':
      return outcome.found ? 'deleted' : 'deleted, there was nothing';
    case 'precondition-failed':
      return 'precondition failed';
  }
}

export function entryText(names: Names, { id, proposal }: LogEntry): string {
  return `${version(id)} ${names.operation(proposal.operation)}`;
}

export function viewText(view: View): string {
  const ring = view.ring.map((member) => member.id).join(' ');
  const chains = view.chains.map((chain) => chainText(chain)).join(' / ');
  return `view ${view.epoch}: ring ${ring}; chain ${chains}`;
}

function chainText({ members, learners, lost }: View['chains'][number]): string {
  if (lost.length > 0) return `lost with ${lost.map(({ id }) => id).join(' ')}`;
  return learners.length === 0 ? members.join(' ') : `${members.join(' ')} + ${learners.join(' ')}`;
}

function linkFrameText(frame: LinkFrame): string {
  switch (frame.kind) {
    case 'hello':
      return `hello from ${frame.from}, view ${frame.view.epoch}, ${frame.freeSlots} free slots`;
    case 'welcome':
      return `welcome from ${frame.from}, view ${frame.view.epoch}`;
    case 'view':
      return viewText(frame.view);
    case 'ping':
    case 'pong':
      return frame.kind;
    case 'credit':
      return `credit ${frame.count}`;
    case 'knock':
      return `knock of ${frame.member.id}`;
  }
}

function replicateText(names: Names, { entries, durable }: Extract<RingFrame, { kind: 'replicate' }>): string {
  const said = `durable up to ${durable}`;
  return entries.length === 0
    ? said
    : `replicate ${entries.map((entry) => entryText(names, entry)).join(', ')}, ${said}`;
}

function ringFrameText(names: Names, frame: RingFrame): string {
  switch (frame.kind) {
    case 'token':
      return `token ${frame.number}${frame.active ? ' active' : ''}`;
    case 'chunk': {
      const name = `${names.upload(frame.chunk.upload)}#${frame.chunk.index}`;
      if (frame.purpose === 'upload') return `chunk ${name}`;
      return frame.purpose === 'repair' ? `repair chunk ${name}` : `rider ${name}${served(frame.served)}`;
    }
    case 'marker': {
      const missing = frame.missing.map(({ member, ranges }) => `, ${member} misses ${rangesText(ranges)}`).join('');
      return `marker behind ${names.chunks(frame.upload, [frame])}${missing}`;
    }
    case 'append': {
      const { operation, path, change } = frame.proposal;
      const behind = frame.lane === 'data' ? ' behind its chunks' : '';
      return `append ${names.operation(operation)} (${change.kind} ${path}, attempt ${frame.attempt})${behind}`;
    }
    case 'parcel': {
      const { operation, path, change } = frame.proposal;
      return `parcel ${names.operation(operation)} (${change.kind} ${path}, attempt ${frame.attempt}) with its bytes`;
    }
    case 'refusal': {
      const lacks = frame.missing.length > 0 ? `, lacking ${rangesText(frame.missing)}` : '';
      return `refusal of ${names.operation(frame.operation)} up to attempt ${frame.attempt}: ${frame.code}${lacks}`;
    }
    case 'reminder':
      return `reminder ${names.operation(frame.operation)}: ${outcomeText(frame.outcome)}`;
    case 'replicate':
      return replicateText(names, frame);
    case 'commit': {
      const outcomes = frame.outcomes.map(({ operation }) => names.operation(operation)).join(' ');
      return `commit up to ${version(frame.upTo)} (${outcomes}) on a chain of ${frame.chainLength}`;
    }
    case 'learn':
      return `learn shard ${frame.shard} from ${version(frame.last)}, page ${frame.page}`;
    case 'lesson': {
      const { files, outcomes, staged } = frame;
      const what = `${files.length} files, ${outcomes.length} outcomes, ${staged.length} uploads`;
      const end = frame.isLast ? `, the last of ${frame.count}` : '';
      return `lesson of shard ${frame.shard} by ${frame.how} at ${version(frame.at)}: ${what}${end}`;
    }
    case 'learned':
      return `learned shard ${frame.shard} up to ${version(frame.upTo)}`;
    case 'space':
      return frame.full ? 'my disk is full' : 'my disk has room';
    case 'abandon':
      return `abandon ${names.upload(frame.upload)}`;
    case 'shuttle': {
      const { origin, awaitedBy, isGapped, comesAgain } = frame;
      const loads = frame.wants.map((want) => wantText(want));
      if (awaitedBy.length > 0) loads.push(`readers of ${awaitedBy.join(' ')}`);
      const others = [comesAgain ? ', comes again' : '', isGapped ? ', gapped' : ''].join('');
      const isLone = loads.length === 1 && frame.wants[0]?.origin === origin && others === '';
      return isLone ? loads.join('') : `shuttle of ${origin}: ${loads.join('; ') || 'empty'}${others}`;
    }
    case 'fetch': {
      const what = frame.purpose === 'repair' ? 'repair fetch' : 'fetch';
      const seen = frame.seen > 0 ? `, seen ${frame.seen}` : '';
      return `${what} ${names.chunks(frame.upload, frame.ranges)}${seen}${frame.again ? ', again' : ''}`;
    }
    case 'gone':
      return `gone ${names.upload(frame.upload)}`;
    case 'list': {
      const items = frame.items.map((item) => item.path).join(' ');
      return `list ${frame.prefix}: ${items || 'nothing yet'}, ${frame.stampedShards} shards${frame.more ? ', more' : ''}`;
    }
  }
}

function wantText({ origin, path, known, stamp, awaitedBy }: Want): string {
  const knows = known === undefined ? '' : `, who knows ${version(known)}`;
  const joined = awaitedBy.filter((member) => member !== origin).map((member) => `, joined by ${member}`);
  return `want ${path} of ${origin}${knows}${stampText(stamp)}${joined.join('')}`;
}

function stampText(stamp: Stamp | undefined): string {
  if (stamp === undefined) return '';
  if (stamp.holds === 'known') return ', stamped as known';
  return `, stamped ${stamp.file === undefined ? 'absent' : version(stamp.file.version)}`;
}

const served = (count: number): string => (count > 0 ? `, served ${count}` : '');

export function isRingFrame(frame: Frame): frame is RingFrame {
  return 'lastStop' in frame;
}

export function frameText(names: Names, frame: Frame): string {
  if (!isRingFrame(frame)) return linkFrameText(frame);
  const text = ringFrameText(names, frame);
  return frame.origin === frame.lastStop ? `${text}, round` : `${text}, to ${frame.lastStop}`;
}

export function answerText(answer: Answer): string {
  switch (answer.result) {
    case 'done':
      return outcomeText(answer.outcome);
    case 'found':
      return `version ${version(answer.file.version)}, ${answer.file.manifest.length} bytes`;
    case 'absent':
      return 'no such file';
    case 'delivered':
      return 'that was all';
    case 'listed':
      return `${answer.items.map((item) => item.path).join(' ') || 'no files'}${answer.more ? ' and more' : ''}`;
    case 'refused':
      return `refused, ${answer.code}`;
    case 'unknown':
      return `outcome unknown, ${answer.code}`;
  }
}

type HealingFact = Extract<
  Fact,
  {
    fact:
      | 'session'
      | 'registered'
      | 'kept-out'
      | 'cluster-founded'
      | 'recovered'
      | 'seated'
      | 'lesson-begun'
      | 'learned'
      | 'hold-begun'
      | 'learner-ready'
      | 'learner-stalled'
      | 'promoted'
      | 'shard-lost'
      | 'shard-revived'
      | 'shard-forgotten'
      | 'store-space'
      | 'life-ends';
  }
>;

/** A fact in words, without the server's name; undefined: not worth a line. */
export function factText(names: Names, fact: Fact): string | undefined {
  switch (fact.fact) {
    case 'upload-started':
      return undefined;
    case 'view-installed':
      return `lives in view ${fact.epoch}`;
    case 'view-proposed':
      return `proposes view ${fact.epoch} without ${fact.removed.join(' ')}`;
    case 'removed':
      return `is out of the ring: view ${fact.epoch}`;
    case 'link-broken':
      return `loses its link ${fact.side === 'in' ? 'from' : 'to'} ${fact.peer}: ${fact.why}`;
    case 'link-restored':
      return `has its link ${fact.side === 'in' ? 'from' : 'to'} ${fact.peer}`;
    case 'link-refused':
      return `refuses the link: ${fact.why}`;
    case 'frames-dropped':
      return `drops ${fact.count === 1 ? 'a frame' : `${fact.count} frames`}: ${fact.why}`;
    case 'want-stamped':
      return `stamps ${fact.path} for ${fact.origin}`;
    case 'want-joined':
      return `joins the want of ${fact.origin} for ${fact.path}`;
    case 'shuttle-shared':
      return `uses the shuttle of ${fact.origin}`;
    case 'ordered':
      return `orders ${entryText(names, fact.entry)}: ${outcomeText(fact.entry.outcome)}`;
    case 'appended':
      return `appends ${entryText(names, fact.entry)}`;
    case 'persisted':
      return `has persisted up to ${version(fact.upTo)}`;
    case 'committed':
      return `knows up to ${version(fact.upTo)} as committed`;
    case 'refused':
      return `refuses ${names.operation(fact.operation)}: ${fact.code}`;
    case 'upload-abandoned':
    case 'chunk-staged':
    case 'chunks-resent':
    case 'chunks-fetched':
    case 'boarded':
    case 'caught':
    case 'another-turn':
    case 'parked':
    case 'chunk-rotten':
    case 'chunk-unwritten':
    case 'upload-dropped':
      return uploadFactText(names, fact);
    default:
      return healingFactText(fact);
  }
}

/** Coming, going and catching up. */
function healingFactText(fact: HealingFact): string {
  switch (fact.fact) {
    case 'session':
      return `has a session that is ${fact.state}`;
    case 'registered':
      return `is registered in life ${fact.incarnation}`;
    case 'kept-out':
      return `is kept out: ${fact.why}`;
    case 'cluster-founded':
      return `has founded cluster ${fact.clusterId}`;
    case 'recovered':
      return `recovers ${fact.shards} shards and ${fact.entries} entries, ${fact.cut} cut off`;
    case 'seated':
      return `has a seat between ${fact.before} and ${fact.after}`;
    case 'lesson-begun':
      return `teaches ${fact.learner} shard ${fact.shard} by ${fact.how}`;
    case 'learned':
      return `has learned shard ${fact.shard} up to ${version(fact.upTo)}, ${fact.dropped} files dropped`;
    case 'hold-begun':
      return `holds shard ${fact.shard} for ${fact.learner}`;
    case 'learner-ready':
      return `finds ${fact.learner} caught up in shard ${fact.shard}`;
    case 'learner-stalled':
      return `gives up holding shard ${fact.shard} for ${fact.learner}`;
    case 'promoted':
      return `is in sync in shard ${fact.shard}`;
    case 'shard-lost':
      return `sees shard ${fact.shard} lost with ${fact.lost.join(' ')}`;
    case 'shard-revived':
      return `brings shard ${fact.shard} back up to ${version(fact.last)}`;
    case 'shard-forgotten':
      return `forgets shard ${fact.shard}`;
    case 'store-space':
      return fact.full ? 'has a full disk' : 'has room on its disk';
    case 'life-ends':
      return `ends this life: ${fact.why}`;
  }
}

function uploadFactText(names: Names, fact: Extract<Fact, { upload: string; fact: string }>): string | undefined {
  const name = names.upload(fact.upload);
  switch (fact.fact) {
    case 'upload-abandoned':
      return `abandons ${name}`;
    case 'chunk-staged':
      return `stages ${name}#${fact.index}`;
    case 'chunks-resent':
      return `sends ${fact.count} chunks of ${name} again`;
    case 'chunks-fetched':
      return `asks its predecessor for chunks of ${name}`;
    case 'boarded':
      return `boards ${name}#${fact.index}${fact.idle ? ' for nobody yet' : ''}`;
    case 'caught':
      return `catches ${name}#${fact.index}`;
    case 'another-turn':
      return `gives ${name}#${fact.index} another turn, heat ${fact.heat}`;
    case 'parked':
      return `parks ${name}#${fact.index}`;
    case 'chunk-rotten':
      return `finds ${name}#${fact.index} rotten`;
    case 'chunk-unwritten':
      return `could not write ${name}#${fact.index}`;
    case 'upload-dropped':
      return `drops ${name}: ${fact.why}`;
    default:
      return undefined;
  }
}
