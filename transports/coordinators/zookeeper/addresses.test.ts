// The client is given numbers, an odd number of them: of an even one it would try only every other.
import { expect, it } from 'vitest';
import { resolveServers } from './addresses.js';

it.each([
  [['127.0.0.1:1'], ['127.0.0.1:1']],
  [
    ['127.0.0.1:1', '[::1]:02'],
    ['127.0.0.1:1', '::1:2', '127.0.0.1:1'],
  ],
  [
    ['127.0.0.1:1', '127.0.0.2:1', '127.0.0.3:1', '127.0.0.1:1'],
    ['127.0.0.1:1', '127.0.0.2:1', '127.0.0.3:1'],
  ],
])('%o are told as %o', async (servers, addresses) => {
  expect(await resolveServers(servers)).toEqual({ addresses, reasons: [] });
});

it('names are asked for; those without an address are left out, and said', async () => {
  const { addresses, reasons } = await resolveServers(['localhost:1', 'no-such-host.invalid:1']);
  expect(addresses).toContain('127.0.0.1:1');
  expect(reasons.join()).toContain('no-such-host.invalid');
});

it('where nobody has an address there is none', async () => {
  expect((await resolveServers(['no-such-host.invalid:1'])).addresses).toEqual([]);
});
