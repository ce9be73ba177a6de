// What a ring port does about peers that are foreign, wrong, silent or slow: each costs its own connection and no more.
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { encodePreface, PREFACE_BYTES, VERSIONS } from '../../frames/preface.js';
import { chunkFrame, sampleFrames } from '../../frames/samples.test-kit.js';
import type { RingPort } from '../links.js';
import { listen } from '../listen.js';
import { bytesOf, openTestPort, RawPeer, type TestPort, type TestPortOptions } from '../raw-peer.test-kit.js';
import { ANY_PORT, until } from '../world.test-kit.js';
import { openTcpRingPort } from './ring-port.js';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function opened(options: TestPortOptions = {}): Promise<TestPort> {
  const test = await openTestPort(openTcpRingPort, options);
  closings.push(() => test.port.close());
  return test;
}

function peerOf({ port }: { readonly port: RingPort }): RawPeer {
  const peer = new RawPeer(port.at);
  closings.push(() => peer.socket.destroy());
  return peer;
}

/** One that is linked already. */
async function linkedPeerOf(test: TestPort): Promise<RawPeer> {
  const peer = peerOf(test).introduce();
  await until(() => test.end.links.length > 0 && peer.received.length === PREFACE_BYTES);
  return peer;
}

const ping = { kind: 'ping', epoch: 1 } as const;

describe('who comes', () => {
  it.each([
    ['an HTTP request', 'GET /files/a HTTP/1.1\r\nHost: x\r\n\r\n', 'looks like an HTTP request'],
    ['TLS', '\x16\x03\x01\x00\x05hello', 'looks like TLS'],
    ['noise', '\x00\x01\x02', 'it begins with 000102'],
  ])('with %s is hung up on, and the reason is told', async (_, bytes, why) => {
    const test = await opened();
    const peer = peerOf(test).say(Buffer.from(bytes, 'latin1'));
    await until(() => peer.isClosed);
    expect(test.accusations).toEqual([expect.stringContaining(why)]);
    expect(test.end.heard).toEqual([]);
  });

  it('and goes again without a word is no violation', async () => {
    const test = await opened();
    const peer = peerOf(test);
    peer.socket.end();
    await until(() => peer.isClosed);
    expect(test.accusations).toEqual([]);
  });

  it('and says nothing is hung up on after a time', async () => {
    const test = await opened({ limits: { prefaceMs: 20 } });
    const peer = peerOf(test).say(encodePreface({ versions: VERSIONS, role: 'ring' }).subarray(0, 4));
    await until(() => peer.isClosed);
    const silent = peerOf(test);
    await until(() => silent.isClosed);
    expect(test.accusations).toEqual(['no preface within 20 ms', 'no preface within 20 ms']);
  });

  it('in greater number than may wait makes the oldest go; whoever is quick is let in', async () => {
    const test = await opened({ limits: { strangersMax: 2 } });
    const silent: RawPeer[] = [];
    for (const count of [1, 2, 3]) {
      silent.push(peerOf(test));
      await until(() => silent.length === count && silent.at(-1)?.socket.connecting === false);
    }
    await until(() => silent[0]?.isClosed === true);
    await linkedPeerOf(test);
    expect(silent.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
  });

  it('as a client is handed over with all it has said', async () => {
    const clients: unknown[] = [];
    const test = await opened({
      onClient: (socket, first, version) => {
        clients.push([Buffer.from(first).toString(), version]);
        socket.write('hello');
      },
    });
    const peer = peerOf(test).introduce({ role: 'client' }).say('question');
    await until(() => peer.received.length === PREFACE_BYTES + 5);
    expect(clients).toEqual([[expect.stringMatching(/^(question)?$/), VERSIONS.highest]]);
    expect(test.end.heard).toEqual([]);
    await test.port.close();
    await until(() => peer.isClosed);
  });

  it('as a client where none are served is hung up on', async () => {
    const peer = peerOf(await opened()).introduce({ role: 'client' });
    await until(() => peer.isClosed);
    expect(peer.received.length).toBe(0);
  });
});

describe('another version', () => {
  it('of which none is in common: both ends say so, and the dial fails', async () => {
    const [old, young] = [
      await opened({ versions: { lowest: 1, highest: 2 } }),
      await opened({ id: 'n2', versions: { lowest: 3, highest: 4 } }),
    ];
    young.end.dial(old.end.member);
    await until(() => young.end.heard.length === 1 && old.accusations.length === 1);
    expect(young.end.heard).toEqual([{ kind: 'dial-failed', peer: 'n1' }]);
    expect(young.accusations).toEqual(['the peer speaks versions 1 to 2, this server 3 to 4']);
    expect(old.accusations).toEqual(['the peer speaks versions 3 to 4, this server 1 to 2']);
    expect(old.end.heard).toEqual([]);
  });

  it('with one in common: they talk', async () => {
    const [old, young] = [await opened(), await opened({ id: 'n2', versions: { lowest: 1, highest: 2 } })];
    young.end.dial(old.end.member);
    await until(() => young.end.links.length === 1 && old.end.links.length === 1);
    young.end.send(ping);
    old.end.send(ping);
    await until(() => young.end.frames().length + old.end.frames().length === 2);
  });
});

describe('a link on which something wrong comes', () => {
  const spoilt = bytesOf(ping);
  spoilt[16] = 1;
  it.each([
    ['a wrong checksum', spoilt, 'a frame with a wrong checksum'],
    ['a frame without end', Buffer.from(spoilt).fill(0xff), 'a control part of 4294967295 bytes'],
  ])('goes down for %s; what came before is heard, another link is left alone', async (_, bytes, why) => {
    const test = await opened();
    const bystander = await linkedPeerOf(test);
    const [other] = test.end.links;
    const peer = peerOf(test).introduce().say(bytesOf(ping), bytes, bytesOf(ping));
    await until(() => peer.isClosed && test.end.count('link-down') === 1);
    expect(test.end.heard.slice(1).map(({ kind }) => kind)).toEqual(['link-up', 'frame', 'link-down']);
    expect(test.accusations).toEqual([expect.stringContaining(why)]);
    bystander.say(bytesOf(ping));
    await until(() => test.end.frames(other).length === 1);
  });

  it('goes down at the dialling end, too', async () => {
    const test = await opened();
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (preface) => socket.write(Buffer.concat([preface, bytesOf(ping), spoilt])));
    });
    const { port } = await listen(server, ANY_PORT);
    closings.push(() => server.close());
    test.end.dial({ id: 'n9', incarnation: 1, address: `127.0.0.1:${port}` });
    await until(() => test.end.count('link-down') === 1);
    expect(test.end.heard.map(({ kind }) => kind)).toEqual(['link-up', 'frame', 'link-down']);
    expect(test.accusations).toEqual(['a frame with a wrong checksum']);
  });

  it('every kind of frame gets through in one piece with its preface', async () => {
    const test = await opened();
    const peer = peerOf(test)
      .introduce()
      .say(...sampleFrames.map(bytesOf));
    await until(() => test.end.frames().length === sampleFrames.length);
    expect(test.end.frames()).toStrictEqual(sampleFrames);
    expect(peer.isClosed).toBe(false);
  });
});

describe('a dial', () => {
  it('to somebody who accepts and says nothing fails after a time', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    const { port } = await listen(server, ANY_PORT);
    closings.push(() => server.close());
    const test = await opened({ limits: { dialMs: 20 } });
    test.end.dial({ id: 'n9', incarnation: 1, address: `127.0.0.1:${port}` });
    await until(() => test.end.heard.length === 1);
    expect(test.end.heard).toEqual([{ kind: 'dial-failed', peer: 'n9' }]);
  });

  it.each(['nowhere', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:70000', '::1:7000', ':7000', ''])(
    'to the address "%s" fails, and the reason is told',
    async (address) => {
      const test = await opened();
      test.end.dial({ id: 'n9', incarnation: 1, address });
      await until(() => test.end.heard.length === 1);
      expect(test.end.heard).toEqual([{ kind: 'dial-failed', peer: 'n9' }]);
      expect(test.accusations).toEqual([`its address cannot be dialled: "${address}"`]);
    },
  );

  it('that has failed already when the life ends is not told of any more', async () => {
    const test = await opened();
    test.end.dial({ id: 'n9', incarnation: 1, address: 'nowhere' });
    test.end.end();
    await new Promise(setImmediate);
    expect(test.end.heard).toEqual([]);
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
  it.skipIf(!hasIpv6)(`over IPv6 comes up${hasIpv6 ? '' : ' (left out: this machine has no ::1)'}`, async () => {
    const there = await opened({ at: { host: '::1', port: 0 } });
    expect(there.address).toMatch(/^\[::1\]:\d+$/);
    const here = await opened({ id: 'n2' });
    here.end.dial(there.end.member);
    await until(() => here.end.links.length === 1 && there.end.links.length === 1);
  });
});

describe('a peer that does not read', () => {
  it('has its link broken when too much waits for it', async () => {
    const test = await opened({ limits: { sendBufferBytesMax: 1_000_000 } });
    const peer = await linkedPeerOf(test);
    peer.socket.pause();
    const [link] = test.end.links;
    // More than the kernels take, and the limit, and one more.
    for (let index = 0; index < 100 && test.end.links.length > 0; index++) {
      test.end.send(chunkFrame(Buffer.alloc(200_000), index), link);
      await new Promise(setImmediate);
    }
    await until(() => test.end.count('link-down') === 1);
    expect(test.accusations).toEqual([expect.stringMatching(/does not take what it is sent/)]);
  });

  it('does not keep a closed link, or a port that closes', async () => {
    const test = await opened({ limits: { lingerMs: 30 } });
    const peer = await linkedPeerOf(test);
    peer.socket.pause();
    for (let index = 0; index < 100; index++) test.end.send(chunkFrame(Buffer.alloc(200_000), index));
    await test.port.close();
    expect(test.end.count('link-down')).toBe(0);
  });
});

describe('a ring port', () => {
  it('counts the bytes that crossed', async () => {
    const [a, b] = [await opened(), await opened({ id: 'n2' })];
    b.end.dial(a.end.member);
    await until(() => a.end.links.length === 1 && b.end.links.length === 1);
    const frame = chunkFrame(Buffer.alloc(100_000));
    a.end.send(frame);
    await until(() => b.end.frames().length === 1);
    const bytes = bytesOf(frame).length;
    expect(a.port.traffic).toEqual({ sentBytes: bytes, receivedBytes: 0 });
    expect(b.port.traffic).toEqual({ sentBytes: 0, receivedBytes: bytes });
  });

  it('serves one life at a time', async () => {
    const { port } = await opened();
    expect(() => port.begin('n1', () => undefined)).toThrow('one life at a time');
  });

  it('cannot be opened where another one is', async () => {
    const { port } = await opened();
    await expect(opened({ at: port.at })).rejects.toThrow('EADDRINUSE');
  });
});
