/**
 * Ties the command to this process: its arguments, streams, signals and exit code. A reader that goes away (`| head`)
 * ends the printing, not the process, and is no error.
 */
import { availableParallelism } from 'node:os';
import type { Context, TextStream } from './context.js';
import { EXIT_FAILED } from './exit-code.js';
import { main } from './main.js';

/** Sets the exit code and lets the process end by itself, so that everything written is flushed. */
export async function runProcess(
  parts: Pick<Context, 'loader' | 'workerFile' | 'version' | 'now'>,
  command: (context: Context) => Promise<number> = main,
): Promise<void> {
  const code = await command({
    ...parts,
    args: process.argv.slice(2),
    environment: process.env,
    stdout: textStream(process.stdout),
    stderr: textStream(process.stderr),
    cores: availableParallelism(),
    onInterrupt: (stop) => {
      // Once: the second Ctrl-C ends the process at once, as everywhere.
      process.once('SIGINT', stop);
      return () => process.off('SIGINT', stop);
    },
  });
  process.exitCode ??= code;
}

function textStream(stream: NodeJS.WriteStream): TextStream {
  let gone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    gone = true;
    if (error.code === 'EPIPE') return;
    // A full disk, say: what was asked for could not be printed.
    process.exitCode = EXIT_FAILED;
    if (stream !== process.stderr) process.stderr.write(`sim: cannot write the report: ${error.message}\n`);
  });
  return {
    write: (text) => {
      if (!gone) stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    columns: stream.columns,
  };
}
