/** What a ring's launcher and its servers tell each other, over the channel that Node gives a child process. */

/** Set in the environment of a server that has a launcher: without one it ends. */
export const LAUNCHED = 'LAUNCHED_BY_PPNFS';

export type ServerSays =
  /** It listens: `ring` and `http` are the addresses that were really taken. */
  | { readonly kind: 'listening'; readonly ring: string; readonly http: string }
  /** Why it ends. */
  | { readonly kind: 'ends'; readonly why: string };

/** Stop where you are: files stay on the disk, the place in the ring is left to the others. */
export interface LauncherSays {
  readonly kind: 'stop';
}

export function isServerSays(message: unknown): message is ServerSays {
  const kind = (message as { readonly kind?: unknown } | null)?.kind;
  return kind === 'listening' || kind === 'ends';
}

export function isLauncherSays(message: unknown): message is LauncherSays {
  return (message as { readonly kind?: unknown } | null)?.kind === 'stop';
}
