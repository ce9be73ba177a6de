#!/usr/bin/env node
/**
 * The `ppnfs` executable: ties the command line to this process, its streams, its signals and its exit code.
 * A reader that goes away (`| head`) ends the printing and is no error.
 */
import { readFileSync } from 'node:fs';
import type { TextStream } from './cli/context.js';
import { run } from './cli/run.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function textStream(stream: NodeJS.WriteStream): TextStream {
  let isGone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    isGone = true;
    if (error.code !== 'EPIPE') process.exitCode = 1;
  });
  return {
    write(text) {
      if (!isGone) stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
  };
}

/** The first signal asks to stop; the second one does not ask. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(codes[signal]);
      stop.abort(signal);
    });
  }
  return stop.signal;
}

const code = await run({
  args: process.argv.slice(2),
  environment: process.env,
  version,
  stdout: textStream(process.stdout),
  stderr: textStream(process.stderr),
  byteInput: process.stdin,
  byteOutput: process.stdout,
  signal: stopSignal(),
});
process.exitCode ??= code;
