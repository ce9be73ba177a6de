/**
 * What all connections of one ring port share: its bounds, its versions, its counters, its log.
 */
import { VERSIONS, type Versions } from '../frames/preface.js';
import { LINK_LIMITS, type LinkLimits } from './limits.js';
import type { RingPortOptions } from './links.js';

export interface Site {
  readonly limits: LinkLimits;
  readonly versions: Versions;
  readonly traffic: { sentBytes: number; receivedBytes: number };
  readonly onViolation: (where: string, why: string) => void;
}

export function makeSite({ limits = LINK_LIMITS, versions = VERSIONS, onViolation }: RingPortOptions): Site {
  return { limits, versions, traffic: { sentBytes: 0, receivedBytes: 0 }, onViolation };
}
