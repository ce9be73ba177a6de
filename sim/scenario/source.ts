/**
 * A scenario's YAML: its data, and where in the text each key and value stands.
 * Knows YAML; nothing of the format.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { type Problem, ScenarioError, type Spot } from './errors.js';
import { spotIn, tooDeepAt, yamlProblem } from './yaml-problems.js';

const ALIASES_MAX = 100;

/** Keys and indexes that lead to a value. */
export type Path = readonly (string | number)[];

export interface Source {
  readonly data: unknown;
  /** Where the value stands; if there is none, the key of what should hold it. */
  readonly valueAt: (path: Path) => Spot;
  readonly keyAt: (path: Path) => Spot;
  /** What stands there, on one line, as its author wrote it. */
  readonly textAt: (path: Path) => string;
  /** Throws the first of these problems in the order of the file. */
  readonly fail: (problems: readonly Problem[]) => never;
}

interface Parsed {
  readonly text: string;
  readonly lines: LineCounter;
  readonly document: Document.Parsed;
}

export function readSource(file: string, withMark: string): Source {
  const text = withMark.replace(/^\uFEFF/, '');
  const lines = new LineCounter();
  const fail = (problems: readonly Problem[]): never => failWith(file, text, problems);
  // A document nested very deeply would bring the parser down: look before it leaps.
  const deep = tooDeepAt(text);
  if (deep !== undefined)
    return fail([{ spot: spotIn(text, deep), message: 'nested too deeply', suggestion: undefined }]);
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const parsed: Parsed = { text, lines, document };
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) return fail(complaints.map((complaint) => yamlProblem(text, complaint)));
  return {
    data: dataOf(parsed, fail),
    valueAt: (path) => spotOf(parsed, path, 'value'),
    keyAt: (path) => spotOf(parsed, path, 'key'),
    textAt: (path) => oneLine(text, aimOf(find(document, path).value, document)),
    fail,
  };
}

function dataOf(parsed: Parsed, fail: (problems: readonly Problem[]) => never): unknown {
  const start: Spot = { line: 1, column: 1, width: 1 };
  const { contents } = parsed.document;
  const refuse = (message: string, spot = start): never => fail([{ spot, message, suggestion: undefined }]);
  if (contents === null) return refuse('the file is empty: a scenario begins with "scenario: one sentence"');
  if (!isMap(contents)) {
    return refuse(
      'a scenario is a mapping of keys to values, as in "scenario: one sentence"',
      nodeSpot(parsed, contents),
    );
  }
  let aliases = 0;
  visit(parsed.document, {
    Alias(_, alias) {
      aliases++;
      if (aliases > ALIASES_MAX) refuse(`more than ${ALIASES_MAX} aliases in one file`, nodeSpot(parsed, alias));
      const target = alias.resolve(parsed.document);
      if (target === undefined) refuse(`no anchor &${alias.source} stands before this alias`, nodeSpot(parsed, alias));
      const range = target?.range;
      if (range && alias.range && range[0] < alias.range[0] && alias.range[0] < range[1]) {
        refuse(`*${alias.source} stands inside of what it names`, nodeSpot(parsed, alias));
      }
    },
  });
  try {
    return parsed.document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch {
    // The only thing left to go wrong: aliases of aliases that grow without measure.
    return refuse('the aliases of this file grow beyond measure');
  }
}

/** First problem first, its line shown, the others counted. At one place only the first word counts. */
function failWith(file: string, text: string, problems: readonly Problem[]): never {
  const late = ({ isMissing }: Problem): number => (isMissing === true ? 1 : 0);
  const sorted = [...problems].sort(
    (a, b) => late(a) - late(b) || a.spot.line - b.spot.line || a.spot.column - b.spot.column,
  );
  const [first, ...rest] = sorted.filter(
    ({ spot }, i) => i === 0 || spot.line !== sorted[i - 1]?.spot.line || spot.column !== sorted[i - 1]?.spot.column,
  );
  const problem = first as Problem;
  throw new ScenarioError(file, problem, text.split(/\r?\n/)[problem.spot.line - 1], rest);
}

interface Found {
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

/** The node at a path, or the last one on the way there. */
function find(document: Document.Parsed, path: Path): Found {
  let found: Found = { key: undefined, value: document.contents as Node };
  for (const step of path) {
    const holder = aimOf(found.value, document);
    if (isMap(holder)) {
      const pair = holder.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return found;
      found = { key: pair.key as Node, value: (pair.value ?? undefined) as Node | undefined };
    } else if (isSeq(holder)) {
      const item = holder.items[Number(step)];
      if (item === undefined) return found;
      found = { key: undefined, value: item as Node };
    } else return found;
  }
  return found;
}

/** What an alias stands for; any other node stands for itself. */
const aimOf = (node: Node | undefined, document: Document.Parsed): Node | undefined =>
  isAlias(node) ? node.resolve(document) : node;

function spotOf(parsed: Parsed, path: Path, which: 'key' | 'value'): Spot {
  const { key, value } = find(parsed.document, path);
  const isEmpty = value?.range == null || value.range[0] === value.range[1];
  const missing = which === 'value' && isEmpty;
  const node = which === 'key' || missing ? (key ?? value) : value;
  // The whole file is too much to underline.
  return node === parsed.document.contents ? { ...nodeSpot(parsed, node), width: 1 } : nodeSpot(parsed, node);
}

function nodeSpot({ text, lines }: Parsed, node: Node | undefined): Spot {
  const [from, to] = node?.range ?? [0, 1];
  const { line, col } = lines.linePos(from);
  const end = text.slice(from, to).split('\n')[0] as string;
  return { line, column: col, width: Math.max(1, end.trimEnd().length) };
}

function oneLine(text: string, node: Node | undefined): string {
  const raw = text.slice(...((node?.range ?? [0, 0]).slice(0, 2) as [number, number]));
  if (isMap(node)) {
    const pairs = node.items.map(({ key, value }) => `${oneLine(text, key as Node)}: ${oneLine(text, value as Node)}`);
    return `{ ${pairs.join(', ')} }`;
  }
  if (isSeq(node)) return `[${node.items.map((item) => oneLine(text, item as Node)).join(', ')}]`;
  return raw.replace(/\s+/g, ' ').trim();
}
