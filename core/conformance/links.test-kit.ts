// What every kind of link does, simulated or real: one suite over its port. A harness brings the world to it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Frame } from '../frame.js';
import type { LinkId } from '../ids.js';
import { LinksEnd } from './links-end.test-kit.js';
import type { LinksHarness, LinksWorld } from './links-world.test-kit.js';

interface Stage {
  readonly world: LinksWorld;
  /** The receiver of the stream: it dials. */
  readonly a: LinksEnd;
  readonly b: LinksEnd;
}

export function linksConformance(harness: LinksHarness): void {
  describe(`the links' port: ${harness.name}`, () => {
    const ends: LinksEnd[] = [];
    let world: LinksWorld;
    beforeEach(async () => {
      world = await harness.open();
      ends.push(new LinksEnd(world.a), new LinksEnd(world.b));
    });
    afterEach(async () => {
      const present = ends.splice(0);
      for (const end of present) end.end();
      await world.settle();
      await world.close();
      expect(present.flatMap(({ violations }) => violations)).toEqual([]);
    });
    const stage = (): Stage => ({ world, a: ends[0] as LinksEnd, b: ends[1] as LinksEnd });
    dialSuite(stage);
    frameSuite(stage);
    drainSuite(stage);
    closeSuite(stage);
    breakSuite(stage);
    endSuite(stage);
  });
}

/** A control frame with a number to know it by. */
const control = (number: number): Frame => ({ kind: 'credit', epoch: 1, count: number + 1 });

/** A data frame with a number to know it by. */
function data(world: LinksWorld, number: number, length = 1000): Frame {
  const chunk = { upload: 'n1.1.1', index: number, length, checksum: 0, payload: world.payload(length, number) };
  const route = { epoch: 1, origin: 'a', lastStop: 'b' };
  return { kind: 'chunk', ...route, purpose: 'upload', shard: 0, chunk, boarding: 0, served: 0 };
}

function numberOf(frame: Frame): number {
  if (frame.kind === 'chunk') return frame.chunk.index;
  return frame.kind === 'credit' ? frame.count - 1 : -1;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
const numbersOf = (end: LinksEnd, link?: LinkId): number[] => end.frames(link).map(numberOf);

/** A dials b, and both know it. */
async function connect({ world, a, b }: Stage): Promise<{ readonly near: LinkId; readonly far: LinkId }> {
  const links = a.links.length;
  a.dial(world.b.member);
  await world.until(() => a.links.length > links && b.links.length > links);
  return { near: a.link, far: b.link };
}

function dialSuite(stage: () => Stage): void {
  it('a dial comes up at both ends, and only the dialler knows whom it is with', async () => {
    const { world, a, b } = stage();
    const { near, far } = await connect(stage());
    expect(a.heard).toEqual([{ kind: 'link-up', link: near, peer: world.b.member.id }]);
    expect(b.heard).toEqual([{ kind: 'link-up', link: far, peer: undefined }]);
  });

  it('a dial to nobody fails', async () => {
    const { world, a } = stage();
    a.dial(world.nobody);
    await world.until(() => a.heard.length > 0);
    expect(a.heard).toEqual([{ kind: 'dial-failed', peer: world.nobody.id }]);
  });

  it('a dial between two lives of the other server fails', async () => {
    const { world, a, b } = stage();
    b.end();
    a.dial(world.b.member);
    await world.until(() => a.heard.length > 0);
    expect(a.heard).toEqual([{ kind: 'dial-failed', peer: world.b.member.id }]);
  });

  it('two links between the same two are independent', async () => {
    const { world, a, b } = stage();
    const first = await connect(stage());
    const second = await connect(stage());
    expect(second.near).not.toBe(first.near);
    expect(second.far).not.toBe(first.far);
    a.send(control(1), first.near);
    a.send(control(2), second.near);
    await world.until(() => b.frames().length === 2);
    expect(numbersOf(b, first.far)).toEqual([1]);
    expect(numbersOf(b, second.far)).toEqual([2]);
    a.close(first.near);
    await world.until(() => b.count('link-down') === 1);
    b.send(control(3), second.far);
    await world.until(() => a.frames().length === 1);
    expect(b.links).toEqual([second.far]);
  });
}

function frameSuite(stage: () => Stage): void {
  it('frames come in the order of sending, whole, both ways at once', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    const count = 300;
    for (const number of numbers(count)) {
      b.send(number % 3 === 0 ? data(world, number, 1 + number * 50) : control(number));
      a.send(control(number));
    }
    await world.until(() => a.frames().length === count && b.frames().length === count);
    expect(numbersOf(a)).toEqual(numbers(count));
    expect(numbersOf(b)).toEqual(numbers(count));
  });

  it('a frame that is sent because one came is sent on its own link, and none is lost', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    const turns = 200;
    for (const end of [a, b]) {
      end.reaction = (input) => {
        if (input.kind === 'frame' && numberOf(input.frame) < turns) end.send(control(numberOf(input.frame) + 1));
      };
    }
    a.send(control(0));
    await world.until(() => a.frames().length + b.frames().length === turns + 1);
    expect(numbersOf(b)).toEqual(numbers(turns + 1).filter((number) => number % 2 === 0));
  });

  it.each([1, 63_000, 64 * 1024, 256 * 1024, 1_000_003])('a chunk of %i bytes arrives as it was', async (length) => {
    const { world, a, b } = stage();
    await connect(stage());
    const sent = [data(world, 0, length), data(world, 1, length), control(2), data(world, 3, length)];
    for (const frame of sent) b.send(frame);
    await world.until(() => a.frames().length === sent.length);
    for (const [at, frame] of a.frames().entries()) expectSame(world, frame, sent[at] as Frame);
  });

  it('a frame that came can be sent on as it came', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    const sent = data(world, 0, 100_000);
    a.reaction = (input) => input.kind === 'frame' && a.send(input.frame);
    b.send(sent);
    await world.until(() => b.frames().length === 1);
    expectSame(world, b.frames()[0] as Frame, sent);
  });
}

function expectSame(world: LinksWorld, came: Frame, sent: Frame): void {
  if (came.kind !== 'chunk' || sent.kind !== 'chunk') {
    expect(came).toEqual(sent);
    return;
  }
  expect(world.isSamePayload(came.chunk.payload, sent.chunk.payload)).toBe(true);
  const payload = undefined;
  expect({ ...came, chunk: { ...came.chunk, payload } }).toEqual({ ...sent, chunk: { ...sent.chunk, payload } });
}

function drainSuite(stage: () => Stage): void {
  it('tells once of every data frame that has left, and of no other', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    const abandon = { kind: 'abandon', epoch: 1, origin: 'a', lastStop: 'a', upload: 'n1.1.1' } as const;
    for (const number of numbers(20)) {
      b.send(data(world, number, 10_000));
      b.send(control(number));
      b.send(abandon);
    }
    a.send(control(0));
    await world.until(() => a.frames().length === 60 && b.drained() === 40);
    await world.settle();
    expect(b.drained()).toBe(40);
    expect(a.drained()).toBe(0);
  });
}

function closeSuite(stage: () => Stage): void {
  it('the peer of a link that is closed gets what was sent, then hears of it; who closed it hears nothing', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    for (const number of numbers(50)) b.send(data(world, number, 100_000));
    b.close();
    await world.until(() => a.count('link-down') === 1);
    await world.settle();
    expect(numbersOf(a)).toEqual(numbers(50));
    expect(a.heard.at(-1)?.kind).toBe('link-down');
    expect(b.count('link-down')).toBe(0);
  });

  it('also when it is the dialler that closes, and when the peer is sending', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    for (const number of numbers(50)) {
      b.send(data(world, number, 100_000));
      a.send(control(number));
    }
    a.close();
    await world.until(() => b.count('link-down') === 1);
    await world.settle();
    expect(numbersOf(b)).toEqual(numbers(50));
    expect(a.count('link-down')).toBe(0);
  });

  it('closed by both at once, nobody is told', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    a.close();
    b.close();
    await world.settle();
    expect(a.count('link-down') + b.count('link-down')).toBe(0);
  });

  it('what is sent over a link that is closed, or was never there, is without effect', async () => {
    const { world, a, b } = stage();
    const { near } = await connect(stage());
    a.close();
    a.send(control(1), near);
    a.send(control(2), near + 1_000_000);
    a.close(near);
    await world.until(() => b.count('link-down') === 1);
    await world.settle();
    expect(b.frames()).toEqual([]);
  });
}

function breakSuite(stage: () => Stage): void {
  it('a break loses a suffix of what was sent, and both ends hear of it once', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    for (const number of numbers(30)) {
      b.send(data(world, number, 200_000));
      a.send(control(number));
    }
    world.cut();
    await world.until(() => a.count('link-down') === 1 && b.count('link-down') === 1);
    await world.settle();
    expect(numbersOf(a)).toEqual(numbers(a.frames().length));
    expect(numbersOf(b)).toEqual(numbers(b.frames().length));
    expect([a.count('link-down'), b.count('link-down')]).toEqual([1, 1]);
  });

  it('it can be dialled again at once', async () => {
    const { world, a, b } = stage();
    const { near } = await connect(stage());
    world.cut();
    await world.until(() => a.count('link-down') === 1 && b.count('link-down') === 1);
    const again = await connect(stage());
    expect(again.near).not.toBe(near);
    b.send(control(7));
    await world.until(() => a.frames().length === 1);
    expect(numbersOf(a, again.near)).toEqual([7]);
  });
}

function endSuite(stage: () => Stage): void {
  it('the end of a life closes its links: the peers get what was sent, it hears nothing more', async () => {
    const { world, a, b } = stage();
    await connect(stage());
    for (const number of numbers(20)) b.send(data(world, number, 100_000));
    for (const number of numbers(20)) a.send(control(number));
    b.end();
    await world.until(() => a.count('link-down') === 1);
    expect(numbersOf(a)).toEqual(numbers(20));
  });

  it('nothing comes of a dial under way', async () => {
    const { world, a } = stage();
    a.dial(world.b.member);
    a.dial(world.nobody);
    a.end();
    await world.settle();
    expect(a.heard).toEqual([]);
  });

  it('the next life begins without links, and hears nothing of those before', async () => {
    const { world, a, b } = stage();
    const { near } = await connect(stage());
    b.send(data(world, 0, 300_000));
    a.end();
    const next = new LinksEnd(world.a);
    await world.until(() => b.count('link-down') === 1);
    next.dial(world.b.member);
    await world.until(() => next.count('link-up') === 1 && b.count('link-up') === 2);
    b.send(control(5));
    await world.until(() => next.frames().length === 1);
    expect(next.link).not.toBe(near);
    expect(numbersOf(next)).toEqual([5]);
    next.end();
    expect(next.violations).toEqual([]);
  });
}
