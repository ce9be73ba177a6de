/** What the process says to its caller in the end: one table, which is also what the help shows. A leaf. */
import type { Absent, OutcomeUnknown, Refused } from '../client/client.js';

export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  unknown: 3,
  notFound: 4,
  noServer: 5,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_TEXT = `Exit codes:
  0    done
  1    refused or failed: nothing happened
  2    the command line or the configuration is wrong
  3    outcome unknown: repeat it with the --operation that the message names
  4    no such file
  5    no server could be reached
  130  interrupted by Ctrl-C
Of several files the first of 130, 5, 3, 1, 4 that occurred counts.`;

const BY_WEIGHT: readonly ExitCode[] = [EXIT.interrupted, EXIT.noServer, EXIT.unknown, EXIT.failed, EXIT.notFound];

/** Of several results, the one that matters most. */
export const worstOf = (codes: Iterable<ExitCode>): ExitCode => {
  const all = new Set(codes);
  return BY_WEIGHT.find((code) => all.has(code)) ?? EXIT.done;
};

export function exitCodeOf(result: { readonly result: 'done' } | Absent | Refused | OutcomeUnknown): ExitCode {
  switch (result.result) {
    case 'done':
      return EXIT.done;
    case 'absent':
      return EXIT.notFound;
    case 'unknown':
      return result.code === 'interrupted' ? EXIT.interrupted : EXIT.unknown;
    case 'refused':
      if (result.code === 'interrupted') return EXIT.interrupted;
      return result.code === 'no-server' ? EXIT.noServer : EXIT.failed;
  }
}
