// All real stores do what the port asks.
import { storeConformance } from '../../core/conformance/store.test-kit.js';
import { diskHarness, memoryHarness } from './store-harness.test-kit.js';

storeConformance(memoryHarness);
storeConformance(diskHarness('memory'));
storeConformance(diskHarness('os'));
storeConformance(diskHarness('fsync'));
// Every few requests another segment, every base in many parts, nothing in the cache.
storeConformance(
  diskHarness('fsync', {
    limits: { segmentBytes: 2_000, groupBytesMax: 1_000, basePartItems: 100, cacheBytes: 0, openSegmentsMax: 2 },
  }),
);
