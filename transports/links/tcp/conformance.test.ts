// The TCP links keep what every kind of link promises.
import { linksConformance } from '../../../core/conformance/links.test-kit.js';
import { realLinks } from '../world.test-kit.js';
import { openTcpRingPort } from './ring-port.js';

linksConformance(realLinks('TCP', openTcpRingPort));
