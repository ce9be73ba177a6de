// The queue against a plain array.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Queue } from './queue.js';

type Change = number | 'shift' | 'drop odd';
const changes = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.nat({ max: 99 }) },
    { weight: 4, arbitrary: fc.constant('shift' as const) },
    { weight: 1, arbitrary: fc.constant('drop odd' as const) },
  ),
  { maxLength: 80 },
);
const isEven = (value: number): boolean => value % 2 === 0;

function changed(queue: Queue<number>, change: Change): Queue<number> {
  if (change === 'shift') return queue.shift();
  return change === 'drop odd' ? queue.filter(isEven) : queue.push(change);
}

function changedTwin(twin: readonly number[], change: Change): readonly number[] {
  if (change === 'shift') return twin.slice(1);
  return change === 'drop odd' ? twin.filter(isEven) : [...twin, change];
}

it('agrees with an array after every change, and old versions stay as they were', () => {
  fc.assert(
    fc.property(changes, (list) => {
      let queue = Queue.empty<number>();
      let twin: readonly number[] = [];
      const versions = [{ queue, twin }];
      for (const change of list) {
        queue = changed(queue, change);
        twin = changedTwin(twin, change);
        versions.push({ queue, twin });
      }
      for (const version of versions) {
        expect([...version.queue]).toEqual(version.twin);
        expect(version.queue.size).toBe(version.twin.length);
        expect(version.queue.peek()).toBe(version.twin[0]);
      }
    }),
  );
});

it('any old version can go on in its own way', () => {
  fc.assert(
    fc.property(changes, changes, changes, (before, one, other) => {
      const shared = before.reduce(changed, Queue.empty<number>());
      const sharedTwin = before.reduce(changedTwin, [] as readonly number[]);
      for (const after of [one, other]) {
        expect([...after.reduce(changed, shared)]).toEqual(after.reduce(changedTwin, sharedTwin));
      }
    }),
  );
});

it('a filter that keeps everything gives the same queue', () => {
  const queue = Queue.empty<number>().push(2).push(4);
  expect(queue.filter(isEven)).toBe(queue);
});

it('shifted past its end it stays empty', () => {
  expect(Queue.empty<number>().push(1).shift().shift()).toBe(Queue.empty());
});
