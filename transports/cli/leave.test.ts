// What `ppnfs leave` says of how a server went, in front of a server that only says how it stands.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { runHere } from './cli.test-kit.js';

let server: Server | undefined;
afterEach(() => server?.close());

/** It says these one after the other, and then it is gone. */
async function serverThatSays(...phases: readonly string[]): Promise<string> {
  const left = [...phases];
  const made = createServer((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(202).end('leaving');
      return;
    }
    const phase = left.shift();
    if (phase === undefined) request.socket.destroy();
    else response.end(JSON.stringify({ id: 'n1', state: 'leaving', coordinator: { address: 'tcp://a:1', phase } }));
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
}

it('has left when it hands over and goes', async () => {
  const url = await serverThatSays('connected', 'disconnected', 'connected');
  const { code, stdout, stderr } = await runHere(['leave', '--server', url], {});
  expect([code, stdout]).toEqual([0, `${url} has left\n`]);
  expect(stderr).toBe(`ppnfs leave: ${url} cannot reach the coordinator: nobody takes over without it\n`);
});

it('5 when nobody answers to a name', async () => {
  const { code, stderr } = await runHere(['leave', 'n3', '--server', 'http://127.0.0.1:1'], {});
  expect([code, stderr]).toEqual([5, 'ppnfs leave: no server answers\n']);
});

it('has left when its session was seen to end, just before it went', async () => {
  const url = await serverThatSays('connected', 'disconnected');
  expect(await runHere(['leave', '--server', url], {})).toMatchObject({ code: 0, stdout: `${url} has left\n` });
});

it('is only gone when it could hand nothing over', async () => {
  const url = await serverThatSays('connected', 'connecting', 'disconnected');
  const { code, stdout, stderr } = await runHere(['leave', '--server', url, '--json'], {});
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ left: false, end: 'gone' });
  expect(stderr.split('\n')).toEqual([
    `ppnfs leave: ${url} cannot reach the coordinator: nobody takes over without it`,
    `ppnfs leave: ${url} is gone, but has handed nothing over: the others take over when the coordinator is back`,
    '',
  ]);
});

it('goes to the server that answered, wherever it says that it is', async () => {
  const orders: string[] = [];
  const status = {
    ...{ id: 'n1', epoch: 1, incarnation: 1, ring: [], http: 'http://127.0.0.1:1', chains: { troubles: [] } },
    ...{
      traffic: { sentBytes: 0 },
      store: { diskBytes: 0 },
      coordinator: { address: 'tcp://a:1', phase: 'connected' },
    },
  };
  const made = createServer((request, response) => {
    if (request.method === 'POST') orders.push(request.url ?? '');
    response.writeHead(request.method === 'POST' ? 202 : 200).end(JSON.stringify(status));
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  const { code, stderr } = await runHere(['leave', 'n1', '--no-wait', '--server', url], {});
  expect({ code, stderr, orders }).toEqual({ code: 0, stderr: '', orders: ['/leave'] });
});
