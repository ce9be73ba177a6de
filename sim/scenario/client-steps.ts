/**
 * What a client step asks for, and what it may expect.
 * Knows the format, the named operations, and which files lie beside the scenario; no YAML.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { nearest } from '../../core/suggest.js';
import { sizeText } from '../../core/units.js';
import { checkEquals } from './operations.js';
import { isFile, neighbour } from './read-file.js';
import type { ClientAction, Content } from './scenario.js';
import type { Path } from './source.js';
import type { StepContext } from './step-context.js';
import type { ClientKey } from './step-keys.js';
import type { StepInFile } from './step-schema.js';
import { answersOf } from './words.js';

export function resolveClientAction(step: StepInFile, kind: ClientKey, path: Path, context: StepContext): ClientAction {
  checkAnswer(step, kind, path, context);
  const target = step[kind] as string;
  switch (kind) {
    case 'put':
      return {
        kind,
        path: target,
        content: resolveContent(step, path, context),
        precondition: step.if,
        abandonAfterBytes: step['abandon-after'],
        clientBytesPerSecond: step['client-rate'],
      };
    case 'delete':
      return { kind, path: target, precondition: step.if };
    case 'get':
      if (step.equals !== undefined)
        checkEquals(step.equals, [...path, 'equals'], context.operations, context.problems);
      return {
        kind,
        path: target,
        fromByte: step.range?.fromByte ?? 0,
        toByte: step.range?.toByte,
        clientBytesPerSecond: step['client-rate'],
        ...consistencyOf(step),
      };
    case 'stat':
      return { kind, path: target, ...consistencyOf(step) };
    case 'list':
      return { kind, prefix: target };
  }
}

const consistencyOf = ({ consistency }: StepInFile) => (consistency === undefined ? {} : { consistency });

function checkAnswer({ expect }: StepInFile, kind: ClientKey, path: Path, { problems }: StepContext): void {
  if (expect === undefined || answersOf(kind).includes(expect)) return;
  const usual = answersOf(kind).slice(0, answersOf(kind).indexOf('unknown') + 1);
  problems.add(
    [...path, 'expect'],
    `a ${kind} is never answered "${expect}": it is ${usual.join(', ')} or a refusal code`,
    nearest(expect, usual),
  );
}

function resolveContent(step: StepInFile, path: Path, { file, problems }: StepContext): Content {
  if (step.size !== undefined && step.file !== undefined) {
    problems.addKey([...path, 'file'], 'a put has a size or a file, not both');
  }
  if (step.file !== undefined) {
    const content = isAbsolute(step.file) ? step.file : join(dirname(file), step.file);
    if (!isFile(content)) {
      const beside = neighbour(content);
      const meant =
        beside === undefined ? undefined : join(dirname(step.file), beside.slice(dirname(beside).length + 1));
      problems.add([...path, 'file'], `there is no file ${step.file} (looked for beside the scenario)`, meant);
    }
    return { kind: 'file', file: content };
  }
  if (step.size === undefined) problems.addKey([...path, 'put'], 'a put of what? Give it a size or a file');
  const size = step.size ?? { minBytes: 0, maxBytes: 0 };
  const abandonAfter = step['abandon-after'] ?? 0;
  if (step.size !== undefined && abandonAfter > size.maxBytes) {
    const message = `the client cannot give up after ${sizeText(abandonAfter)}: the file has ${sizeText(size.maxBytes)} at most`;
    problems.add([...path, 'abandon-after'], message);
  }
  return { kind: 'imaginary', size };
}
