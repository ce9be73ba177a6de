/**
 * One step of a scenario file: a time, one action and what goes with it, all keys of one mapping.
 * Knows keys and leaves. Which keys go together, steps.ts checks: its messages say more than a union's could.
 */
import { z } from 'zod';
import type { Told } from './field.js';
import {
  byteRangeField,
  byteRateField,
  durationField,
  lastingField,
  sizeField,
  sizeRangeField,
  spanField,
  wholeField,
} from './quantity-fields.js';
import {
  conditionField,
  fileField,
  groupField,
  groupsField,
  linkField,
  nameField,
  pathField,
  preconditionField,
  stepToField,
  whoField,
  wordField,
} from './word-fields.js';
import { ALL_ANSWERS } from './words.js';

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
      'The step strikes once, as soon as the condition holds: a server has done something with an operation, an operation has finished, a server lives in an epoch or has left the ring.',
      'head(/a.txt) has appended first',
      'first has finished',
      'n2 has installed 3',
      'n2 has left',
    ),
  ).optional(),
  after: durationField(told('Delay', 'With when: so long after the condition holds.', '1ms')).optional(),
  every: lastingField(
    told('Again and again', 'The step strikes again and again, from … to (or until) ….', '1s'),
  ).optional(),
  from: durationField(
    told('First time', 'With every: the first strike. Default: one period after the start.', '1s'),
  ).optional(),
  until: durationField(told('Last time', 'With every: no strike after this time.', '10s')).optional(),
  to: stepToField(
    told('Last time, or rate', 'With every: no strike after this time. With rate: the new rate.', '10s', '1MB/s'),
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
  clients: wholeField(told('Clients', 'So many clients do the same at once. Default 1.', 100), 1, 100_000).optional(),
  expect: wordField(
    told('Expected answer', 'What the answer must be. Default: anything.', 'stored', 'delivered', 'absent'),
    ALL_ANSWERS,
    'an answer that a client can get',
  ).optional(),
};

const partition = z
  .strictObject({
    split: groupsField(
      told('Split', 'Nothing passes between these groups; servers not named are with the first.', [
        ['n1', 'n2'],
        ['n3', 'n4', 'n5'],
      ]),
    ).optional(),
    isolate: groupField(
      told('Isolate', 'Nothing passes between this group and all others.', 'n3', 'minority'),
    ).optional(),
  })
  .meta(
    told('Partition', 'Cuts the network in parts: split or isolate. The coordinator can be named like a server.', {
      isolate: 'n3',
    }),
  );

const faults = {
  crash: groupField(
    told('Crash', 'The processes die; their connections are reset.', 'n3', 'half', 'head(/a.txt)'),
  ).optional(),
  restart: groupField(told('Restart', 'Starts what is down.', 'all', 'n3')).optional(),
  pause: groupField(
    told('Pause', 'Freezes servers: they neither run nor answer, their connections stay.', 'n3'),
  ).optional(),
  resume: groupField(told('Resume', 'Ends a pause.', 'n3')).optional(),
  partition: partition.optional(),
  silence: linkField(told('Silence', 'What is sent over the link is lost without a word.', 'n1 > n2')).optional(),
  hold: linkField(told('Hold', 'What is sent over the link waits and comes later, in order.', 'n1 > n2')).optional(),
  release: linkField(told('Release', 'Ends a hold.', 'n1 > n2')).optional(),
  reset: linkField(
    told('Reset', 'Breaks the connection: what is under way is lost, both ends are told.', 'n1 - n2'),
  ).optional(),
  delay: linkField(told('Delay', 'Makes the link slower to answer, with by.', 'n1 > n2')).optional(),
  by: spanField(told('New delay', 'With delay: what a frame needs over the link.', '50ms..60ms')).optional(),
  rate: linkField(told('Rate', 'Narrows the link, with to.', 'n1 > n2')).optional(),
  heal: wordField(
    told('Heal', 'Everything broken in the network is well again.', 'network'),
    ['network'],
    'what can be healed',
  ).optional(),
  remove: whoField(told('Remove', 'An operator strikes a living server from the register.', 'n3')).optional(),
  for: lastingField(told('For', 'The fault is undone after so long.', '2s')).optional(),
};

export const stepSchema = z
  .strictObject({ ...triggers, ...clientActions, ...clientDetails, ...faults })
  .meta({ id: 'Step', title: 'Step', description: 'One action of a client or one fault, and when.' });

export type StepInFile = z.output<typeof stepSchema>;
