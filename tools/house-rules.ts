// The house rules, each a function from a source file to its violations. A violation says where, and what to do instead.
import { posix } from 'node:path';
import { coreFloors, corePackages, coreRoom, simRealTime, transportsFloors, transportsRoom } from './floors.js';
import { type Node, parseSource, type SourceFile } from './source-file.js';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

interface Finding {
  readonly start: number;
  readonly message: string;
}
type Rule = (file: SourceFile) => readonly Finding[];

const isTest = (path: string): boolean => /\.test(-kit)?\.ts$/.test(path);
const isCore = (path: string): boolean => path.startsWith('core/') && !isTest(path);
const isDeterministicSim = (path: string): boolean =>
  path.startsWith('sim/') && !isTest(path) && !simRealTime.some((pattern) => pattern.test(path));

const fileLength: Rule = ({ lineCount, text }) =>
  lineCount <= FILE_LINES_MAX
    ? []
    : [
        {
          start: text.length - 1,
          message: `file of ${lineCount} lines (at most ${FILE_LINES_MAX}): give one of its concepts a file of its own`,
        },
      ];

/** `describe` only groups its tests: it may be as long as the file. */
function isSuiteBody(parent: Node | undefined): boolean {
  if (parent?.type !== 'CallExpression') return false;
  let callee = parent['callee'] as Node;
  while (callee.type === 'MemberExpression' || callee.type === 'CallExpression') {
    callee = (callee['object'] ?? callee['callee']) as Node;
  }
  return callee['name'] === 'describe';
}

const functionLength: Rule = ({ nodes, lineOf }) =>
  nodes.flatMap(({ node, parents }) => {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return [];
    const lines = lineOf(node.end - 1) - lineOf(node.start) + 1;
    if (lines <= FUNCTION_LINES_MAX || isSuiteBody(parents[0])) return [];
    const message = `function of ${lines} lines (at most ${FUNCTION_LINES_MAX}): name its steps and call them`;
    return [{ start: node.start, message }];
  });

const unstableNames: Readonly<Record<string, string>> = {
  Date: 'the `now` that an input or event carries',
  performance: 'the `now` that an input or event carries',
};

const bannedInCore: Readonly<Record<string, string>> = {
  ...unstableNames,
  setTimeout: 'a named timer in the state',
  setInterval: 'a named timer in the state',
  setImmediate: 'the mailbox',
  queueMicrotask: 'the mailbox',
  Promise: 'an output, and an input for its result',
  WeakMap: 'Map',
  WeakSet: 'Set',
  WeakRef: 'a plain reference',
  FinalizationRegistry: 'an explicit release',
  Intl: 'a comparison of code units',
  process: 'a setting in the initial state',
  console: 'a `tell` output',
  fetch: 'an output',
  globalThis: 'a setting in the initial state',
};

const bannedMembers: Readonly<Record<string, string>> = {
  localeCompare: 'a comparison with < and >',
  toLocaleString: 'String()',
  toLocaleLowerCase: 'toLowerCase()',
  toLocaleUpperCase: 'toUpperCase()',
};

/** `x.Date`, `{ Date: 1 }` and the like name a property, not the global. */
function isPropertyName(node: Node, parent: Node | undefined): boolean {
  if (parent === undefined || parent['computed'] === true) return false;
  return parent['property'] === node || (parent['key'] === node && parent['shorthand'] !== true);
}

function uses(file: SourceFile, banned: Readonly<Record<string, string>>): readonly Finding[] {
  return file.nodes.flatMap(({ node, parents }) => {
    const name = node['name'];
    if (node.type !== 'Identifier' || typeof name !== 'string' || !Object.hasOwn(banned, name)) return [];
    if (isPropertyName(node, parents[0])) return [];
    return [{ start: node.start, message: `${name} is banned here: use ${banned[name]}` }];
  });
}

/** Finds `Math.random` and `Math['random']`; taking it out by destructuring is left to the purity test. */
function memberUses(
  file: SourceFile,
  advice: (object: Node, property: string) => string | undefined,
): readonly Finding[] {
  return file.nodes.flatMap(({ node }) => {
    const property = node['property'] as Node | undefined;
    const name = property?.['name'] ?? property?.['value'];
    if (node.type !== 'MemberExpression' || typeof name !== 'string') return [];
    const instead = advice(node['object'] as Node, name);
    return instead === undefined ? [] : [{ start: node.start, message: `.${name} is banned here: use ${instead}` }];
  });
}

const randomness = (object: Node, property: string): string | undefined =>
  object['name'] === 'Math' && property === 'random' ? 'the seeded random numbers of the state or the run' : undefined;

const sameRunForSameSeed: Rule = (file) =>
  isCore(file.path) || isDeterministicSim(file.path)
    ? [
        ...uses(file, isCore(file.path) ? bannedInCore : unstableNames),
        ...memberUses(file, randomness),
        ...memberUses(file, (_, property) =>
          Object.hasOwn(bannedMembers, property) ? bannedMembers[property] : undefined,
        ),
      ]
    : [];

const coreIsSynchronous: Rule = (file) =>
  !isCore(file.path)
    ? []
    : file.nodes.flatMap(({ node }) =>
        node['async'] === true || node['await'] === true || node.type === 'AwaitExpression'
          ? [
              {
                start: node.start,
                message: 'async and await are banned in core: use an output, and an input for its result',
              },
            ]
          : [],
      );

function coreImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) {
    if (corePackages.includes(specifier)) return undefined;
    return `core may not import '${specifier}': it imports ${corePackages.join(', ')} and itself; define what it needs in core`;
  }
  const to = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
  if (!to.startsWith('core/')) return `core may not import ${to}: move what both need into core`;
  const [fromRoom, toRoom] = [coreRoom(from), coreRoom(to)];
  if (fromRoom === undefined || toRoom === undefined) {
    return `${fromRoom === undefined ? from : to} is in no room of core: add its folder to tools/floors.ts`;
  }
  if (fromRoom === toRoom || coreFloors[fromRoom]?.includes(toRoom) === true) return undefined;
  return `${from} (${fromRoom}) may not import ${to} (${toRoom}), which stands above or beside it: import only ${
    coreFloors[fromRoom]?.join(', ') || 'other leaves'
  } (tools/floors.ts)`;
}

function worldImport(from: string, specifier: string): string | undefined {
  const to = posix.join(posix.dirname(from), specifier);
  const [own, other] = from.startsWith('sim/') ? ['sim', 'transports'] : ['transports', 'sim'];
  if (!from.startsWith(`${own}/`) || !specifier.startsWith('.') || !to.startsWith(`${other}/`)) return undefined;
  return `${own} may not import ${other}: they meet in core, move what both need there`;
}

/** Tests may go up: a conversation over real links is tested beside the links. */
function transportsImport(from: string, specifier: string): string | undefined {
  if (!from.startsWith('transports/') || isTest(from) || !specifier.startsWith('.')) return undefined;
  const to = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
  const [fromRoom, toRoom] = [transportsRoom(from), transportsRoom(to)];
  if (fromRoom === undefined || !to.startsWith('transports/') || fromRoom === toRoom) return undefined;
  const below = transportsFloors[fromRoom];
  if (below === undefined) return `${from} is in no room of transports: add its folder to tools/floors.ts`;
  if (toRoom !== undefined && below.includes(toRoom)) return undefined;
  return `${from} (${fromRoom}) may not import ${to}, which stands above or beside it: import only ${
    below.join(', ') || 'core'
  } (tools/floors.ts)`;
}

const importDirection: Rule = (file) =>
  file.imports.flatMap(({ specifier, start }) => {
    const message = isCore(file.path)
      ? coreImport(file.path, specifier)
      : (worldImport(file.path, specifier) ?? transportsImport(file.path, specifier));
    return message === undefined ? [] : [{ start, message }];
  });

const nothingLeftOver: Rule = ({ comments, nodes }) => [
  ...comments.flatMap(({ value, start }) =>
    /\b(TODO|FIXME|XXX)\b/.test(value)
      ? [{ start, message: 'a note of unfinished work: do it now, or open an issue' }]
      : [],
  ),
  ...nodes.flatMap(({ node }) => {
    const property = (node['property'] as Node | undefined)?.['name'];
    const object = (node['object'] as Node | undefined)?.['name'];
    const isSuite = typeof object === 'string' && /^(it|test|describe|suite|bench)$/.test(object);
    if (node.type !== 'MemberExpression' || !isSuite || !/^(only|skip|todo)$/.test(String(property))) return [];
    return [{ start: node.start, message: `.${property} is banned: run every test, or use skipIf with a loud reason` }];
  }),
];

const rules: readonly Rule[] = [
  fileLength,
  functionLength,
  sameRunForSameSeed,
  coreIsSynchronous,
  importDirection,
  nothingLeftOver,
];

/** Every violation in one file, as `path:line: what to do instead`. */
export function violations(path: string, text: string): readonly string[] {
  const file = parseSource(path, text);
  return rules.flatMap((rule) => rule(file).map(({ start, message }) => `${path}:${file.lineOf(start)}: ${message}`));
}
