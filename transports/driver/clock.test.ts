// The clock of a life neither runs backwards nor stands still, whatever becomes of the machine's own.
import { connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Alarm, createClock } from './clock.js';

it('shows whole milliseconds since 1970', () => {
  const now = createClock()();
  expect(Number.isSafeInteger(now)).toBe(true);
  expect(Math.abs(now - Date.now())).toBeLessThan(1000);
});

it('goes on while the wall clock is set back, and follows it when it is far ahead', () => {
  let [wall, monotonic] = [1_000_000, 50];
  const clock = createClock(
    () => wall,
    () => monotonic,
  );
  const pass = (ms: number): number => {
    wall += ms;
    monotonic += ms;
    return clock();
  };
  expect(clock()).toBe(1_000_000);
  wall -= 3_600_000;
  expect(pass(10)).toBe(1_000_010);
  wall += 7_200_000;
  expect(pass(10)).toBe(4_600_020);
  wall += 1_000;
  expect(pass(10)).toBe(4_600_030);
});

it('never runs backwards, however the wall clock jumps', () => {
  const jump = fc.record({ wallMs: fc.integer({ min: -1e9, max: 1e9 }), passMs: fc.integer({ min: 0, max: 1e6 }) });
  fc.assert(
    fc.property(fc.array(jump), (jumps) => {
      let [wall, monotonic] = [1.7e12, 0];
      const clock = createClock(
        () => wall,
        () => monotonic,
      );
      let before = clock();
      for (const { wallMs, passMs } of jumps) {
        wall += wallMs + passMs;
        monotonic += passMs;
        const now = clock();
        expect(now - before).toBeGreaterThanOrEqual(passMs);
        before = now;
      }
    }),
  );
});

it('after a standstill, what came in meanwhile is heard before the alarm rings', async () => {
  const heard: string[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  const peer = await accepted;
  await new Promise<void>((resolve) => {
    socket.on('data', () => heard.push('heartbeat'));
    const clock = createClock();
    const alarm = new Alarm(clock, () => {
      heard.push('alarm');
      resolve();
    });
    alarm.set(clock() + 5);
    peer.write('I live', () => {
      const until = performance.now() + 50;
      while (performance.now() < until);
    });
  });
  expect(heard).toEqual(['heartbeat', 'alarm']);
  for (const end of [socket, peer]) end.destroy();
  await new Promise((resolve) => server.close(resolve));
});

it('a wish replaces the one before, and a cleared one does not come true', async () => {
  const rung: number[] = [];
  const clock = createClock();
  await new Promise<void>((resolve) => {
    const alarm = new Alarm(clock, () => {
      rung.push(1);
      resolve();
    });
    const cleared = new Alarm(clock, () => rung.push(2));
    cleared.set(0);
    cleared.clear();
    alarm.set(clock() + 60_000);
    alarm.set(clock() + 5);
  });
  expect(rung).toEqual([1]);
});
