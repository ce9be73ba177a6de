// What an address may be: whatever else a peer registers must never reach a resolver, a header or a terminal.
import { describe, expect, it } from 'vitest';
import { hostPortText, parseHostPort } from './host-port.js';

describe('HOST:PORT', () => {
  it.each([
    '127.0.0.1:80',
    'files.example:1',
    'a_b-c.d:65535',
    '[::1]:8101',
    '[::ffff:1.2.3.4]:1',
    '[fe80::1%eth0]:7000',
  ])('%s reads back from its text', (text) => {
    expect(hostPortText(parseHostPort(text) as never)).toBe(text);
  });

  it.each([
    ...['', ':', 'a', 'a:', ':1', 'a:b', 'a:1:2', '::1:7000', '[a', '[]:1', '[::1%]:1', 'a:0', 'a:65536', 'a:123456'],
    ...['ł:7000', 'é.example:1', 'a b:1', 'a\r\nb:1', 'a:1\n', '\x1b[2J:1', 'a%00:1', 'a/b:1', 'u@a:1', '[::1]x:1'],
  ])('%j is none', (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  });

  it('has a port of its own choice only where one listens', () => {
    expect(parseHostPort('a:0', 0)).toEqual({ host: 'a', port: 0 });
    expect(parseHostPort('a:0')).toBeUndefined();
  });
});
