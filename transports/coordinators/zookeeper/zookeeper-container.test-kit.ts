// ZooKeeper in a container, by testcontainers. The image: ZOOKEEPER_IMAGE, else the one that tools/zookeeper-image.sh
// makes where no registry can be reached, if it is there, else the official one.
import type { ContainerRuntimeClient } from 'testcontainers';
import { configOf, JVM_FLAGS, type Runner } from './runner.test-kit.js';

const PORT = 2181;
const LOCAL_IMAGE = 'zookeeper:3.8-debian';
const OFFICIAL_IMAGE = 'zookeeper:3.9';
const PULL_MS_MAX = 120_000;

// Both images have the script, Debian's outside of the path. Nobody removes a container whose tests were killed (where
// there is no registry, there is no reaper): it ends by itself.
const COMMAND = 'PATH=$PATH:/usr/share/zookeeper/bin exec timeout 1200 zkServer.sh start-foreground /tmp/zoo.cfg';

/** @returns a text: why there is none. */
export async function runInContainer(): Promise<Runner | string> {
  const { ImageName, getContainerRuntimeClient } = await import('testcontainers');
  let client: ContainerRuntimeClient;
  try {
    client = await getContainerRuntimeClient();
  } catch {
    return 'no Docker engine can be reached';
  }
  const local = ImageName.fromString(LOCAL_IMAGE);
  const fallback = (await client.image.exists(local)) ? LOCAL_IMAGE : OFFICIAL_IMAGE;
  const image = process.env['ZOOKEEPER_IMAGE'] ?? fallback;
  const name = ImageName.fromString(image);
  try {
    if (!(await client.image.exists(name))) await within(PULL_MS_MAX, client.image.pull(name));
  } catch (error) {
    return `the image ${image} can neither be found nor fetched (${(error as Error).message})`;
  }
  // Its helper container comes from a registry, too.
  if (image === LOCAL_IMAGE) process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  return inContainer(client, image);
}

async function inContainer(client: ContainerRuntimeClient, image: string): Promise<Runner> {
  const { GenericContainer } = await import('testcontainers');
  const started = await new GenericContainer(image)
    .withExposedPorts(PORT)
    .withEnvironment({ JVMFLAGS: JVM_FLAGS.join(' '), JMXDISABLE: 'true' })
    .withCopyContentToContainer([{ content: configOf('/tmp/zookeeper', PORT), target: '/tmp/zoo.cfg' }])
    .withCommand(['sh', '-c', COMMAND])
    .start();
  const container = client.container.getById(started.getId());
  const host = started.getHost();
  let port = started.getMappedPort(PORT);
  let isRunning = true;
  return {
    name: `ZooKeeper in a container (${image})`,
    address: () => ({ host, port }),
    async start() {
      if (isRunning) return;
      await container.start();
      isRunning = true;
      const { NetworkSettings } = await container.inspect();
      port = Number(NetworkSettings.Ports[`${PORT}/tcp`]?.[0]?.HostPort);
    },
    async kill() {
      if (isRunning) await container.kill();
      isRunning = false;
    },
    pause: async () => void (await container.pause()),
    resume: async () => void (await container.unpause()),
    remove: async () => void (await container.remove({ force: true, v: true })),
  };
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
