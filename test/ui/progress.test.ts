import { describe, expect, it } from 'vitest';
import { BufferStream } from '#test/fakes/fake-streams.ts';
import { ManualClock } from '#test/fakes/manual-clock.ts';
import { createProgress } from '#ui/progress.ts';
import { Reporter } from '#ui/reporter.ts';

function setUp(isLive: boolean) {
  const stderr = new BufferStream();
  const clock = new ManualClock();
  const reporter = new Reporter({
    stderr,
    env: {},
    color: 'never',
    isQuiet: false,
    isVerbose: false,
    debugStream: undefined,
    now: () => clock.now(),
    startedAt: clock.now(),
  });
  return { stderr, clock, progress: createProgress({ output: stderr, clock, reporter, isLive }) };
}

describe('progress in a log', () => {
  it('reports a change once', () => {
    const { stderr, progress } = setUp(false);
    progress.update('0 of 2');
    progress.update('0 of 2');
    progress.say('Something happened.');
    progress.update('1 of 2');
    progress.end();
    expect(stderr.text).toBe('0 of 2\nSomething happened.\n1 of 2\n');
  });
});

describe('progress on a terminal', () => {
  /** Returns the drawn texts, without the control sequences. */
  const drawn = (text: string) =>
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the terminal's control sequences
      .split(/(?:\r|\x1b\[\d*[A-Z])+/)
      .filter((part) => part !== '');

  it('updates one line with the elapsed time', async () => {
    const { stderr, clock, progress } = setUp(true);
    progress.update('0 of 2');
    await clock.advance(61_000);
    progress.update('1 of 2');
    progress.end();
    expect(drawn(stderr.text).slice(0, 2)).toEqual(['0:00  0 of 2', '0:01  0 of 2']);
    expect(drawn(stderr.text).at(-1)).toBe('1:01  1 of 2');
    expect(stderr.text).not.toContain('\n');
    expect(clock.timers).toEqual([]);
  });

  it('leaves a line above it', () => {
    const { stderr, progress } = setUp(true);
    progress.update('0 of 2');
    progress.say('Something happened.');
    progress.end();
    expect(drawn(stderr.text)).toEqual(['0:00  0 of 2', 'Something happened.\n', '0:00  0 of 2']);
  });

  it('never draws anything that moves the cursor, or more than fits', () => {
    const { stderr, progress } = setUp(true);
    progress.update(`\x1b[2J${'x'.repeat(100)}`);
    progress.end();
    const [line = ''] = drawn(stderr.text);
    expect(line).toHaveLength(79);
    expect(line).toContain('\\x1b[2J');
  });
});
