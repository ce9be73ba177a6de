// What is particular to links over HTTP: requests that are none of the ring's, answers that are none, and clients.
import { createServer } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { PREFACE_BYTES } from '../../frames/preface.js';
import { listen } from '../listen.js';
import { bytesOf, openTestPort, RawPeer, type TestPort, type TestPortOptions } from '../raw-peer.test-kit.js';
import { openTcpRingPort } from '../tcp/ring-port.js';
import { ANY_PORT, until } from '../world.test-kit.js';
import { openHttpRingPort } from './ring-port.js';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function opened(options: TestPortOptions = {}, open = openHttpRingPort): Promise<TestPort> {
  const test = await openTestPort(open, options);
  closings.push(() => test.port.close());
  return test;
}

function peerOf({ port }: TestPort): RawPeer {
  const peer = new RawPeer(port.at);
  closings.push(() => peer.socket.destroy());
  return peer;
}

const HEAD = 'POST /ring HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
const ping = bytesOf({ kind: 'ping', epoch: 1 });

describe('who comes', () => {
  it('with another request is told that this is not the place', async () => {
    const test = await opened();
    const peer = peerOf(test).say('GET /files/a HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => peer.isClosed);
    expect(peer.received.toString()).toMatch(/^HTTP\/1.1 404 .*Files are served at another one/s);
    expect(test.accusations).toEqual(['GET /files/a is not a ring link']);
  });

  it('with no HTTP at all is hung up on', async () => {
    const test = await opened();
    const peer = peerOf(test).say('\x00\x01\x02');
    await until(() => peer.isClosed);
    expect(test.accusations).toEqual([expect.stringContaining('not HTTP')]);
  });

  it('with something else in the request is hung up on', async () => {
    const test = await opened();
    const peer = peerOf(test).say(HEAD, '3\r\nabc\r\n');
    await until(() => peer.isClosed);
    expect(test.accusations).toEqual([expect.stringContaining("not the ring's protocol")]);
    expect(test.end.heard).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['half a request', 'POST /ring HT'],
    ['a request without end', HEAD],
  ])('and says %s is hung up on after a time', async (_, bytes) => {
    const test = await opened({ limits: { prefaceMs: 20 } });
    const peer = peerOf(test).say(bytes);
    await until(() => peer.isClosed);
    expect(test.accusations).toEqual(['no preface within 20 ms']);
  });

  it('as a client of the TCP client protocol is handed over', async () => {
    const clients: string[] = [];
    const test = await opened({ onClient: (_, first) => void clients.push(Buffer.from(first).toString()) });
    const peer = peerOf(test).introduce({ role: 'client' });
    await until(() => peer.received.length === PREFACE_BYTES && clients.length === 1);
    expect(peer.isClosed).toBe(false);
  });
});

describe('a link on which something wrong comes', () => {
  it('goes down, at the accepting end', async () => {
    const test = await opened();
    const peer = peerOf(test);
    const { port } = test;
    const other = await opened({ id: 'n2' });
    other.end.dial({ id: 'n1', incarnation: 1, address: `127.0.0.1:${port.at.port}` });
    await until(() => test.end.links.length === 1);
    const preface = Buffer.from('\x89PPNFS\r\n\0\x02\0\x02\x01\0\0\0', 'latin1');
    const spoilt = Buffer.from(ping);
    spoilt[16] = 1;
    peer.say(HEAD, '10\r\n', preface, '\r\n', `${(2 * ping.length).toString(16)}\r\n`, ping, spoilt, '\r\n');
    await until(() => peer.isClosed && test.end.count('link-down') === 1);
    expect(test.end.frames().length).toBe(1);
    expect(test.accusations).toEqual(['a frame with a wrong checksum']);
    expect(test.end.links.length).toBe(1);
  });
});

describe('a dial', () => {
  it.each(['\u0142:7000', 'a b:7000', 'n1\r\n:7000', '[::1%\u0142]:7000'])(
    'to the address %j, which fits in no header, fails, and the reason is told',
    async (address) => {
      const test = await opened();
      test.end.dial({ id: 'n9', incarnation: 1, address });
      await until(() => test.end.heard.length === 1);
      expect(test.end.heard).toEqual([{ kind: 'dial-failed', peer: 'n9' }]);
      expect(test.accusations).toEqual([`its address cannot be dialled: ${JSON.stringify(address)}`]);
    },
  );

  it('to a web server fails, and the reason is told', async () => {
    const server = createServer((_, response) => void response.writeHead(405).end());
    const { port } = await listen(server, ANY_PORT);
    closings.push(() => server.close());
    const test = await opened();
    test.end.dial({ id: 'n9', incarnation: 1, address: `127.0.0.1:${port}` });
    await until(() => test.end.heard.length === 1);
    expect(test.end.heard).toEqual([{ kind: 'dial-failed', peer: 'n9' }]);
    expect(test.accusations).toEqual([
      'it answers with status 405: not a ring port over HTTP; is it run with another --link?',
    ]);
  });

  it('between servers of which one speaks TCP fails both ways', async () => {
    const [http, tcp] = [await opened(), await opened({ id: 'n2' }, openTcpRingPort)];
    http.end.dial(tcp.end.member);
    tcp.end.dial(http.end.member);
    await until(() => http.end.heard.length === 1 && tcp.end.heard.length === 1);
    await until(() => http.accusations.length === 2 && tcp.accusations.length === 2);
    expect(http.end.heard).toEqual([{ kind: 'dial-failed', peer: 'n2' }]);
    expect(tcp.end.heard).toEqual([{ kind: 'dial-failed', peer: 'n1' }]);
    // Each end is told what is wrong: nobody knows which one's log will be looked at.
    expect([...tcp.accusations].sort()).toEqual([
      expect.stringContaining('this looks like an HTTP request'),
      expect.stringContaining('this looks like an answer over HTTP: is the peer run with another --link?'),
    ]);
    expect([...http.accusations].sort()).toEqual([
      'a link over bare TCP, but this server is run with --link http',
      'it answers with status 400: not a ring port over HTTP; is it run with another --link?',
    ]);
  });

  it('to somebody who accepts and says nothing fails after a time', async () => {
    const server = createServer(() => undefined);
    const { port } = await listen(server, ANY_PORT);
    closings.push(() => server.close());
    const test = await opened({ limits: { dialMs: 20 } });
    test.end.dial({ id: 'n9', incarnation: 1, address: `127.0.0.1:${port}` });
    await until(() => test.end.heard.length === 1);
    expect(test.end.heard).toEqual([{ kind: 'dial-failed', peer: 'n9' }]);
  });
});
