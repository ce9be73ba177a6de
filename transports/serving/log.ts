/**
 * The log: pino lines on standard output, or pretty ones for people. Synchronous and in this process: a worker thread
 * would lose the last lines of a process that dies, and those are the ones that matter.
 */
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import { PinoPretty } from 'pino-pretty';

export type { Logger } from 'pino';
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** For people: one short line each, with colours where the terminal has them. */
  readonly pretty: boolean;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
  /** In every line, such as `{ server: 'n1' }`. */
  readonly bindings?: Readonly<Record<string, string | number>>;
}

export function createLog({ level, pretty, destination, bindings = {} }: LogOptions): Logger {
  const to = destination ?? pino.destination({ fd: 1, sync: true });
  const options: LoggerOptions = {
    level,
    base: { ...bindings },
    // The words for levels and ISO times: a line is read by people and by tools that do not know pino's numbers.
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return pino(options, pretty ? prettyTo(to, Object.keys(bindings)) : to);
}

function prettyTo(to: DestinationStream, bound: readonly string[]): DestinationStream {
  const format = PinoPretty.prettyFactory({
    colorize: PinoPretty.isColorSupported && process.stdout.isTTY,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: ['fact', 'server', ...bound].join(','),
    messageFormat: (line, messageKey) => {
      const what = line['fact'] ?? line[messageKey] ?? '';
      return line['server'] === undefined ? String(what) : `${String(line['server'])} ${String(what)}`;
    },
  });
  return { write: (line) => to.write(format(line)) };
}
