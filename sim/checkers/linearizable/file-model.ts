/**
 * One path of the file store as a client may expect it to behave: absent, or the content of one put with its version.
 * Knows what clients are told (history.ts), nothing of how the store keeps it.
 *
 * A state is the content's id, or undefined for absent. Its version needs no place in the state: each put has its own
 * content id, so the version belongs to the content, and all that the history tells about it is gathered beforehand.
 */
import type { DeleteOperation, FileOperation, Precondition, PutOperation } from './history.js';
import { type Family, type Model, refused, type Specification, type Step } from './model.js';

type FileState = string | undefined;

/** For the operations on one path. */
export class FileModel implements Model<FileState, FileOperation> {
  readonly initial: FileState = undefined;
  /** Content → version, as far as any answer tells. A put's own answer goes before what reads say. */
  readonly #versions = new Map<string, string>();
  /** Version → the contents that have it: one, unless the store is broken. */
  readonly #contents = new Map<string, string[]>();
  /** Contents that some read shows. */
  readonly #shown = new Set<string>();
  /** Versions that some precondition asks for. */
  readonly #asked = new Set<string>();

  constructor(operations: readonly FileOperation[]) {
    for (const operation of operations) {
      if (operation.kind === 'put' && operation.result?.outcome === 'done') {
        this.#versions.set(operation.content, operation.result.version);
      }
      if (operation.kind === 'put' || operation.kind === 'delete') {
        const asked = operation.precondition?.ifVersion;
        if (asked !== undefined) this.#asked.add(asked);
      }
    }
    for (const { result } of operations) {
      if (result?.outcome !== 'found') continue;
      this.#shown.add(result.content);
      if (!this.#versions.has(result.content)) this.#versions.set(result.content, result.version);
    }
    for (const [content, version] of this.#versions) {
      this.#contents.set(version, [...(this.#contents.get(version) ?? []), content]);
    }
  }

  step(state: FileState, operation: FileOperation): Step<FileState> {
    switch (operation.kind) {
      case 'put':
        return this.#put(state, operation);
      case 'delete':
        return this.#delete(state, operation);
      case 'get':
      case 'stat': {
        const { result } = operation;
        if (result === null) return { ok: true, next: state };
        if (result.outcome === 'absent') return state === undefined ? { ok: true, next: state } : refused;
        return state === result.content && !this.isMisnamed(operation) ? { ok: true, next: state } : refused;
      }
    }
  }

  /**
   * Contents that no read shows and no precondition asks for look alike to every operation; they differ only in whether
   * a version that nobody was told of might be theirs.
   */
  key(state: FileState): string {
    if (state === undefined) return 'absent';
    const version = this.#versions.get(state);
    if (this.#shown.has(state) || (version !== undefined && this.#asked.has(version))) return `content ${state}`;
    return version === undefined ? 'some content of unknown version' : 'some content of known version';
  }

  describe(state: FileState): string {
    if (state === undefined) return 'absent';
    return `${state} (version ${this.#versions.get(state) ?? 'never told'})`;
  }

  /** Reads, what a precondition stopped, and deletes that found nothing. */
  isObserver({ kind, result }: FileOperation): boolean {
    if (kind === 'get' || kind === 'stat') return true;
    return result?.outcome === 'precondition-failed' || (result !== null && 'found' in result && !result.found);
  }

  /** Whether an answer names a content together with another version than its own. */
  isMisnamed({ result }: FileOperation): boolean {
    return result?.outcome === 'found' && this.#versions.get(result.content) !== result.version;
  }

  /** Each content is put once: when it is gone, it is gone for good. */
  onlyState({ result, ...rest }: FileOperation): string | undefined {
    if (result?.outcome === 'found') return this.key(result.content);
    if (result?.outcome !== 'done' || !('precondition' in rest)) return undefined;
    const [content, ...others] = this.#contents.get(rest.precondition?.ifVersion ?? '') ?? [];
    return content === undefined || others.length > 0 ? undefined : this.key(content);
  }

  /** A read changes nothing. Nothing else is: even a put that no read shows can be why a precondition failed. */
  isIrrelevant(operation: FileOperation): boolean {
    return operation.kind === 'get' || operation.kind === 'stat';
  }

  /**
   * All deletes are a family, and so are all puts whose content no read shows: they lead to absent or to a file that
   * nothing can tell from another. In any one state, those of them that change it have preconditions that imply each
   * other: this very version, then `any`, then no precondition; or `none`, then no precondition.
   */
  family(operation: FileOperation): Family | undefined {
    if (operation.kind !== 'put' && operation.kind !== 'delete') return undefined;
    if (operation.kind === 'put' && this.#shown.has(operation.content)) return undefined;
    const asked = operation.precondition?.ifVersion;
    if (asked === undefined) return { name: operation.kind, strength: 2 };
    return { name: operation.kind, strength: asked === 'any' ? 1 : 0 };
  }

  #put(state: FileState, { content, precondition, result }: PutOperation): Step<FileState> {
    const holds = this.#holds(state, precondition);
    if (result === null) return { ok: true, next: holds === 'no' ? state : content };
    if (result.outcome === 'done') return holds === 'no' ? refused : { ok: true, next: content };
    return holds === 'yes' ? refused : { ok: true, next: state };
  }

  #delete(state: FileState, { precondition, result }: DeleteOperation): Step<FileState> {
    const holds = this.#holds(state, precondition);
    if (result === null) return { ok: true, next: holds === 'no' ? state : undefined };
    if (result.outcome === 'precondition-failed') return holds === 'yes' ? refused : { ok: true, next: state };
    return holds === 'no' || result.found !== (state !== undefined) ? refused : { ok: true, next: undefined };
  }

  /**
   * `maybe`: the version asked for is told of no content, and the version of this content is never told, so they may be
   * the same. Either answer is then believed: the checker accuses only of what it can prove.
   */
  #holds(state: FileState, precondition: Precondition | undefined): 'yes' | 'no' | 'maybe' {
    const asked = precondition?.ifVersion;
    if (asked === undefined) return 'yes';
    if (asked === 'none') return state === undefined ? 'yes' : 'no';
    if (state === undefined) return 'no';
    if (asked === 'any') return 'yes';
    const version = this.#versions.get(state);
    if (version !== undefined) return version === asked ? 'yes' : 'no';
    return this.#contents.has(asked) ? 'no' : 'maybe';
  }
}

/** Every path by itself, absent at first. */
export const fileSpecification: Specification<FileState, FileOperation> = {
  partition: ({ path }) => path,
  model: (operations) => new FileModel(operations),
};
