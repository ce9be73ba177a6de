/**
 * A persistent map in key order: every change gives a new map that shares all but the path to the change.
 * Weight-balanced tree (Adams 1993, with the parameters of Hirai & Yamamoto 2011). A leaf; total and pure.
 */

interface Branch<K, V> {
  readonly key: K;
  readonly value: V;
  readonly size: number;
  readonly left: Tree<K, V>;
  readonly right: Tree<K, V>;
}
type Tree<K, V> = Branch<K, V> | undefined;

const DELTA = 3;
const RATIO = 2;

/**
 * Whether a key comes first. Strings and numbers are compared apart: where V8 sees both it takes its slowest comparison, which
 * was a third of a change's time.
 */
const precedes = <K>(a: K, b: K): boolean =>
  typeof a === 'string' ? a < (b as string) : (a as number) < (b as unknown as number);

const sizeOf = <K, V>(tree: Tree<K, V>): number => (tree === undefined ? 0 : tree.size);

function branch<K, V>(key: K, value: V, left: Tree<K, V>, right: Tree<K, V>): Branch<K, V> {
  return { key, value, size: sizeOf(left) + sizeOf(right) + 1, left, right };
}

function balanced<K, V>(key: K, value: V, left: Tree<K, V>, right: Tree<K, V>): Branch<K, V> {
  const l = sizeOf(left);
  const r = sizeOf(right);
  if (l + r < 2) return branch(key, value, left, right);
  if (right !== undefined && r > DELTA * l) return leanLeft(key, value, left, right);
  if (left !== undefined && l > DELTA * r) return leanRight(key, value, left, right);
  return branch(key, value, left, right);
}

function leanLeft<K, V>(key: K, value: V, left: Tree<K, V>, right: Branch<K, V>): Branch<K, V> {
  const inner = right.left;
  if (inner === undefined || sizeOf(inner) < RATIO * sizeOf(right.right)) {
    return branch(right.key, right.value, branch(key, value, left, inner), right.right);
  }
  const near = branch(key, value, left, inner.left);
  return branch(inner.key, inner.value, near, branch(right.key, right.value, inner.right, right.right));
}

function leanRight<K, V>(key: K, value: V, left: Branch<K, V>, right: Tree<K, V>): Branch<K, V> {
  const inner = left.right;
  if (inner === undefined || sizeOf(inner) < RATIO * sizeOf(left.left)) {
    return branch(left.key, left.value, left.left, branch(key, value, inner, right));
  }
  const near = branch(key, value, inner.right, right);
  return branch(inner.key, inner.value, branch(left.key, left.value, left.left, inner.left), near);
}

function withEntry<K, V>(tree: Tree<K, V>, key: K, value: V): Branch<K, V> {
  if (tree === undefined) return branch(key, value, undefined, undefined);
  if (precedes(key, tree.key)) return balanced(tree.key, tree.value, withEntry(tree.left, key, value), tree.right);
  if (precedes(tree.key, key)) return balanced(tree.key, tree.value, tree.left, withEntry(tree.right, key, value));
  return { key, value, size: tree.size, left: tree.left, right: tree.right };
}

function leftmost<K, V>(tree: Branch<K, V>): Branch<K, V> {
  let at = tree;
  while (at.left !== undefined) at = at.left;
  return at;
}

function withoutEntry<K, V>(tree: Tree<K, V>, key: K): Tree<K, V> {
  if (tree === undefined) return undefined;
  if (precedes(key, tree.key)) return balanced(tree.key, tree.value, withoutEntry(tree.left, key), tree.right);
  if (precedes(tree.key, key)) return balanced(tree.key, tree.value, tree.left, withoutEntry(tree.right, key));
  if (tree.left === undefined) return tree.right;
  if (tree.right === undefined) return tree.left;
  const next = leftmost(tree.right);
  return balanced(next.key, next.value, tree.left, withoutEntry(tree.right, next.key));
}

/** Keys are all strings (code unit order) or all numbers, never mixed. */
export class SortedMap<K extends string | number, V> {
  private constructor(private readonly root: Tree<K, V>) {}

  private static readonly none = new SortedMap<never, never>(undefined);

  static empty<K extends string | number, V>(): SortedMap<K, V> {
    return SortedMap.none as unknown as SortedMap<K, V>;
  }

  get size(): number {
    return sizeOf(this.root);
  }

  get(key: K): V | undefined {
    let at = this.root;
    while (at !== undefined) {
      if (precedes(key, at.key)) at = at.left;
      else if (precedes(at.key, key)) at = at.right;
      else return at.value;
    }
    return undefined;
  }

  has(key: K): boolean {
    let at = this.root;
    while (at !== undefined) {
      if (precedes(key, at.key)) at = at.left;
      else if (precedes(at.key, key)) at = at.right;
      else return true;
    }
    return false;
  }

  set(key: K, value: V): SortedMap<K, V> {
    return new SortedMap(withEntry(this.root, key, value));
  }

  delete(key: K): SortedMap<K, V> {
    if (!this.has(key)) return this;
    return this.size === 1 ? SortedMap.empty() : new SortedMap(withoutEntry(this.root, key));
  }

  /** The entry with the least key. */
  first(): readonly [K, V] | undefined {
    if (this.root === undefined) return undefined;
    const at = leftmost(this.root);
    return [at.key, at.value];
  }

  /** The entry with the greatest key. */
  last(): readonly [K, V] | undefined {
    let at = this.root;
    while (at?.right !== undefined) at = at.right;
    return at === undefined ? undefined : [at.key, at.value];
  }

  /** Entries in key order, from the least key ≥ `from` (or the least of all). */
  *entries(from?: K): Generator<readonly [K, V], void, undefined> {
    const path: Branch<K, V>[] = [];
    let at = this.root;
    while (at !== undefined || path.length > 0) {
      while (at !== undefined) {
        if (from !== undefined && precedes(at.key, from)) {
          at = at.right;
        } else {
          path.push(at);
          at = at.left;
        }
      }
      const next = path.pop();
      if (next === undefined) return;
      yield [next.key, next.value];
      at = next.right;
    }
  }

  *values(): Generator<V, void, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  *keys(): Generator<K, void, undefined> {
    for (const [key] of this.entries()) yield key;
  }
}
