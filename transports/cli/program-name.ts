/**
 * What to type for this program: `ppnfs` where it is installed for everybody, `npx ppnfs` where npm or npx runs it and the
 * shell would not find it. A leaf.
 */

/** npm sets this for what it runs; its search path then finds what a shell does not. */
export const programName = (environment: Readonly<Record<string, string | undefined>>): string =>
  environment['npm_lifecycle_event'] === undefined ? 'ppnfs' : 'npx ppnfs';
