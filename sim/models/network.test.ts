// Connections behave like TCP under every fault: in order, losing only suffixes, telling each end what it would learn.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { control, data, TestNet } from './network.test-kit.js';

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

describe('a dial', () => {
  it('takes a round trip, and the other end hears of it half a turn later', () => {
    const net = new TestNet();
    net.dial();
    net.runAll();
    expect(net.a.heard).toEqual(['up b']);
    expect(net.a.times).toEqual([2000]);
    expect(net.b.heard).toEqual(['up ?']);
    expect(net.b.times).toEqual([3000]);
    expect(net.a.link.link).not.toBe(net.b.link.link);
  });

  it('is refused after a round trip where no process or no such name is', () => {
    const net = new TestNet();
    net.b.listening = false;
    net.dial();
    net.network.dial(net.a, 'c', undefined);
    net.runAll();
    expect(net.a.heard).toEqual(['failed b', 'failed c']);
    expect(net.a.times).toEqual([2000, 2000]);
  });

  it('fails where the process dies before the answer', () => {
    const net = new TestNet();
    net.dial();
    net.runTo(1000);
    net.b.crash();
    net.runAll();
    expect(net.a.heard).toEqual(['failed b']);
  });

  it('is forgotten where the dialler dies', () => {
    const net = new TestNet();
    net.dial();
    net.runTo(1000);
    net.a.crash();
    net.a.restart();
    net.runAll();
    expect([net.a.heard, net.b.heard]).toEqual([[], []]);
  });

  it.each([
    ['a', 'b'],
    ['b', 'a'],
  ])('is never answered while %s > %s is silenced', (from, to) => {
    const net = new TestNet();
    net.network.path(from, to).silence(true);
    net.dial();
    net.runAll();
    net.network.heal();
    net.runAll();
    expect([net.a.heard, net.b.heard]).toEqual([[], []]);
  });

  it('waits before a held path', () => {
    const net = new TestNet();
    net.network.path('b', 'a').hold(true);
    net.dial();
    net.runAll();
    expect(net.a.heard).toEqual([]);
    net.network.path('b', 'a').hold(false);
    net.runAll();
    expect(net.a.heard).toEqual(['up b']);
  });
});

describe('a connection', () => {
  it('keeps the order of frames whose delays differ, both ways', () => {
    const net = new TestNet({ delay: { minUs: 0, maxUs: 5000 } }).connect();
    for (const i of upTo(50)) {
      net.b.link.send(i % 3 === 0 ? data(i) : control(i));
      net.a.link.send(control(i));
      net.runFor(100);
    }
    net.runAll();
    expect(net.a.frames).toEqual(upTo(50));
    expect(net.b.frames).toEqual(upTo(50));
    expect(net.books).toMatchObject({ sent: 100, delivered: 100, lost: 0 });
  });

  it('tells at once that a data frame has left where there is no rate', () => {
    const net = new TestNet().connect();
    const startUs = net.kernel.nowUs;
    net.b.link.send(data(1));
    net.b.link.send(control(2));
    expect(net.b.heard).toEqual([]);
    net.runFor(0);
    expect(net.b.heard).toEqual(['drained']);
    net.runAll();
    expect(net.a.times).toEqual([startUs + 1000, startUs + 1000]);
  });

  it('sends one frame after the other at its rate, and tells when data frames have left', () => {
    const net = new TestNet({ bytesPerSecond: 1_000_000 }).connect();
    const startUs = net.kernel.nowUs;
    net.b.link.send(data(1, 1000));
    net.b.link.send(control(2));
    net.b.link.send(data(3, 2000));
    net.runAll();
    expect(net.b.times.map((us) => us - startUs)).toEqual([1000, 3048]);
    expect(net.a.times.map((us) => us - startUs)).toEqual([2000, 2048, 4048]);
  });

  it('knows its direction: clockwise is from the accepting to the dialling end', () => {
    const net = new TestNet();
    const seen: unknown[] = [];
    net.observers.add({ sent: (from, to, _frame, bytes, clockwise) => seen.push([from, to, bytes, clockwise]) });
    net.connect();
    net.a.link.send(control(1));
    net.b.link.send(data(2, 500));
    expect(seen).toEqual([
      ['a', 'b', 48, false],
      ['b', 'a', 500, true],
    ]);
  });

  it('that is closed delivers what was sent, then tells the peer alone; what comes back is lost', () => {
    const net = new TestNet().connect();
    net.b.link.send(data(1));
    net.a.link.send(control(7));
    net.b.link.close();
    net.b.links.clear();
    net.runFor(500);
    net.a.link.send(control(8));
    net.runAll();
    expect(net.a.heard).toEqual(['frame 1', 'down']);
    expect(net.b.heard).toEqual([]);
    expect(net.books).toMatchObject({ sent: 3, delivered: 1, lost: 2 });
  });
});

describe('a reset', () => {
  it('loses only a suffix of each direction, and tells both ends after what is left', () => {
    const losses = new Set<number>();
    for (const seed of upTo(40)) {
      const net = new TestNet({ delay: { minUs: 500, maxUs: 3000 } }, seed).connect();
      for (const i of upTo(10)) {
        net.b.link.send(data(i));
        net.a.link.send(control(i));
      }
      net.network.reset('a', 'b');
      const late = net.b.link;
      net.runAll();
      late.send(data(99));
      for (const { frames, heard } of [net.a, net.b]) {
        expect(frames).toEqual(upTo(frames.length));
        expect(heard.at(-1)).toBe('down');
        expect(heard.filter((what) => what === 'down')).toHaveLength(1);
      }
      losses.add(net.a.frames.length);
      expect(net.books.sent).toBe(net.books.delivered + net.books.lost);
    }
    expect(losses.size).toBeGreaterThan(5);
    expect(losses.has(0) && losses.has(10)).toBe(true);
  });

  it('before the acceptor heard of the connection tells the dialler only', () => {
    let lostOpening = false;
    for (let seed = 0; seed < 20 && !lostOpening; seed++) {
      const early = new TestNet({}, seed);
      early.dial();
      early.runTo(2000);
      early.network.reset('a', 'b');
      early.runAll();
      expect(early.a.heard).toEqual(['up b', 'down']);
      lostOpening = early.b.heard.length === 0;
      if (!lostOpening) expect(early.b.heard).toEqual(['up ?', 'down']);
      expect(early.b.links.size).toBe(0);
    }
    expect(lostOpening).toBe(true);
  });
});

describe('hold', () => {
  it('keeps frames waiting, also those on their way, and releases them in order', () => {
    const net = new TestNet({ delay: { minUs: 0, maxUs: 2000 } }).connect();
    for (const i of upTo(5)) net.b.link.send(data(i));
    net.network.path('b', 'a').hold(true);
    net.runAll();
    for (const i of upTo(5)) net.b.link.send(data(5 + i));
    net.a.link.send(control(1));
    net.runAll();
    expect(net.a.frames).toEqual([]);
    expect(net.b.heard.filter((what) => what === 'drained')).toHaveLength(10);
    expect(net.b.frames).toEqual([1]);
    net.network.path('b', 'a').hold(false);
    net.runAll();
    expect(net.a.frames).toEqual(upTo(10));
  });

  it('keeps the news of the end waiting too', () => {
    const net = new TestNet().connect();
    net.network.path('b', 'a').hold(true);
    net.b.link.send(data(0));
    net.b.link.close();
    net.runAll();
    expect(net.a.heard).toEqual([]);
    net.network.heal();
    net.runAll();
    expect(net.a.heard).toEqual(['frame 0', 'down']);
  });
});

describe('silence', () => {
  it('loses what is sent and tells nobody; what was on its way still comes', () => {
    const net = new TestNet().connect();
    net.b.link.send(data(0));
    net.network.path('b', 'a').silence(true);
    net.b.link.send(data(1));
    net.a.link.send(control(5));
    net.runAll();
    expect(net.a.heard).toEqual(['frame 0']);
    expect(net.b.heard).toEqual(['drained', 'drained', 'frame 5']);
    expect(net.books).toMatchObject({ sent: 3, delivered: 2, lost: 1 });
  });

  it('resets at its end what has lost something, and spares what has not', () => {
    const net = new TestNet().connect();
    const spared = net.b.link;
    net.connect();
    net.network.path('b', 'a').silence(true);
    net.b.link.send(data(1));
    net.runAll();
    net.network.path('b', 'a').silence(false);
    net.runAll();
    expect(net.a.heard).toEqual(['down']);
    expect(net.b.heard.filter((what) => what === 'down')).toHaveLength(1);
    spared.send(data(2));
    net.runAll();
    expect(net.a.frames).toEqual([2]);
  });

  it.each(['crash', 'close'] as const)('hides a %s until it ends', (how) => {
    const net = new TestNet().connect();
    net.network.path('b', 'a').silence(true);
    if (how === 'crash') net.b.crash();
    else net.b.link.close();
    net.runAll();
    expect(net.a.heard).toEqual([]);
    net.network.path('b', 'a').silence(false);
    net.runAll();
    expect(net.a.heard).toEqual(['down']);
  });
});

describe('a crash', () => {
  it('loses a suffix of what was sent and all that was to come; the peer is told after the rest', () => {
    const net = new TestNet({}, 3).connect();
    for (const i of upTo(10)) net.b.link.send(data(i));
    net.a.link.send(control(1));
    net.b.crash();
    net.runAll();
    expect(net.a.frames).toEqual(upTo(net.a.frames.length));
    expect(net.a.heard.at(-1)).toBe('down');
    expect(net.b.heard).toEqual([]);
    expect(net.books.sent).toBe(net.books.delivered + net.books.lost);
  });
});

describe('overridden delays and rates', () => {
  it('count for what is sent from then on, and order is kept all the same', () => {
    const net = new TestNet().connect();
    const path = net.network.path('b', 'a');
    const startUs = net.kernel.nowUs;
    path.setDelay({ minUs: 9000, maxUs: 9000 });
    net.b.link.send(data(1));
    path.setDelay(undefined);
    net.b.link.send(data(2));
    path.setRate(1_000_000);
    net.a.link.send(control(3));
    net.runAll();
    net.b.link.send(data(4, 3000));
    net.network.heal();
    net.runAll();
    expect(net.a.times.map((us) => us - startUs)).toEqual([9000, 9000, 13_000]);
  });
});

type Deed = 'send' | 'back' | 'reset' | 'silence' | 'hold' | 'heal' | 'crash' | 'restart' | 'close' | 'dial';
const deeds: fc.Arbitrary<Deed> = fc.constantFrom(
  ...(['send', 'send', 'send', 'back', 'back', 'dial', 'dial', 'reset', 'silence', 'hold', 'heal', 'heal'] as const),
  ...(['crash', 'restart', 'restart', 'close'] as const),
);

function strike(net: TestNet, deed: Deed, number: number): void {
  const { a, b, network } = net;
  if (deed === 'send') for (const end of b.links.values()) end.send(data(number));
  else if (deed === 'back') for (const end of a.links.values()) end.send(control(number));
  else if (deed === 'reset') network.reset('a', 'b');
  else if (deed === 'silence') network.path('b', 'a').silence(true);
  else if (deed === 'hold') network.path('a', 'b').hold(true);
  else if (deed === 'heal') network.heal();
  else if (deed === 'crash' && b.listening) b.crash();
  else if (deed === 'restart' && !b.listening) b.restart();
  else if (deed === 'close' && a.links.size > 0) {
    a.link.close();
    a.links.delete(a.link.link);
  } else if (deed === 'dial') net.dial();
}

it('conserves frames, keeps their order and tells every end its end, whatever happens', () => {
  const story = fc.array(fc.tuple(deeds, fc.nat(3000)), { maxLength: 60 });
  fc.assert(
    fc.property(story, fc.nat(), (steps, seed) => {
      const net = new TestNet({ delay: { minUs: 0, maxUs: 2000 }, bytesPerSecond: 5_000_000 }, seed);
      steps.forEach(([deed, us], i) => {
        strike(net, deed, i);
        net.runFor(us);
        expect(net.books.sent).toBeGreaterThanOrEqual(net.books.delivered + net.books.lost);
      });
      net.network.heal();
      net.runAll();
      net.a.crash();
      net.runAll();
      expect(net.books.sent).toBe(net.books.delivered + net.books.lost);
      const ups = net.b.heard.filter((what) => what === 'up ?').length;
      if (!steps.some(([deed]) => deed === 'crash')) {
        expect(net.b.heard.filter((what) => what === 'down')).toHaveLength(ups);
      }
      expect(net.b.links.size).toBe(0);
    }),
  );
});
