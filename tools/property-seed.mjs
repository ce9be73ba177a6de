// Properties are tried with the same values every time, so that a commit is green or red, not both: PPNFS_PROPERTY_SEED
// chooses others, and a failure names the seed that it had.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.PPNFS_PROPERTY_SEED ?? 1) });
