// The printed reports as golden texts: read them as a person would.
import { describe, expect, it } from 'vitest';
import { fakeRunner, fakeScenario, fakeStory } from '../cli/fake-runs.test-kit.js';
import { internalError } from '../cli/internal-error.js';
import type { RunResult, StoryLine } from '../run-result.js';
import { reproduceCommand } from './command.js';
import { colours, wantsColour } from './palette.js';
import { type Look, storyHeader, storyLines } from './story.js';
import { quietSummaryLines, summaryLines } from './summary.js';
import { Tally } from './tally.js';
import { quietVerdictLines, verdictLines } from './verdict.js';

const look: Look = { colours: colours(false), width: 100, verbose: false };
const verbose: Look = { ...look, verbose: true };
const run = (name: string, seed: number): RunResult => ({
  ...fakeRunner(fakeScenario(name), seed, { story: true }),
  wallMs: 12.5,
});
const text = (lines: readonly string[]): string => `\n${lines.map((line) => line.trimEnd()).join('\n')}\n`;
const line = (atUs: number, voice: StoryLine['voice'], words: string): StoryLine => ({
  atUs,
  voice,
  who: 'n1',
  text: words,
  level: 0,
});

describe('story', () => {
  it('header and lines', () => {
    const scenario = fakeScenario('a file travels on while a server dies');
    expect(text([...storyHeader(scenario, 7, look), ...storyLines(fakeStory, look)])).toBe(`
  a file travels on while a server dies
  scenarios/a-file-travels-on-while-a-server-dies.yaml · seed 7 · 5 servers, chains of 3

           > step   ! fault   o ring   < answer   = check

   0.000s  > n1  put /docs/readme (README.md, 5.1 KiB)
   0.002s  ! n3  crashed
   0.009s  o     closed up without n3: epoch 2
   0.012s  < n1  stored as version 2.1
   2.100s  =     all replicas are equal
      ...  1 detail left out: --verbose shows them
`);
  });

  it('--verbose leaves nothing out', () => {
    expect(text(storyLines(fakeStory, verbose))).toBe(`
   0.000s  > n1  put /docs/readme (README.md, 5.1 KiB)
   0.001s  o n2  staged chunk 0 of 1
   0.002s  ! n3  crashed
   0.009s  o     closed up without n3: epoch 2
   0.012s  < n1  stored as version 2.1
   2.100s  =     all replicas are equal
`);
  });

  it('long lines are wrapped, control characters written out', () => {
    const words = `put /${'x'.repeat(70)} again and again \u001b[31m\n`;
    expect(text(storyLines([line(1, 'step', words)], { ...look, width: 60 }))).toBe(`
   0.000s  > n1  put
                 /xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                 xxxxxxxxxxxxxxxxxxxxxxxxxxxx again and
                 again \\x1b[31m\\n
`);
  });

  it('a long stretch of answers is folded, faults are kept', () => {
    const answers = Array.from({ length: 100 }, (_, index) =>
      line(index, index % 10 === 0 ? 'ring' : 'client', `answer ${index}`),
    );
    const story = [line(0, 'step', 'a hundred gets'), ...answers, line(200, 'fault', 'n2 crashed')];
    expect(text(storyLines(story, look))).toBe(`
   0.000s  > n1  a hundred gets
   0.000s  o n1  answer 0
   0.000s  < n1  answer 1
   0.000s  < n1  answer 2
      ...  96 lines folded (9 of the ring, 87 answers): --verbose shows them
   0.000s  < n1  answer 99
   0.000s  ! n1  n2 crashed
`);
    expect(storyLines(story, verbose)).toHaveLength(102);
  });

  it('the middle is folded last, and every line is counted', () => {
    const story = Array.from({ length: 500 }, (_, index) => line(index, 'fault', `fault ${index}`));
    const lines = storyLines(story, look);
    expect(lines).toHaveLength(61);
    expect(lines[30]).toBe('      ...  440 lines folded (440 faults): --verbose shows them');
    expect(lines[60]).toContain('fault 499');
  });
});

describe('verdict', () => {
  it('of a run that passed', () => {
    expect(text(verdictLines(run('passes', 7), look))).toBe(`
${'─'.repeat(100)}
  PASS  everything held (seed 7)

  operations  2 done · 0 refused · 0 unknown
  bytes       5.1 KiB stored · 5.1 KiB read · 30.0 MiB on links
  ring        2 epochs · longest heal 7.39 ms
  faults      1 crash · 1 split
  run         1,007 events · 2.10 s virtual · 13 ms wall · 80,600 events/s
  trace       00000004538453d7

`);
  });

  it('of a run that failed', () => {
    expect(text(verdictLines(run('fails', 7), look).slice(9))).toBe(`

  linearizable at 2.013s
    a get of /a.txt at n4 saw version 1.1 after 1.2 had been acknowledged

    | c1  put /a.txt at n1   1.204s .. 1.300s  stored 1.2
    | c2  get /a.txt at n4   1.900s .. 2.013s  saw 1.1

  See it again:  npm run sim scenarios/fails.yaml -- --seed 7 --verbose
`);
  });

  it('many violations are cut short, and counted', () => {
    const failed = run('fails', 1);
    const violations = Array.from({ length: 5 }, () => failed.violations).flat();
    const lines = text(verdictLines({ ...failed, violations }, look));
    expect(lines.match(/linearizable/g)).toHaveLength(3);
    expect(lines).toContain('and 2 violations more: --verbose shows all');
    expect(text(verdictLines({ ...failed, violations }, verbose)).match(/linearizable/g)).toHaveLength(5);
  });

  it('of a run that threw', () => {
    const threw = internalError(fakeScenario('throws'), 2, 'a broken invariant', ['at step (core/step.ts:7:1)'], 3);
    expect(text(verdictLines(threw, look).slice(1))).toBe(`
  FAIL  an expectation or invariant failed (seed 2)

  internal error
    a broken invariant

    | at step (core/step.ts:7:1)

  See it again:  npm run sim scenarios/throws.yaml -- --seed 2 --verbose
`);
  });

  it('--quiet', () => {
    expect(quietVerdictLines(run('passes', 7), look)).toEqual(['PASS passes · seed 7']);
    expect(quietVerdictLines(run('stuck', 7), look).at(-1)).toContain('-- --seed 7 --verbose');
  });
});

describe('summary', () => {
  function summary(): ReturnType<Tally['summary']> {
    const names = ['passes', 'odd seeds fail, and that under quite a long name which does not fit', 'stuck'];
    const tally = new Tally(
      names.map((name) => ({ name, file: `scenarios/${name}.yaml`, seeds: { from: 1, to: 30 } })),
    );
    for (let seed = 30; seed >= 1; seed -= 1) {
      tally.add(1, { ...run(names[1] ?? '', seed), file: 'scenarios/odd.yaml' });
      tally.add(0, run('passes', seed));
    }
    tally.add(2, run('stuck', 3));
    return tally.summary();
  }
  const elapsed = { wallMs: 4_210, workers: 2, interrupted: true };

  it('table, failures, sums', () => {
    expect(text(summaryLines(summary(), elapsed, look))).toBe(`
  scenario                              seeds  pass  fail  stuck  vacuous  events    virtual  faults
  ──────────────────────────────────────────────────────────────────────────────────────────────────
  passes                                1..30    30     -      -        -  30,465     63.0 s      60
  odd seeds fail, and that under…       1..30    15    15      -        -  30,465     63.0 s      60
  stuck                            1 of 1..30     -     -      1        -   1,003     2.10 s       1
  ──────────────────────────────────────────────────────────────────────────────────────────────────
  all                                      61    45    15      1        -  61,933  2 min 8 s     121

  faults: 61 crash · 60 split

  FAIL  odd seeds fail, and that under quite a long name which does not fit · seed 1
    linearizable at 2.013s: a get of /a.txt at n4 saw version 1.1 after 1.2 had been acknowledged
    npm run sim scenarios/odd.yaml -- --seed 1 --verbose

  FAIL  odd seeds fail, and that under quite a long name which does not fit · seed 3
    linearizable at 2.013s: a get of /a.txt at n4 saw version 1.1 after 1.2 had been acknowledged
    npm run sim scenarios/odd.yaml -- --seed 3 --verbose

  and 13 seeds more of this scenario: 5, 7, 9, 11, 13, 15, 17, 19, ...

  STUCK  stuck · seed 3
    linearizable at 2.013s: a get of /a.txt at n4 saw version 1.1 after 1.2 had been acknowledged
    npm run sim scenarios/stuck.yaml -- --seed 3 --verbose

  INTERRUPTED  so far: 61 runs: 45 passed, 15 failed, 1 stuck
  61,933 events · 2 min 8 s virtual · 4.21 s wall · 14,700 events/s on 2 workers
`);
  });

  it('--quiet keeps the failures and the last lines', () => {
    const lines = quietSummaryLines(summary(), elapsed, look);
    expect(lines.join('\n')).not.toContain('scenario  ');
    expect(lines.at(-2)).toContain('61 runs: 45 passed, 15 failed, 1 stuck');
  });

  it('fits its width', () => {
    for (const width of [70, 80, 100]) {
      const lines = summaryLines(summary(), elapsed, { ...look, width });
      const tooWide = lines.filter((one) => [...one].length > width && !one.includes('npm run sim'));
      expect(tooWide).toEqual([]);
    }
  });
});

describe('leaves', () => {
  it.each([
    ['scenarios/x.yaml', 'npm run sim scenarios/x.yaml -- --seed 1 --verbose'],
    ['my files/it’s.yaml', "npm run sim 'my files/it’s.yaml' -- --seed 1 --verbose"],
    ["it's.yaml", "npm run sim 'it'\\''s.yaml' -- --seed 1 --verbose"],
    ['-x.yaml', 'npm run sim ./-x.yaml -- --seed 1 --verbose'],
  ])('command for %s', (file, command) => {
    expect(reproduceCommand(file, 1)).toBe(command);
  });

  it.each([
    [true, {}, false, true],
    [false, {}, false, false],
    [false, { FORCE_COLOR: '1' }, false, true],
    [true, { FORCE_COLOR: '0' }, false, false],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false, false],
    [true, { NO_COLOR: '' }, false, true],
    [true, {}, true, false],
    [false, { CI: 'true' }, false, false],
  ])('colour: terminal %s, %j, --no-color %s: %s', (isTerminal, environment, flag, expected) => {
    expect(wantsColour(isTerminal, environment, flag)).toBe(expected);
  });
});
