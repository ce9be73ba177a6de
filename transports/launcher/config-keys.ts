/** Every key of each configuration. A leaf: a command line needs them before anything else is loaded. */

const SERVER_KEYS = [
  'store',
  'capacity',
  'link',
  'durability',
  'chain',
  'min-replicas',
  'shards',
  'chunk',
  'stream',
  'allow-public',
  'log-level',
  'log-pretty',
] as const;
export const NODE_KEYS = ['id', 'listen', 'http', 'coordinator', 'data', 'advertise', ...SERVER_KEYS] as const;
export const RING_KEYS = [
  'nodes',
  'data',
  'host',
  'ring-port',
  'http-port',
  'coordinator-port',
  'coordinator',
  ...SERVER_KEYS,
] as const;
export const COORDINATOR_KEYS = ['listen', 'data', 'allow-public', 'log-level', 'log-pretty'] as const;
