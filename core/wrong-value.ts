/**
 * A text of a person that is not what it should be, and how it is shown in a message.
 * A leaf for whatever reads files and command lines, in both worlds; the protocol itself never throws it.
 */

/** A text that is not what it should be. Whoever knows where it stands makes a `ScenarioError` of it. */
export class WrongValue extends Error {
  override readonly name = 'WrongValue';
  /** What the author may have meant, ready to be pasted in its place. */
  readonly suggestion: string | undefined;

  constructor(message: string, suggestion?: string) {
    super(message);
    this.suggestion = suggestion;
  }
}

/** A value in a message: short, on one line, in quotes unless it has brackets. */
export function quote(value: unknown): string {
  const isHolder = typeof value === 'object' && value !== null;
  const text = isHolder ? JSON.stringify(value) : String(value);
  const short = printable(text.length > 60 ? `${text.slice(0, 59)}…` : text);
  return isHolder ? short : `"${short}"`;
}

/** Terminals obey control characters; a broken file must not move the cursor of who reads about it. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}
