// The story: what a person hears of, and that it stays short.
import { describe, expect, it } from 'vitest';
import * as kit from './checkers/doctored.test-kit.js';
import { ContentBook } from './clients/content.js';
import { ringView } from './clients/fake-world.test-kit.js';
import type { Step } from './scenario/scenario.js';
import { Story } from './story.js';

const { entry, id, record } = kit;

function bench() {
  const world = kit.world();
  const contents = new ContentBook();
  const story = new Story(world, contents, 100);
  const told = (level = 0) =>
    story
      .lines()
      .filter((line) => line.level <= level)
      .map(({ who, text }) => [who, text].filter((part) => part !== '').join(' '));
  return { world, contents, story, told };
}

const fault = (text: string): Step & { action: { kind: 'fault' } } => ({
  place: { line: 1, column: 1 },
  text,
  trigger: { kind: 'at', us: 0 },
  action: { kind: 'fault', fault: { kind: 'crash', power: false, who: { kind: 'all' } }, forUs: undefined },
});

describe('the story', () => {
  it('follows the operation of a step, a crash and the ring closing up', () => {
    const { world, story, told } = bench();
    const put = record({ operation: 'o1' });
    story.operationCalled(put);
    kit.tell(
      [story],
      ['n1', { fact: 'upload-started', upload: 'o1', path: '/a', operation: 'o1' }],
      ['n2', { fact: 'chunk-staged', upload: 'o1', index: 0 }],
      ['n2', { fact: 'chunk-staged', upload: 'o1', index: 1 }],
      ['n1', kit.ordered(entry(1))],
    );
    story.stepStruck(fault('crash: n1'), 1);
    story.faultStruck({ name: 'crash', hits: [{ who: 'n1', text: 'crashes' }], undo: undefined, ending: '' });
    world.runUntil(12_000);
    kit.tell(
      [story],
      ['n2', { fact: 'link-broken', side: 'in', peer: 'n1', why: 'reset' }],
      ['n2', { fact: 'view-proposed', epoch: 2, removed: ['n1'], added: [] }],
    );
    story.viewWritten(ringView(['n2', 'n3', 'n4'], [['n2', 'n3']], 2));
    kit.tell([story], ['n2', kit.ordered(entry(2, 'o1', 2))], ['n3', kit.committed(id(2, 2))]);
    expect(told()).toEqual([
      'n1 takes in /a (250 B, 3 chunks)',
      'n1 orders put /a as 1.1',
      'crash: n1',
      'n1 crashes',
      'n2 hears nothing from n1 any more (reset)',
      'n2 proposes view 2 without n1',
      'view 2: n2 → n3 → n4 (12 ms after the crash)',
      'n2 orders put /a as 2.2',
      'n3 commits /a as 2.2',
    ]);
    expect(told(1)).toContain('n2 stages the first chunk of /a');
  });

  it('tells of links that come back, not of those that come up', () => {
    const { story, told } = bench();
    kit.tell(
      [story],
      ['n1', { fact: 'link-restored', side: 'in', peer: 'n4' }],
      ['n1', { fact: 'link-broken', side: 'in', peer: 'n4', why: 'silence' }],
      ['n1', { fact: 'link-restored', side: 'in', peer: 'n4' }],
    );
    expect(told(1)).toEqual(['n1 hears nothing from n4 any more (silence)', 'n1 hears n4 again']);
  });

  it('sums up many clients, and leaves the successes of workloads to --verbose', () => {
    const { story, told } = bench();
    const step = {
      ...fault('get: /a, clients: 5'),
      action: {
        kind: 'client',
        name: undefined,
        via: undefined,
        action: { kind: 'stat', path: '/a' },
        expect: { outcome: undefined, equals: undefined },
        clients: 5,
      },
    } as const;
    const stat = { kind: 'stat', path: '/a' } as const;
    for (let i = 0; i < 5; i++) {
      const answer = i === 0 ? ({ result: 'refused', code: 'busy' } as const) : ({ result: 'absent' } as const);
      story.stepAnswered(step, record({ action: stat, answer }));
    }
    story.operationEnded(record({ purpose: 'workload', action: stat, answer: { result: 'absent' } }));
    story.operationEnded(record({ purpose: 'workload', action: stat, answer: { result: 'unknown', code: 'timeout' } }));
    expect(told()).toEqual(['5 clients stat /a: 1 refused (busy), 4 absent', 'c1 stat /a at n1: unknown (timeout)']);
    expect(told(1)).toHaveLength(8);
  });

  it('keeps its beginning and its end', () => {
    const { story } = bench();
    for (let i = 1; i <= 5000; i++) story.stepStruck(fault(`step ${i}`), 1);
    const texts = story.lines().map(({ text }) => text);
    expect(texts.length).toBeLessThan(400);
    expect(texts[0]).toBe('step 1');
    expect(texts.at(-1)).toBe('step 5000');
    const left = texts.find((text) => text.includes('left out'));
    expect(left).toBe(`${(5000 - (texts.length - 1)).toString().replace(/(\d)(\d{3})$/, '$1,$2')} lines left out here`);
  });
});
