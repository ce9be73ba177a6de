// What the house rules know about a source file: its text, its syntax tree, its imports. Judges nothing.
import { type Comment, parseSync } from 'oxc-parser';

/** Any node of the tree, seen without its type: the rules look at a handful of fields only. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

export interface SourceFile {
  /** Relative to the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lineCount: number;
  readonly imports: readonly { readonly specifier: string; readonly start: number }[];
  readonly comments: readonly Comment[];
  /** Every node with its parents, nearest first; parents come before children. */
  readonly nodes: readonly { readonly node: Node; readonly parents: readonly Node[] }[];
  /** The line (from 1) of an offset into the text. */
  readonly lineOf: (offset: number) => number;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function collect(node: Node, parents: readonly Node[], found: { node: Node; parents: readonly Node[] }[]): void {
  found.push({ node, parents });
  const below = [node, ...parents];
  for (const field of Object.values(node)) {
    for (const child of Array.isArray(field) ? field : [field]) {
      if (isNode(child)) collect(child, below, found);
    }
  }
}

function importSource({ node }: { node: Node }): { specifier: string; start: number }[] {
  const source = node['source'];
  const carriesSource = /^(Import(Declaration|Expression)|Export(Named|All)Declaration|TSImportType)$/.test(node.type);
  if (!carriesSource || !isNode(source) || typeof source['value'] !== 'string') return [];
  return [{ specifier: source['value'], start: node.start }];
}

export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const nodes: { node: Node; parents: readonly Node[] }[] = [];
  collect(program as unknown as Node, [], nodes);
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  return {
    path,
    text,
    comments,
    nodes,
    lineCount: text.endsWith('\n') ? lineStarts.length - 1 : lineStarts.length,
    imports: nodes.flatMap(importSource),
    lineOf: (offset) => lineStarts.findLastIndex((start) => start <= offset) + 1,
  };
}
