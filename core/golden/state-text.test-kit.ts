/** What a server knows, and what is under way, in words: for the `state` and `links` commands. */
import type { NodeState } from '../state.js';
import { type Names, version } from './names.test-kit.js';
import { entryText, frameText } from './words.test-kit.js';
import type { World } from './world.test-kit.js';

type Part = (names: Names, state: NodeState) => readonly string[];

const log: Part = (names, state) =>
  [...state.shards.entries()].flatMap(([id, shard]) => {
    const where = state.shards.size > 1 ? `shard ${id}: ` : '';
    const entries = [...shard.log.values()].map((entry) => entryText(names, entry)).join(', ') || 'empty';
    const waiting = [...shard.waiting.values()].map((entry) => entryText(names, entry)).join(', ');
    const files = [...shard.files.entries()].map(([path, file]) => `${path} ${version(file.version)}`).join(', ');
    return [
      `${where}log ${entries}; durable to ${shard.durable}, sent to ${shard.sentTo}, committed ${version(shard.committed)}`,
      ...(waiting === '' ? [] : [`${where}waiting ${waiting}`]),
      `${where}files ${files || 'none'}`,
    ];
  });

const held: Part = (names, state) => {
  const lines = [...state.held.entries()].map(([upload, one]) => `${names.chunks(upload, one.chunks)} ${one.phase}`);
  return lines.length > 0 ? lines : ['holds nothing'];
};

const stream: Part = (_, { stream: { transit, insert, idle, credits, inserted, token } }) => [
  `waiting: ${transit.size} in transit, ${insert.size} to insert, ${idle.size} idle; credits ${credits}`,
  `inserted ${inserted} since token ${token.number}${token.held === undefined ? '' : ', which is held here'}`,
];

const reads: Part = (names, { reads: { queued, wants, joined, readings, seen } }) => [
  ...[...queued.entries()].map(([path, readers]) => `${readers.join(' ')} wait for the next want of ${path}`),
  ...[...wants.values()].map((want) => `${want.readers.join(' ')} wait for want ${want.path}`),
  ...[...joined.values()].map((want) => `${want.readers.join(' ')} wait for want ${want.path} of ${want.origin}`),
  ...[...readings.values()].map(
    (one) => `${one.readers.join(' ')} read ${names.upload(one.upload)}: asked for ${[...one.asked.keys()].join(' ')}`,
  ),
  ...[...seen.entries()].map(([tail, number]) => `saw boarding ${number} of ${tail} last`),
];

const PARTS: Readonly<Record<string, Part>> = { log, held, stream, reads };

/** @returns undefined if there is no such part. */
export function stateText(names: Names, state: NodeState, part: string): readonly string[] | undefined {
  return PARTS[part]?.(names, state);
}

export function linksText(world: World): readonly string[] {
  const text = (frames: readonly Parameters<typeof frameText>[1][], sign: string): readonly string[] =>
    frames.filter((frame) => !world.quiet.has(frame.kind)).map((frame) => `${sign} ${frameText(world.names, frame)}`);
  return world.connections.flatMap(({ from, to, forward, backward }) => [
    ...text(forward, `${from}>${to}`),
    ...text(backward, `${from}<${to}`),
  ]);
}
