// A client whose connection is one more than a server may have: over each protocol, in front of a real ring of one.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { World as HttpWorld } from '../serving/http/http.test-kit.js';
import { World as TcpWorld } from '../serving/tcp/tcp.test-kit.js';
import { DEFAULT_PATIENCE, type Patience } from './attempts.js';
import type { FileClient } from './client.js';
import { connect } from './connect.js';
import { bytesSource } from './source.js';

const once: Patience = { ...DEFAULT_PATIENCE, triesMax: 1 };
const busy = { result: 'refused', code: 'busy', detail: expect.stringContaining('connections') };
const limits = { connectionsMax: 0 };

const fullOverHttp = async () => {
  const world = await HttpWorld.begin({}, limits);
  return { url: world.url, end: () => world.end() };
};
const fullOverTcp = async () => {
  const world = await TcpWorld.begin({}, limits);
  return { url: `tcp://127.0.0.1:${world.port.at.port}`, end: () => world.end() };
};

describe.each([
  ['HTTP', fullOverHttp],
  ['TCP', fullOverTcp],
])('one connection more than a server over %s may have', (_, begin) => {
  let full: Awaited<ReturnType<typeof begin>>;
  let files: FileClient;
  beforeEach(async () => {
    full = await begin();
  });
  afterEach(async () => {
    files.close();
    await full.end();
  });

  it('hears that nothing was done, not that nobody knows', async () => {
    files = connect([full.url], { patience: once });
    expect(await files.put('/a', bytesSource(Buffer.alloc(10)))).toMatchObject(busy);
    expect(await files.put('/a', bytesSource(Buffer.alloc(5_000_000)))).toMatchObject(busy);
    expect(await files.delete('/a')).toMatchObject(busy);
    expect(await files.stat('/a')).toMatchObject({ result: 'refused' });
  });

  it('is served by another one', async () => {
    const other = await HttpWorld.begin();
    files = connect([full.url, other.url]);
    expect(await files.put('/a', bytesSource(Buffer.alloc(10)))).toMatchObject({ result: 'done' });
    await other.end();
  });
});
