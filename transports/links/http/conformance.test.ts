// The HTTP links keep what every kind of link promises.
import { linksConformance } from '../../../core/conformance/links.test-kit.js';
import { realLinks } from '../world.test-kit.js';
import { openHttpRingPort } from './ring-port.js';

linksConformance(realLinks('HTTP', openHttpRingPort));
