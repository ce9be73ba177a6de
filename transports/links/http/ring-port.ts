import { openTcpRingPort } from '../tcp/ring-port.js';
export const openHttpRingPort = openTcpRingPort;
