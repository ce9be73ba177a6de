// Without the optional client everything else works, and whoever asks for ZooKeeper is told what to type.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Node, as if the package were not installed; threads inherit it. */
const hide = `
  export async function resolve(name, context, next) {
    if (name === 'zookeeper') throw new Error("Cannot find package 'zookeeper'");
    return next(name, context);
  }`;
const hiding = `import { register } from 'node:module'; register(${JSON.stringify(asUrl(hide))});`;

function asUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

it('a client that is not installed is an error with what to type, and the process goes on', async () => {
  const script = `
    import { connectZooKeeper } from '${new URL('./zookeeper.js', import.meta.url)}';
    const place = { servers: 'h:1', root: '/r', sessionMs: 1_000, log: console };
    for (let i = 0; i < 2; i++) await connectZooKeeper(place).catch((error) => console.log(error.message));`;
  const words = ['--import', asUrl(hiding), '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).toContain("cannot be loaded (Cannot find package 'zookeeper')");
    expect(line).toContain('type `npm install zookeeper`');
  }
});
