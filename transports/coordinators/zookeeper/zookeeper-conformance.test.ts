// A real ZooKeeper, with the npm client in its thread, keeps the rules of the port.
import { afterAll } from 'vitest';
import { coordinatorConformance } from '../../../core/conformance/coordinator.test-kit.js';
import { beginZooKeeper } from './zookeeper-service.test-kit.js';
import { ZooKeeperWorld } from './zookeeper-world.test-kit.js';

const service = await beginZooKeeper();
if (service !== undefined) {
  afterAll(() => service.end());
  coordinatorConformance({ name: service.name, cannot: {}, open: () => ZooKeeperWorld.open(service) });
}
