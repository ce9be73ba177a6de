/**
 * One step of a scenario file: a time, one action and what goes with it, all keys of one mapping.
 * Knows keys and leaves. Which keys go together, steps.ts checks: its messages say more than a union's could.
 */
import { z } from 'zod';
import { FAULT_KEYS, FAULT_WORDS, type FaultKey, type Target } from './fault-words.js';
import type { Told } from './field.js';
import {
  byteRangeField,
  byteRateField,
  durationField,
  lastingSpanField,
  sizeField,
  sizeRangeField,
  wholeField,
} from './quantity-fields.js';
import {
  chaosField,
  conditionField,
  consistencyField,
  coordinatorField,
  fileField,
  flagField,
  groupField,
  groupsField,
  linkField,
  nameField,
  pathField,
  preconditionField,
  stepTextField,
  whoField,
  wordField,
} from './word-fields.js';
import { ALL_ANSWERS, USUAL_ANSWERS } from './words.js';

const told = (title: string, description: string, ...examples: readonly unknown[]): Told => ({
  title,
  description,
  examples,
});

const triggers = {
  at: durationField(told('When', 'The step strikes at this virtual time.', '2s')).optional(),
  when: conditionField(
    told(
      'When something has happened',
      'The step strikes once, as soon as the condition holds: a server has done something with an operation, an operation has finished, a server lives in an epoch, has left the ring, or has told a fact.',
      'head(/a.txt) has appended first',
      'first has finished',
      'n2 has installed 3',
      'n2 has left',
      'any has promoted',
    ),
  ).optional(),
  after: durationField(told('Delay', 'With when: so long after the condition holds.', '1ms')).optional(),
  every: lastingSpanField(
    told(
      'Again and again',
      'The step strikes again and again, from … to (or until) …. With chaos: a range, drawn from each time.',
      '1s',
      '300ms..900ms',
    ),
  ).optional(),
  from: stepTextField(
    told(
      'First time, or server',
      'With every: the first strike; default one period after the start. With revive: who has it.',
      '1s',
      'n2',
    ),
    'a time such as 1s or a server such as n2',
  ).optional(),
  until: durationField(told('Last time', 'With every: no strike after this time.', '10s')).optional(),
  to: stepTextField(
    told(
      'Last time, rate or call',
      'With every: no strike after this time. With rate: the new rate. With lose-reply: which call.',
      '10s',
      '1MB/s',
      'create',
    ),
    'a time such as 10s or a rate such as 1MB/s',
  ).optional(),
};

const clientActions = {
  put: pathField(
    told('Put', 'A client stores a file of some size, or a real file, under this path.', '/a.txt'),
  ).optional(),
  get: pathField(told('Get', 'A client reads the file at this path.', '/a.txt')).optional(),
  stat: pathField(told('Stat', 'A client asks what is at this path, without the bytes.', '/a.txt')).optional(),
  delete: pathField(told('Delete', 'A client deletes the file at this path.', '/a.txt')).optional(),
  list: pathField(told('List', 'A client lists the paths that begin so.', '/docs/')).optional(),
};

const clientDetails = {
  size: sizeRangeField(
    told('Size', 'With put: imaginary bytes, as many; a range is drawn from by the seed.', '3MiB', '1KiB..2MiB'),
  ).optional(),
  file: fileField(
    told('Real file', 'With put: the bytes of this file, named relative to the scenario.', '../README.md'),
  ).optional(),
  via: whoField(
    told('Server asked', 'The server that the client talks to. Default: drawn by the seed.', 'n1', 'tail(/a.txt)'),
  ).optional(),
  as: nameField(told('Name', 'The name by which other steps know this operation.', 'first')).optional(),
  if: preconditionField(
    told(
      'Precondition',
      'With put and delete: only if the file is absent (none), present (any), or has this version.',
      'none',
      'any',
      '3.14',
    ),
  ).optional(),
  'abandon-after': sizeField(
    told('Give up', 'With put: the client goes away after so many bytes.', '1MiB'),
    0,
    Number.MAX_SAFE_INTEGER,
  ).optional(),
  'client-rate': byteRateField(
    told('Speed of the client', 'So fast the client sends or reads. Default: as fast as it is let.', '1MB/s'),
  ).optional(),
  equals: nameField(
    told('Same bytes', 'With get: the bytes must be those of the put with this name.', 'first'),
  ).optional(),
  range: byteRangeField(
    told('Range', 'With get: from this byte up to, not including, that one.', '0..1MiB', '1MiB..'),
  ).optional(),
  consistency: consistencyField('With get and stat').optional(),
  clients: wholeField(told('Clients', 'So many clients do the same at once. Default 1.', 100), 1, 100_000).optional(),
  expect: wordField(
    told('Expected answer', 'What the answer must be. Default: anything.', 'stored', 'delivered', 'absent'),
    ALL_ANSWERS,
    'an answer that a client can get',
    `: ${USUAL_ANSWERS.join(', ')} or a refusal code`,
  ).optional(),
};

const partition = z.strictObject({
  split: groupsField(
    told('Split', 'Nothing passes between these groups; servers not named are with the first.', [
      ['n1', 'n2'],
      ['n3', 'n4', 'n5'],
    ]),
  ).optional(),
  isolate: groupField(
    told('Isolate', 'Nothing passes between this group and all others.', 'n3', 'minority'),
  ).optional(),
});

const FIELDS = {
  group: (about: Told) => groupField({ ...about, examples: ['n3', 'half', 'head(/a.txt)'] }),
  who: (about: Told) => whoField({ ...about, examples: ['n3', 'tail(/a.txt)'] }),
  link: (about: Told) => linkField({ ...about, examples: ['n1 > n2', 'n1 - n2'] }),
  path: (about: Told) => pathField({ ...about, examples: ['/a.txt'] }),
  coordinator: (about: Told) => coordinatorField({ ...about, examples: ['coordinator', 'zk.leader'] }),
  partition: (about: Told) => partition.meta({ ...about, examples: [{ isolate: 'n3' }] }),
  network: (about: Told) => wordField({ ...about, examples: ['network'] }, ['network'], 'what can be healed'),
  words: (about: Told) => chaosField({ ...about, examples: ['all', ['crash', 'pause', 'disks']] }),
} as const satisfies Readonly<Record<Target, (about: Told) => z.ZodType>>;

type FaultFields = {
  readonly [Key in FaultKey]: z.ZodOptional<ReturnType<(typeof FIELDS)[(typeof FAULT_WORDS)[Key]['target']]>>;
};

/** One field for each fault word, as the table has it. */
const faults = Object.fromEntries(
  FAULT_KEYS.map((key) => {
    const { target, help } = FAULT_WORDS[key];
    const title = key.charAt(0).toUpperCase() + key.slice(1).replaceAll('-', ' ');
    return [key, FIELDS[target]({ title, description: help }).optional()];
  }),
) as unknown as FaultFields;

const faultDetails = {
  power: flagField(told('Power', 'With crash and reboot: the machine loses power.', true)).optional(),
  disk: wordField(
    told('Disk', 'With restart and reboot: the disk it finds. Default kept.', 'kept', 'wiped', 'stale'),
    ['kept', 'wiped', 'stale'],
    'a disk to start with',
  ).optional(),
  by: stepTextField(
    told(
      'By how much',
      'With delay: what a frame needs over the link. With skew, jump and delay-watch: a time. With drift: seconds in a thousand.',
      '50ms..60ms',
      '-2s',
      50,
    ),
    'a time such as 2s',
  ).optional(),
  what: wordField(
    told('What rots', 'With bitrot. Default chunk.', 'chunk', 'log'),
    ['chunk', 'log'],
    'what can rot',
  ).optional(),
  path: pathField(told('Of which file', 'With bitrot: a record of this path.', '/a.txt')).optional(),
  of: wordField(told('What fails', 'With eio.', 'read', 'write'), ['read', 'write'], 'what a disk does').optional(),
  times: wholeField(told('Times', 'With slow-disk: so many times as long.', 20), 2, 1_000_000).optional(),
  'at-most': wholeField(
    told('Servers at one time', 'With chaos. Default: one less than keep each file.', 2),
    0,
    100,
  ).optional(),
  for: lastingSpanField(
    told(
      'For',
      'The fault is undone after so long. With chaos: a range, drawn from for each fault.',
      '2s',
      '200ms..3s',
    ),
  ).optional(),
};

export const stepSchema = z
  .strictObject({ ...triggers, ...clientActions, ...clientDetails, ...faults, ...faultDetails })
  .meta({ id: 'Step', title: 'Step', description: 'One action of a client or one fault, and when.' });

export type StepInFile = z.output<typeof stepSchema>;
