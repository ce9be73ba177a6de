/**
 * The planted bugs: each takes one rule of the protocol out, with the smallest patch that does. Data only. A mutant that
 * nobody can catch says nothing: only those that the simulator kills belong here.
 */
import { healing } from './healing.js';
import type { Mutant } from './mutant.js';
import { registering } from './registering.js';
import { serving } from './serving.js';

export const mutants: readonly Mutant[] = [...serving, ...healing, ...registering];
