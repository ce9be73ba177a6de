// The mailbox: one input is finished before the next begins, whatever its effects post, and it is bounded.
import fc from 'fast-check';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { MAILBOX_MAX, Mailbox } from './mailbox.js';
import { InvariantError } from './refusals.js';

interface Post {
  readonly id: number;
  /** Posted while this one is being worked on. */
  readonly causes: readonly Post[];
}

/** Numbers the posts in the order of their writing: parents before children. */
const { tree } = fc.letrec<{ tree: unknown[] }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, fc.constant<unknown[]>([]), fc.array(tie('tree'), { maxLength: 3 })),
}));
const posts = fc.array(tree).map((roots) => {
  let id = 0;
  const numbered = (causes: unknown[]): Post => ({
    id: id++,
    causes: causes.map((each) => numbered(each as unknown[])),
  });
  return roots.map(numbered);
});

/** What each root causes comes after it, generation by generation, before the next root. */
function inOrder(root: Post): number[] {
  const order: Post[] = [root];
  for (let i = 0; i < order.length; i++) order.push(...(order[i] as Post).causes);
  return order.map(({ id }) => id);
}

it('what an effect posts waits its turn: nothing nests and nothing overtakes', () => {
  fc.assert(
    fc.property(posts, (roots) => {
      const mailbox = new Mailbox<Post>();
      const [begun, ended]: [number[], number[]] = [[], []];
      mailbox.stream.subscribe((post) => {
        begun.push(post.id);
        for (const cause of post.causes) mailbox.post(cause);
        ended.push(post.id);
      });
      for (const root of roots) mailbox.post(root);
      expect(begun).toEqual(roots.flatMap(inOrder));
      expect(ended).toEqual(begun);
    }),
  );
});

it('a long chain of effects does not grow the stack', () => {
  const mailbox = new Mailbox<number>();
  let last = 0;
  mailbox.stream.subscribe((count) => {
    last = count;
    if (count < MAILBOX_MAX) mailbox.post(count + 1);
  });
  mailbox.post(1);
  expect(last).toBe(MAILBOX_MAX);
});

describe('an effect that loops', () => {
  function loop(posts: number): { seen: number; error: unknown; after: () => number } {
    const mailbox = new Mailbox<number>();
    let seen = 0;
    let error: unknown;
    mailbox.stream.subscribe({
      next: () => {
        seen++;
        for (let i = 0; i < posts; i++) mailbox.post(0);
      },
      error: (thrown) => (error = thrown),
    });
    mailbox.post(0);
    return {
      seen,
      error,
      after: () => {
        mailbox.post(0);
        return seen;
      },
    };
  }

  it.each([1, 2, MAILBOX_MAX + 1])('posting %i for each input, is stopped as a broken invariant', (posts) => {
    const { seen, error } = loop(posts);
    expect(error).toBeInstanceOf(InvariantError);
    expect(seen).toBeLessThanOrEqual(MAILBOX_MAX + 1);
  });

  it('does not go on after that', () => {
    const { seen, after } = loop(1);
    expect(after()).toBe(seen);
  });
});

describe('a machine that throws', () => {
  function withBreaking(): { mailbox: Mailbox<number>; seen: number[]; errors: unknown[] } {
    const mailbox = new Mailbox<number>();
    const [seen, errors]: [number[], unknown[]] = [[], []];
    const machine = map((input: number) => {
      if (input === 2) throw new Error('broken');
      return input;
    });
    mailbox.stream.pipe(machine).subscribe({
      next: (value) => {
        seen.push(value);
        if (value === 1) for (const next of [2, 3]) mailbox.post(next);
      },
      error: (error) => errors.push(error),
    });
    return { mailbox, seen, errors };
  }

  it('surfaces at once, as the error of the stream', () => {
    const { mailbox, errors } = withBreaking();
    mailbox.post(2);
    expect(errors).toEqual([new Error('broken')]);
  });

  it('works on nothing more: neither on what waits nor on what comes', () => {
    const { mailbox, seen, errors } = withBreaking();
    mailbox.post(1);
    mailbox.post(4);
    expect(seen).toEqual([1]);
    expect(errors).toHaveLength(1);
  });

  it('a new subscription begins afresh: nothing that waited is left', () => {
    const { mailbox } = withBreaking();
    mailbox.post(1);
    const seen: number[] = [];
    mailbox.stream.subscribe((value) => seen.push(value));
    mailbox.post(5);
    expect(seen).toEqual([5]);
  });
});
