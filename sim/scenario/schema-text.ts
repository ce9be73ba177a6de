/**
 * The text of scenarios/schema.json, laid out as the formatter wants it.
 * Pure: whoever has the text writes or compares it.
 */
import { jsonSchema } from './schema.js';

const LINE_MAX = 120;

export const schemaText = (): string => `${laidOut(jsonSchema(), '', '')}\n`;

/** Objects line by line, lists on one line where they fit. `before`: what stands on the line already. */
function laidOut(value: unknown, indent: string, before: string): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = flatText(value);
    if (flat !== undefined && `${indent}${before}${flat},`.length <= LINE_MAX) return flat;
    return `[\n${value.map((item) => deeper + laidOut(item, deeper, '')).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const lines = Object.entries(value).map(([key, item]) => {
    const start = `${JSON.stringify(key)}: `;
    return deeper + start + laidOut(item, deeper, start);
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`;
}

/** A list on one line; undefined when it holds a mapping. */
function flatText(value: unknown): string | undefined {
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? undefined : JSON.stringify(value);
  const items = value.map(flatText);
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
}
