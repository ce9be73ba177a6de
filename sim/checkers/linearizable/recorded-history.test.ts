// Every recorded history gets the verdict that it claims, tampering with one is found, and a broken file is explained.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRecordedHistory, parseHistory, type RecordedHistory } from './recorded-history.js';
import { handWritten, recordedFiles } from './recorded-history.test-kit.js';

function parsed(text: string): RecordedHistory {
  const history = parseHistory(text);
  if ('message' in history) throw new Error(`line ${history.line}: ${history.message}`);
  return history;
}

const texts: readonly (readonly [string, () => string])[] = [
  ...[...handWritten].map(([name, text]) => [name, () => text] as const),
  ...recordedFiles.map((file) => [basename(file), () => readFileSync(file, 'utf8')] as const),
];

describe('recorded histories', () => {
  if (recordedFiles.length === 0)
    console.warn('No recorded histories (PPNFS_HISTORIES): only the hand-written ones run.');

  it.each(texts)('%s gets the verdict it claims', (_, text) => {
    const history = parsed(text());
    expect(checkRecordedHistory(history).verdict).toBe(history.isLinearizable ? 'linearizable' : 'not linearizable');
  });

  it('both verdicts occur', () => {
    const claims = new Set(texts.map(([, text]) => parsed(text()).isLinearizable));
    expect(claims).toEqual(new Set([true, false]));
  });

  it('one false read in a linearizable history is found', () => {
    let tampered = 0;
    for (const [, text] of texts) {
      const lines = text().trimEnd().split('\n');
      const { isLinearizable, model } = parsed(text());
      if (!isLinearizable || model === 'files') continue;
      const at = lines.findLastIndex(
        (line) => /"op":"(read|get)".*"result":/.test(line) && !line.includes('"end":null'),
      );
      if (at === -1) continue;
      tampered += 1;
      const invented = lines[at]?.replace(/"result":("[^"]*"|[^,}]+)/, '"result":"never written"') ?? '';
      expect(checkRecordedHistory(parsed(lines.with(at, invented).join('\n'))).verdict).toBe('not linearizable');
    }
    expect(tampered).toBeGreaterThanOrEqual(3);
  });
});

describe('a broken history', () => {
  const header = '{"history":"h","model":"cas-register","initial":null,"linearizable":true}';
  const kvHeader = '{"history":"h","model":"kv-append","initial":"","linearizable":true}';
  const filesHeader = '{"history":"h","model":"files","linearizable":true}';
  const get = '{"client":1,"call":4,"end":5,"op":"get","path":"/a",';
  const put = '{"client":1,"call":4,"end":null,"op":"put","path":"/a","content":"x"}';
  const read = '{"client":1,"call":4,"end":5,"op":"read","result":1}';

  it.each<[string, number, string]>([
    ['', 1, 'empty line: expected a JSON object'],
    ['nonsense', 1, 'not JSON'],
    ['[1]', 1, 'expected a JSON object, not [1]'],
    ['{"model":"cas-register"}', 1, '"history" is missing: expected a string'],
    ['{"history":"h","initial":null,"linearizable":true}', 1, '"model" is missing'],
    [
      header.replace('cas-register', 'queue'),
      1,
      'unknown model "queue": expected "cas-register", "kv-append" or "files"',
    ],
    [header.replace('true', '"yes"'), 1, '"linearizable" is "yes": expected true or false'],
    [header.replace('null', '{}'), 1, '"initial" is {}: expected a string, a number'],
    [kvHeader.replace('""', 'null'), 1, '"initial" is null: expected a string'],
    [`${header}\n${read}\n\n${read}`, 3, 'empty line'],
    [`${header}\n${read}\n{"client":1,`, 3, 'not JSON'],
    [`${header}\n${read.replace('"client":1,', '')}`, 2, '"client" is missing'],
    [`${header}\n${read.replace('"call":4', '"call":4.5')}`, 2, '"call" is 4.5: expected an integer'],
    [`${header}\n${read.replace('"call":4', '"call":"4"')}`, 2, '"call" is "4": expected an integer'],
    [`${header}\n${read.replace('"end":5,', '')}`, 2, '"end" is missing: expected an integer, or null'],
    [`${header}\n${read}\n${read.replace('"end":5', '"end":3')}`, 3, '"end" is 3, before "call" at 4'],
    [`${header}\n${read.replace('"end":5', '"end":null')}`, 2, '"result" without an "end"'],
    [`${header}\n${read.replace(',"result":1', '')}`, 2, '"result" is missing'],
    [
      `${header}\n${read.replace('"read"', '"toggle"')}`,
      2,
      'unknown "op" "toggle": cas-register has read, write and cas',
    ],
    [`${header}\n${read.replace('"read"', '"write"')}`, 2, '"value" is missing'],
    [`${header}\n${read.replace('"read"', '"cas"')}`, 2, '"from" is missing'],
    [`${filesHeader}\n${read}`, 2, '"path" is missing'],
    [`${filesHeader}\n${get}"result":1}`, 2, '"result" is 1: expected an object'],
    [`${filesHeader}\n${get}"result":{"outcome":"done"}}`, 2, 'a read ends as "found" or "absent", not as "done"'],
    [`${filesHeader}\n${put}\n${put}`, 1, 'content x was put before'],
    [`${kvHeader}\n${read}`, 2, '"key" is missing'],
    [`${kvHeader}\n${read.replace('"op"', '"key":"k","op"')}`, 2, 'kv-append has get, put and append'],
  ])('%#', (text, line, message) => {
    const error = parseHistory(text);
    expect(error).toMatchObject({ line });
    expect('message' in error ? error.message : '').toContain(message);
  });

  it('may end with or without a newline, and have Windows line ends', () => {
    for (const text of [`${header}\n${read}`, `${header}\n${read}\n`, `${header}\r\n${read}\r\n`]) {
      expect(parsed(text).operations).toHaveLength(1);
    }
  });
});
