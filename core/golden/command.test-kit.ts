/** One command of a golden script: its words, read from left to right, and what all commands work on. Runs none. */
import type { Settings } from '../view/view.js';
import { type Command, ScriptError } from './script.test-kit.js';
import type { Server } from './server.test-kit.js';
import type { World } from './world.test-kit.js';

/** The words of one command, read from left to right. */
export class Words {
  constructor(
    private readonly command: Command,
    private readonly usage: string,
  ) {}

  private next = 1;

  fail(why: string): never {
    throw new ScriptError(`${this.command.at}: ${why}; the form is: ${this.usage}`);
  }

  has(): boolean {
    return this.next < this.command.words.length;
  }

  take(what: string): string {
    return this.command.words[this.next++] ?? this.fail(`${what} is missing`);
  }

  /** Takes the word if it is the next one. */
  accept(word: string): boolean {
    if (this.command.words[this.next] !== word) return false;
    this.next++;
    return true;
  }

  expect(word: string): void {
    if (!this.accept(word)) this.fail(`"${word}" is missing`);
  }

  count(what: string): number {
    return this.number(this.take(what));
  }

  number(text: string): number {
    const value = Number(text);
    return Number.isSafeInteger(value) && value >= 0 ? value : this.fail(`"${text}" is not a count`);
  }

  rest(): readonly string[] {
    const rest = this.command.words.slice(this.next);
    this.next = this.command.words.length;
    return rest;
  }
}

export interface Player {
  readonly world: World;
  readonly limits: Record<string, number>;
  readonly settings: Partial<Settings>;
}

export type Play = (player: Player, words: Words) => void;

export function serverNamed({ world }: Player, words: Words, name = words.take('a server')): Server {
  return world.servers.get(name) ?? words.fail(`there is no server ${name}`);
}

export function serversNamed(player: Player, words: Words): readonly Server[] {
  if (words.accept('all')) return [...player.world.servers.values()];
  return words.rest().map((name) => serverNamed(player, words, name));
}
