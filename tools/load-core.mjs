// Loads every built file of core, and rxjs under it, into a context that has the language and nothing else: no Node, no
// timers, no console, and not even the parts of the language whose results vary (clock, randomness, locale, weak
// references). purity.test.ts runs it as `node --experimental-vm-modules tools/load-core.mjs FOLDER`; it prints the
// files it loaded, or fails with what was missing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import vm from 'node:vm';

const folder = resolve(process.argv[2] ?? 'dist/core');
// The ES modules of rxjs, which its `exports` map does not name for Node.
const rxjsFolder = dirname(createRequire(import.meta.url).resolve('rxjs/package.json'));
const rxjs = join(rxjsFolder, 'dist', 'esm', 'index.js');
const tslib = join(dirname(createRequire(rxjs).resolve('tslib/package.json')), 'tslib.es6.mjs');

const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
vm.runInContext(
  `delete Math.random;
  delete String.prototype.localeCompare;
  for (const name of ['Date', 'Intl', 'Promise', 'WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry', 'console',
    'SharedArrayBuffer', 'Atomics', 'WebAssembly']) delete globalThis[name];`,
  context,
);

/** The names of all globals and of all that they and their prototypes carry: loading core must not add to them. */
const globalNames = () =>
  vm.runInContext(
    `Object.getOwnPropertyNames(globalThis).filter((name) => name !== 'globalThis').flatMap((name) => [
      name,
      ...Reflect.ownKeys(Object(globalThis[name])).map((key) => name + '.' + String(key)),
      ...Reflect.ownKeys(Object(globalThis[name]?.prototype)).map((key) => name + '.prototype.' + String(key)),
    ])`,
    context,
  );
const namesBefore = new Set(globalNames());

const modules = new Map();

function load(path) {
  const known = modules.get(path);
  if (known !== undefined) return known;
  const module = new vm.SourceTextModule(readFileSync(path, 'utf8'), { context, identifier: path });
  modules.set(path, module);
  return module;
}

function resolveFrom(specifier, from) {
  if (specifier === 'rxjs') return rxjs;
  if (specifier === 'tslib' && from.startsWith(rxjsFolder)) return tslib;
  if (!specifier.startsWith('.')) throw new Error(`${from} imports '${specifier}': core imports rxjs and itself only`);
  const path = join(dirname(from), specifier);
  // rxjs leaves the ending out.
  return existsSync(`${path}.js`) ? `${path}.js` : path;
}

const files = readdirSync(folder, { recursive: true })
  .filter((name) => name.endsWith('.js') && !/\.test(-kit)?\.js$/.test(name))
  .sort();

for (const file of files) {
  const module = load(join(folder, file));
  // A file that an earlier one imports is linked already.
  if (module.status === 'unlinked')
    await module.link((specifier, { identifier }) => load(resolveFrom(specifier, identifier)));
  await module.evaluate();
}
const added = globalNames().filter((name) => !namesBefore.has(name));
if (added.length > 0) throw new Error(`core keeps state in globals: ${added.join(', ')}`);
console.log(files.join('\n'));
