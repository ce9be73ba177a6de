/**
 * What a YAML parser complains about, in plain words; and the one thing it cannot survive, found before it runs.
 * Knows YAML; nothing of the format.
 */
import { Lexer, type YAMLError } from 'yaml';
import { type Problem, quote, type Spot } from './errors.js';

const DEPTH_MAX = 64;
/** Tokens that the lexer adds of its own: byte order mark, beginnings of documents and scalars, end of flow. */
const LEXER_MARKS = ['\uFEFF', '\u0002', '\u0018', '\u001F'];

/** Offset at which the nesting becomes too deep: brackets, and dashes or question marks in a row. */
export function tooDeepAt(text: string): number | undefined {
  let offset = 0;
  let brackets = 0;
  let marks = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (token === '-' || token === '?' || token === ':') marks++;
    else if (token.trim() !== '') marks = 0;
    if (brackets > DEPTH_MAX || marks > DEPTH_MAX) return offset;
    if (!LEXER_MARKS.includes(token)) offset += token.length;
  }
  return undefined;
}

const YAML_WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab indents this line: YAML is indented with spaces',
  MULTIPLE_DOCS: 'a second document begins here: one file holds one scenario',
  NON_STRING_KEY: 'a key must be plain text',
  BLOCK_AS_IMPLICIT_KEY: 'a second ":" on one line: put the value in quotes, or the keys on lines of their own',
  BLOCK_IN_FLOW: 'a comma is missing in here',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAG_RESOLVE_FAILED: 'tags (words with "!") have no meaning here: put the value in quotes',
};

export function yamlProblem(text: string, error: YAMLError): Problem {
  const [from] = error.pos;
  const spot = spotIn(text, from);
  const line = text.split('\n')[spot.line - 1] ?? '';
  let message = YAML_WORDS[error.code] ?? `this is not YAML: ${error.message}`;
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:,{}]+/.exec(text.slice(from))?.[0] ?? '';
    return {
      spot: { ...spot, width: Math.max(1, key.length) },
      message: `the key ${quote(key)} stands here twice`,
      suggestion: undefined,
    };
  }
  if (/:\s*>=/.test(line)) message = 'a value that begins with > needs quotes, as in ">= 80%"';
  if (/closing ["']quote/.test(error.message)) message = 'a quote is opened and never closed';
  return { spot, message, suggestion: undefined };
}

export function spotIn(text: string, offset: number): Spot {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n'), width: 1 };
}
