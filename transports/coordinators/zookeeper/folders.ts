/**
 * The folders of a cluster, made when they are not there. Those above its own stay open to everybody: other clusters may
 * stand beside it. Looks before it makes: where it may only write below its own folder, a needless create is refused.
 */
import { Code, Flag } from './addon.js';
import { type CallContext, createNode, failure, protect } from './calls.js';
import { FOLDERS } from './nodes.js';

/** @returns whether all are there; why not is in the log, but for a lost connection. */
export async function makeFolders(context: CallContext): Promise<boolean> {
  const { client, root, isProtected } = context;
  const own = [root, ...FOLDERS.map((folder) => `${root}/${folder}`)];
  const paths = [...above(root), ...own];
  const looks = await Promise.all(paths.map((path) => client.get(path)));
  const results = paths.map(async (path, i) => {
    const [look, isOwn] = [looks[i], own.includes(path)];
    if (look?.code === Code.noNode) {
      return createNode(isOwn ? context : { ...context, isProtected: false }, path, Buffer.alloc(0), Flag.persistent);
    }
    if (look?.stat?.aversion === 0 && isOwn && isProtected) return protect(context, path);
    // There, and if it is one above our own, perhaps not for us to read.
    return look?.code === Code.noAuth ? { ...look, code: Code.ok } : look;
  });
  for (const [i, outcome] of (await Promise.all(results)).entries()) {
    if (outcome === undefined || outcome.code === Code.ok || outcome.code === Code.nodeExists) continue;
    failure(context, paths[i] ?? root, outcome);
    return false;
  }
  return true;
}

/** `/a/b` of `/a/b/c`, from the top. */
function above(root: string): readonly string[] {
  const names = root.split('/').slice(1, -1);
  return names.map((_, i) => `/${names.slice(0, i + 1).join('/')}`);
}
